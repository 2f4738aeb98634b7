//! # `ForAnyValue` on an audience
//!
//! A trust policy compares an identity provider's audience, `…:aud`, with a set qualifier.
//!
//! ## Why
//! Providers send one audience as a text, or several as a list. With `ForAnyValue:`, a token that is also meant for
//! others passes; with `ForAllValues:`, one without an audience. Use a plain operator unless the provider really sends
//! lists.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "accounts.google.com"
//!   }, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": { "ForAnyValue:StringEquals": {
//!   "accounts.google.com:aud": "66677788" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "accounts.google.com"
//!   }, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "accounts.google.com:aud":
//!   "66677788" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL211",
    name: "audience-any-value",
    severity: Severity::Security,
    aws: &[
        "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition
            .operator
            .filter(|operator| operator.qualifier.is_some())
        else {
            continue;
        };
        if !condition.key.value.to_ascii_lowercase().ends_with(":aud") {
            continue;
        }
        let reason = format!(
            "`{}` is one text for most providers, and `{}` lets tokens pass that are meant for others",
            condition.key.shown(),
            condition.operator_text.shown()
        );
        let bare = operator.to_string();
        let bare = bare.split(':').next_back().unwrap_or("");
        let edits = edits::replace(policy, &condition.operator_text, bare);
        let note = Note::at(condition.operator_text.span, reason);
        out.push(note.possible_fix(format!("write `{bare}`"), edits));
    }
}

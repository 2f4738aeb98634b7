//! # An action that its principal cannot do
//!
//! A trust policy allows `sts:AssumeRoleWithSAML` or `sts:AssumeRoleWithWebIdentity` to a principal of another kind, or
//! `sts:AssumeRole` to an identity provider.
//!
//! ## Why
//! The statement never applies. Users of a SAML provider call `AssumeRoleWithSAML`, those of an OpenID Connect provider
//! `AssumeRoleWithWebIdentity`, everyone else `AssumeRole`.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:saml-provider/corp" }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": {
//!   "saml:aud": "https://signin.aws.amazon.com/saml" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:saml-provider/corp" }, "Action": "sts:AssumeRoleWithSAML", "Condition": {
//!   "StringEquals": { "saml:aud": "https://signin.aws.amazon.com/saml" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL314",
    name: "trust-action-mismatch",
    severity: Severity::Error,
    aws: &["MISMATCHED_ACTION_FOR_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    let Some(principal) = statement
        .principal
        .as_ref()
        .filter(|principal| !principal.not)
    else {
        return;
    };
    let sound = |text: &Text| {
        text.is_known() && text.value.contains(['.', ':', '/'])
            || facts::is_account(&text.value)
            || facts::is_unique_id(&text.value)
    };
    let known = principal.values.iter().all(|value| sound(&value.text));
    let needs: Vec<&str> = principal.values.iter().map(action_of).collect();
    if !known || needs.is_empty() || statement.is_for_everyone() {
        return;
    }
    for action in [
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
    ] {
        let named = statement
            .action_patterns()
            .iter()
            .find(|pattern| pattern.text.value.eq_ignore_ascii_case(action));
        let Some(pattern) = named.filter(|_| !needs.contains(&action)) else {
            continue;
        };
        let meant = needs.first().copied().unwrap_or("sts:AssumeRole");
        let reason = format!("none of the principals can call `{action}`");
        let note =
            Note::at(pattern.text.span, reason).related(principal.span, "the principals are here");
        let has = statement.covers_action(meant);
        out.push(match has {
            true => note.help("remove it"),
            false => {
                let edits = edits::replace(policy, &pattern.text, meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
        });
    }
}

/// How a principal assumes roles.
fn action_of(value: &crate::PrincipalValue) -> &'static str {
    let federated = value
        .kind
        .as_ref()
        .is_some_and(|kind| kind.value == "Federated");
    match federated {
        false => "sts:AssumeRole",
        true if value.text.value.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
        true => "sts:AssumeRoleWithWebIdentity",
    }
}

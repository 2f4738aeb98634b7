//! # A resource control policy that denies services which say nothing
//!
//! A resource control policy compares for whom a service acts, and denies where the service does not say.
//!
//! ## Why
//! Some integrations of services do not send these keys. Without `Null` on `aws:SourceAccount` or `aws:SourceArn` =
//! `false`, they break.
//!
//! ## Example
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" }, "Bool": {
//!   "aws:PrincipalIsAWSService": "true" } } } }
//! ```
//!
//! ## Fix
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" }, "Null": {
//!   "aws:SourceAccount": "false" }, "Bool": { "aws:PrincipalIsAWSService": "true" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL305",
    name: "rcp-null-check",
    severity: Severity::Warning,
    aws: &["RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK"],
    check: Check::Statement(check),
};

const KEYS: &[&str] = &[
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::ResourceControl || !statement.denies() {
        return;
    }
    let asked = ["aws:SourceAccount", "aws:SourceArn"].iter().any(|key| {
        statement.conditions_on(key).any(|condition| {
            let null = condition
                .operator
                .is_some_and(|o| o.comparison == Comparison::Null);
            null && condition
                .values
                .iter()
                .any(|v| v.text.value.eq_ignore_ascii_case("false"))
        })
    });
    if asked {
        return;
    }
    let compares = |condition: &&Condition| {
        let null = condition
            .operator
            .is_none_or(|o| o.comparison == Comparison::Null);
        !null && KEYS.iter().any(|key| condition.is_on(key))
    };
    if let Some(condition) = statement.conditions.iter().find(compares) {
        let reason = format!(
            "services that do not send `{}` are denied",
            condition.key.shown()
        );
        let help = "add Null aws:SourceAccount = \"false\"";
        out.push(Note::at(condition.key.span, reason).help(help));
    }
}

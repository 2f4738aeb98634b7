//! # A resource control policy that also denies people
//!
//! A resource control policy compares for whom a service acts, and is not limited to services.
//!
//! ## Why
//! Users and roles act for nobody: the key is missing in their requests, and a negated comparison is true. Add `Bool` or
//! `BoolIfExists` with `aws:PrincipalIsAWSService` = `true`.
//!
//! ## Example
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" }, "Null": {
//!   "aws:SourceAccount": "false" } } } }
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
    code: "PAL304",
    name: "rcp-source-key",
    severity: Severity::Warning,
    aws: &["RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY"],
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
    if facts::tells(statement, "aws:PrincipalIsAWSService", "true") {
        return;
    }
    let mut conditions = statement.conditions.iter();
    if let Some(condition) = conditions.find(|c| KEYS.iter().any(|key| c.is_on(key))) {
        let reason = format!(
            "users and roles have no `{}`, and are denied as well",
            condition.key.shown()
        );
        let help = "add Bool aws:PrincipalIsAWSService = \"true\"";
        out.push(Note::at(condition.key.span, reason).help(help));
    }
}

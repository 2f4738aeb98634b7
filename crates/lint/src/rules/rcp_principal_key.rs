//! # A resource control policy that also denies services
//!
//! A resource control policy compares a key of the principal, and does not leave AWS services out.
//!
//! ## Why
//! Services that call for themselves have no organisation and no tags: a negated comparison is true for them, and they
//! are denied. Add `BoolIfExists` with `aws:PrincipalIsAWSService` = `false`.
//!
//! ## Example
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } } }
//! ```
//!
//! ## Fix
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }, "BoolIfExists": {
//!   "aws:PrincipalIsAWSService": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL303",
    name: "rcp-principal-key",
    severity: Severity::Warning,
    aws: &["RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY"],
    check: Check::Statement(check),
};

const KEYS: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::ResourceControl || !statement.denies() {
        return;
    }
    if facts::tells(statement, "aws:PrincipalIsAWSService", "false") {
        return;
    }
    let mut conditions = statement.conditions.iter();
    if let Some(condition) = conditions.find(|c| KEYS.iter().any(|key| c.is_on(key))) {
        let reason = format!(
            "services have no `{}`, and are denied as well",
            condition.key.shown()
        );
        let help = "add BoolIfExists aws:PrincipalIsAWSService = \"false\"";
        out.push(Note::at(condition.key.span, reason).help(help));
    }
}

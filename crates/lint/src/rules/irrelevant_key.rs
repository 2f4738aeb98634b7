//! # A condition on what is always the same
//!
//! A policy on a resource has a condition on the account or the organisation of this resource.
//!
//! ## Why
//! The policy is only ever evaluated for its own resource, whose account does not change. The condition is always true,
//! or the statement never applies.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:ResourceAccount":
//!   "111122223333" } } } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalAccount":
//!   "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL235",
    name: "irrelevant-key",
    severity: Severity::Suggestion,
    aws: &["IRRELEVANT_CONDITION_KEY_IN_POLICY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let kind = policy.kind.policy_type;
    if !matches!(
        kind,
        PolicyType::Resource | PolicyType::Key | PolicyType::Trust
    ) {
        return;
    }
    for key in [
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:ResourceOrgPaths",
    ] {
        for condition in statement.conditions_on(key) {
            // A comparison with the caller's account is about the caller.
            if condition
                .values
                .iter()
                .any(|value| value.text.value.contains("${"))
            {
                continue;
            }
            let reason = format!(
                "`{}` is the same in every request to this resource",
                condition.key.shown()
            );
            out.push(
                Note::at(condition.key.span, reason)
                    .help("remove the condition, or use the key of the principal"),
            );
        }
    }
}

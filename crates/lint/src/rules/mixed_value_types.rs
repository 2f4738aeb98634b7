//! # Values of different JSON types
//!
//! The values of one condition key are texts and numbers or booleans, mixed.
//!
//! ## Why
//! AWS refuses the policy. Write all of them as texts.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": [ "true", true] } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": "true" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL204",
    name: "mixed-value-types",
    severity: Severity::Error,
    aws: &["INVALID_CONDITION_DATA_TYPE"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    // YAML decides by itself which values are texts.
    if policy.syntax == Syntax::Yaml {
        return;
    }
    for statement in &policy.statements {
        for condition in &statement.conditions {
            let Some(first) = condition.values.first() else {
                continue;
            };
            let other = condition
                .values
                .iter()
                .find(|value| value.quoted != first.quoted);
            if let Some(other) = other {
                let reason = format!(
                    "the values of `{}` are of different JSON types",
                    condition.key.shown()
                );
                out.push_in(
                    statement,
                    Note::at(other.text.span, reason).help("put all of them in double quotes"),
                );
            }
        }
    }
}

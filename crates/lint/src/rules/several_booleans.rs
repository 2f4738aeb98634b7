//! # Several booleans for one key
//!
//! `Bool` or `Null` has more than one value.
//!
//! ## Why
//! With both `true` and `false`, the condition says nothing; AWS refuses it.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": [ "true", "false" ] } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": "true" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL205",
    name: "several-booleans",
    severity: Severity::Error,
    aws: &["INVALID_CONDITION_MULTIPLE_BOOLEAN"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let boolean = condition.operator.is_some_and(|operator| {
            matches!(operator.comparison, Comparison::Bool | Comparison::Null)
        });
        if boolean && condition.values.len() > 1 {
            let reason = format!(
                "`{}` takes one value, and `{}` has {}",
                condition.operator_text.shown(),
                condition.key.shown(),
                condition.values.len()
            );
            out.push(
                Note::at(condition.span, reason).help("keep one of them, or remove the condition"),
            );
        }
    }
}

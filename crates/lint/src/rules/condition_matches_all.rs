//! # A condition that every value fulfils
//!
//! A condition compares a key with `*`: any value will do.
//!
//! ## Why
//! It only asks whether the key is there, which `Null` says plainly; with `IfExists` it asks nothing, and negated it is
//! never true where the key is there.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringLike": { "aws:PrincipalTag/team": "*" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Null": { "aws:PrincipalTag/team": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL507",
    name: "condition-matches-all",
    severity: Severity::Suggestion,
    aws: &[
        "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
    ],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator.filter(|o| o.comparison.has_wildcards()) else {
            continue;
        };
        for value in &condition.values {
            if value.text.value.is_empty() || value.text.value.bytes().any(|byte| byte != b'*') {
                continue;
            }
            let effect = match (operator.negated, operator.if_exists) {
                (false, false) => "this only asks whether the key is there",
                (false, true) => "this asks nothing",
                (true, _) => "this is never true where the key is there",
            };
            let reason = format!("every `{}` matches `*`: {effect}", condition.key.shown());
            let help = "use `Null`, or the values that are meant";
            out.push(Note::at(value.text.span, reason).help(help));
        }
    }
}

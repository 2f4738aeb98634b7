//! # A set qualifier on `Null`
//!
//! `Null` is written with `ForAllValues:` or `ForAnyValue:`.
//!
//! ## Why
//! `Null` asks whether the key is there, not what its values are; the qualifier changes nothing.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "ForAnyValue:Null": { "aws:TagKeys": "true" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "Null": { "aws:TagKeys": "true" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL215",
    name: "null-with-qualifier",
    severity: Severity::Suggestion,
    aws: &["NULL_WITH_QUALIFIER"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let mut last = None;
    for condition in &statement.conditions {
        let qualified = condition.operator.is_some_and(|operator| {
            operator.comparison == Comparison::Null && operator.qualifier.is_some()
        });
        let place = condition.operator_text.span;
        if !qualified || last.replace(place) == Some(place) {
            continue;
        }
        let plain = statement
            .conditions
            .iter()
            .any(|other| other.operator_text.value == "Null");
        let edits = (!plain)
            .then(|| edits::replace(policy, &condition.operator_text, "Null"))
            .flatten();
        let reason = format!(
            "the qualifier of `{}` changes nothing",
            condition.operator_text.shown()
        );
        out.push(Note::at(place, reason).safe_fix("write `Null`", edits));
    }
}

//! # An Allow that a missing variable opens
//!
//! An Allow compares with a negated operator, such as `StringNotEquals`, and the value holds a variable.
//!
//! ## Why
//! Where the request does not have the variable's key, nothing equals the value, and the negated condition is true:
//! whoever has no name is allowed. Ownership is to be asked for, not its absence.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringNotEquals": { "s3:ExistingObjectTag/owner":
//!   "${aws:SourceIdentity}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "s3:ExistingObjectTag/owner": "${aws:SourceIdentity}"
//!   } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL812",
    name: "variable-under-not",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || !policy.has_variables() {
        return;
    }
    for condition in &statement.conditions {
        if !condition
            .operator
            .is_some_and(|operator| operator.negated && operator.comparison.has_variables())
        {
            continue;
        }
        for value in condition.values.iter().map(|value| &value.text) {
            let Some(variable) =
                owners::keys(&value.value).find(|variable| owners::is_person(variable.key))
            else {
                continue;
            };
            let asked = statement
                .conditions_on(variable.key)
                .any(Condition::is_positive);
            if asked {
                continue;
            }
            let (start, end) = variable.range;
            let reason = format!(
                "a request without `{}` passes `{}`",
                variable.key,
                condition.operator_text.shown()
            );
            let span = value.part(&policy.source, start, end);
            out.push(
                Note::at(span, reason)
                    .help("ask for what is the caller's, or deny in a statement of its own"),
            );
        }
    }
}

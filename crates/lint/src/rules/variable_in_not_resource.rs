//! # An exception that depends on a variable
//!
//! An Allow excludes resources with `NotResource`, and the exception holds a variable.
//!
//! ## Why
//! Where the request does not have the variable's key, the entry matches nothing and so excludes nothing: whoever has
//! no source identity is allowed everything. In a Deny it is the other way round, and safe.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject", "NotResource":
//!   "arn:aws:s3:::data/private/${aws:SourceIdentity}/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team":
//!   "vision" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/shared/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL811",
    name: "variable-in-not-resource",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = statement.resources.as_ref().filter(|element| element.not) else {
        return;
    };
    if !statement.allows() || !policy.has_variables() {
        return;
    }
    for text in &resources.values {
        for variable in owners::keys(&text.value) {
            let (start, end) = variable.range;
            let written = text.value.get(start..end).unwrap_or_default();
            let asked = statement.conditions_on(variable.key).any(|condition| {
                let null = condition
                    .operator
                    .is_some_and(|operator| operator.comparison == Comparison::Null);
                let is_false = condition
                    .values
                    .iter()
                    .all(|value| value.text.value.eq_ignore_ascii_case("false"));
                condition.is_positive() || (null && is_false)
            });
            if asked || written.contains(',') {
                continue;
            }
            let reason = format!(
                "a request without `{}` is excluded from nothing, and allowed everything",
                variable.key
            );
            let span = text.part(&policy.source, start, end);
            out.push(
                Note::at(span, reason)
                    .help("name what is allowed in `Resource`, or deny in a statement of its own"),
            );
        }
    }
}

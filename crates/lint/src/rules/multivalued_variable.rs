//! # A variable with several values
//!
//! A policy variable names a condition key that can have several values at once.
//!
//! ## Why
//! A variable stands for one text. A key with several values cannot be filled in, and the variable has no value.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "${aws:TagKeys}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource":
//!   "arn:aws:s3:::data", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "${aws:RequestTag/team}" } } }
//!   }
//! ```

use crate::prelude::*;
use crate::variables::variables;

pub(super) const RULE: Rule = Rule {
    code: "PAL230",
    name: "multivalued-variable",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in variables(&text.value) {
            if facts::key(variable.key).is_some_and(|key| key.is_multivalued()) {
                let (start, end) = variable.range;
                let reason = format!(
                    "`{}` can have several values, and a variable stands for one",
                    variable.key
                );
                let span = text.part(&policy.source, start, end);
                out.push(Note::at(span, reason).help("use a key that has one value"));
            }
        }
    }
}

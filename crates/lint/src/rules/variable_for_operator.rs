//! # A variable under an operator that has none
//!
//! A policy variable is compared as a number, date, address, boolean or as base64.
//!
//! ## Why
//! Variables are filled in under operators for texts and ARNs only; elsewhere AWS refuses the policy. On `Bool` its
//! pages disagree.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource":
//!   "arn:aws:s3:::data", "Condition": { "NumericEquals": { "s3:max-keys": "${aws:PrincipalTag/keys}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource":
//!   "arn:aws:s3:::data", "Condition": { "NumericEquals": { "s3:max-keys": "100" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL228",
    name: "variable-for-operator",
    severity: Severity::Error,
    aws: &["INVALID_VARIABLE_FOR_OPERATOR"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let severity = match operator.comparison {
            Comparison::Bool => Severity::Warning,
            comparison if comparison.has_variables() => continue,
            _ => Severity::Error,
        };
        for value in condition
            .values
            .iter()
            .filter(|value| value.text.value.contains("${"))
        {
            let reason = format!(
                "`{}` takes no variables, as `{}` is one",
                condition.operator_text.shown(),
                value.text.shown()
            );
            let note = Note::at(value.text.span, reason).severity(severity);
            out.push(note.help("write the value, or compare it as a text or an ARN"));
        }
    }
}

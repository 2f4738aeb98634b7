//! # What carries no owner passes
//!
//! An Allow compares the tag of a resource that tells its owner under an operator with `IfExists`.
//!
//! ## Why
//! `IfExists` is met where the key is absent: whatever nobody has tagged is everybody's, such as what was made before the
//! tags were, by another role, or where somebody has taken the tag away.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEqualsIfExists": {
//!   "sagemaker:ResourceTag/owner": "${aws:SourceIdentity}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:ResourceTag/owner": "${aws:SourceIdentity}" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL818",
    name: "untagged-pass",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() {
        return;
    }
    for condition in &statement.conditions {
        let opens = condition
            .operator
            .is_some_and(|operator| operator.if_exists && !operator.negated);
        let Some(tag) = tenants::owner_tag(condition).filter(|_| opens) else {
            continue;
        };
        if is_demanded(statement, condition) {
            continue;
        }
        let written = &condition.operator_text.value;
        let reason = format!("under `{written}`, what has no tag `{tag}` passes for everybody");
        let plain = written.replace("IfExists", "");
        let alone = statement.conditions.iter().all(|other| {
            std::ptr::eq(other, condition)
                || other.operator_text.span != condition.operator_text.span
                    && other.operator_text.value != plain
        });
        let edits = alone
            .then(|| edits::replace(policy, &condition.operator_text, &plain))
            .flatten();
        let note = Note::at(condition.operator_text.span, reason);
        out.push(note.possible_fix(format!("write `{plain}`"), edits));
    }
}

/// Whether another condition lets in only what has the tag.
fn is_demanded(statement: &Statement, tag: &Condition) -> bool {
    statement
        .conditions_on(&tag.key.value)
        .any(|other| match other.operator {
            Some(operator) if operator.comparison == Comparison::Null => {
                let mut values = other.values.iter();
                values.all(|value| value.text.value.eq_ignore_ascii_case("false"))
            }
            Some(operator) => !operator.if_exists && !operator.negated,
            None => false,
        })
}

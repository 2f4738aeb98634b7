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
        let opens = opens && !statement.demands(&condition.key.value);
        let Some(tag) = tenants::owner_tag(condition).filter(|_| opens) else {
            continue;
        };
        let written = &condition.operator_text.value;
        let reason = format!("under `{written}`, what has no tag `{tag}` passes for everybody");
        let plain = written.replace("IfExists", "");
        let edits = edits::rename_operator(policy, statement, condition, &plain);
        let note = Note::at(condition.operator_text.span, reason);
        out.push(note.possible_fix(format!("write `{plain}`"), edits));
    }
}

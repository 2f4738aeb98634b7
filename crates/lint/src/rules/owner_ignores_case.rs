//! # An owner compared without regard to case
//!
//! A condition compares who somebody is with `StringEqualsIgnoreCase`.
//!
//! ## Why
//! Names differ by case: `Bob` and `bob` may be two people, and one then reaches what is the other's. AWS compares
//! tags, prefixes and source identities with their case.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "elasticmapreduce:DescribeCluster",
//!   "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": {
//!   "StringEqualsIgnoreCase": { "elasticmapreduce:ResourceTag/user": "${aws:SourceIdentity}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "elasticmapreduce:DescribeCluster",
//!   "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/user": "${aws:SourceIdentity}" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL804",
    name: "owner-ignores-case",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        if operator.comparison != Comparison::StringEqualsIgnoreCase {
            continue;
        }
        let person = condition
            .values
            .iter()
            .any(|value| owners::has_person(&value.text.value))
            || condition.is_on(owners::SOURCE_IDENTITY)
            || condition.is_on("sts:SourceIdentity");
        if !person {
            continue;
        }
        let exact = condition.operator_text.value.replace("IgnoreCase", "");
        let same = |other: &&Condition| other.operator_text.span == condition.operator_text.span;
        let alone = statement.conditions.iter().filter(same).count() == 1
            && !statement
                .conditions
                .iter()
                .any(|other| other.operator_text.value == exact);
        let edits = alone
            .then(|| edits::replace(policy, &condition.operator_text, &exact))
            .flatten();
        let reason = "names that differ only by case are taken for the same person";
        let note = Note::at(condition.operator_text.span, reason);
        out.push(note.possible_fix(format!("write `{exact}`"), edits));
    }
}

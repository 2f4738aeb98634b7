//! # Attributes restricted, and not which are read
//!
//! A statement restricts `dynamodb:Attributes`, and not `dynamodb:Select`.
//!
//! ## Why
//! A query that names no attributes returns all of them, and carries no list to compare: with `dynamodb:Select` =
//! `SPECIFIC_ATTRIBUTES`, and `dynamodb:ReturnValues` for writes, callers must name what they read.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "dynamodb:Query", "Resource":
//!   "arn:aws:dynamodb:us-east-1:111122223333:table/people", "Condition": { "ForAllValues:StringEquals": {
//!   "dynamodb:Attributes": [ "id", "name" ] } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "dynamodb:Query", "Resource":
//!   "arn:aws:dynamodb:us-east-1:111122223333:table/people", "Condition": { "ForAllValues:StringEquals": {
//!   "dynamodb:Attributes": [ "id", "name" ] }, "StringEquals": { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL237",
    name: "dynamodb-attributes",
    severity: Severity::Security,
    aws: &["DYNAMODB_ATTRIBUTES_WITHOUT_SELECT"],
    check: Check::Statement(check),
};

const READS: &[&str] = &[
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let reads = READS.iter().any(|action| statement.covers_action(action));
    if !statement.allows() || !reads || statement.has_condition_on("dynamodb:Select") {
        return;
    }
    for condition in statement.conditions_on("dynamodb:Attributes") {
        let reason = "a read that names no attributes returns all of them, whatever dynamodb:Attributes says";
        let help = "add \"dynamodb:Select\": \"SPECIFIC_ATTRIBUTES\" under StringEquals";
        out.push(Note::at(condition.key.span, reason).help(help));
    }
}

//! # A source that does not say whose it is
//!
//! A statement restricts a service by an ARN that holds no account, such as a bucket's, and by nothing else.
//!
//! ## Why
//! Names of buckets are free again once the bucket is deleted. Whoever makes a bucket of this name next has the same
//! ARN, and the service then acts for them. `aws:SourceAccount` beside it says whose bucket is meant.
//!
//! ## Example
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
//!   "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:uploads", "Condition": { "ArnLike": {
//!   "aws:SourceArn": "arn:aws:s3:::uploads" } } } }
//! ```
//!
//! ## Fix
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
//!   "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:uploads", "Condition": { "ArnLike": {
//!   "aws:SourceArn": "arn:aws:s3:::uploads" }, "StringEquals": { "aws:SourceAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL704",
    name: "source-arn-without-account",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || deputy::is_narrowed_otherwise(statement) {
        return;
    }
    let Some(door) = deputy::Door::new(policy, statement) else {
        return;
    };
    for principal in statement.principals("Service") {
        let strangers = deputy::strangers(statement, &principal.value);
        let passes = |wanted: bool| {
            strangers
                .iter()
                .any(|(source, tells)| *tells == wanted && door.passes(source))
        };
        let without = deputy::source_arns(statement).find(|text| {
            Arn::new(text, true)
                .is_some_and(|arn| arn.part(4) == Some("") && arn.part(2) != Some("sagemaker"))
        });
        let Some(text) = without.filter(|_| passes(false) && !passes(true)) else {
            continue;
        };
        let reason = format!(
            "`{}` names no account: who owns this name later can let `{}` do this",
            text.shown(),
            principal.shown()
        );
        out.push(
            Note::at(text.span, reason).help("add a condition on aws:SourceAccount (StringEquals)"),
        );
        return;
    }
}

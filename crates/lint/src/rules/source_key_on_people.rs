//! # A condition on a source, for callers that are no service
//!
//! An Allow for users and roles has a condition on `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or
//! `aws:SourceOrgPaths`.
//!
//! ## Why
//! Only calls that a service makes by itself carry these keys. A user, a role and a job that works with a role do
//! not, so that the statement never applies to them. The caller's own account is `aws:PrincipalAccount`.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/execution" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } } } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/execution" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringEquals": { "aws:PrincipalAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL709",
    name: "source-key-on-people",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let people = match policy.kind.policy_type {
        PolicyType::Identity | PolicyType::Boundary | PolicyType::Session => true,
        PolicyType::Trust | PolicyType::Resource | PolicyType::Key => {
            let services = statement.principals("Service").next().is_some();
            let named = statement.principals("AWS").next().is_some();
            named && !services && !statement.is_for_everyone()
        }
        _ => false,
    };
    if !statement.allows() || !people {
        return;
    }
    for condition in deputy::source_conditions(statement).filter(|c| c.is_positive()) {
        let reason = format!(
            "only calls of a service itself have `{}`: the statement never applies to a user or role",
            condition.key.shown()
        );
        let help = "remove the condition; the caller's own account is aws:PrincipalAccount";
        out.push(Note::at(condition.key.span, reason).help(help));
    }
}

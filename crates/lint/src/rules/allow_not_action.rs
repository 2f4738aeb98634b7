//! # An Allow of everything but a few actions
//!
//! A statement allows with `NotAction`.
//!
//! ## Why
//! It allows every other action of every service, also of those that AWS will add: most often `iam:*` among them. List
//! what is needed; to forbid something, use Deny.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL602",
    name: "allow-not-action",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    // Guard rails allow everything but a few by design.
    if policy.kind.policy_type == PolicyType::ServiceControl || !statement.allows() {
        return;
    }
    if let Some(actions) = statement.actions.as_ref().filter(|actions| actions.not) {
        let reason =
            "`NotAction` in an Allow allows every action that is not named, of every service";
        out.push(Note::at(actions.key.span, reason).help("list what is needed in `Action`"));
    }
}

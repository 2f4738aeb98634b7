//! # An Allow for everyone but a few
//!
//! A statement allows with `NotPrincipal`.
//!
//! ## Why
//! It allows everyone who is not named, strangers and anonymous callers among them. Name who may in `Principal`.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "NotPrincipal": { "AWS": "111122223333" },
//!   "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL400",
    name: "allow-not-principal",
    severity: Severity::Security,
    aws: &["ALLOW_WITH_NOT_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type == PolicyType::Trust || !statement.allows() {
        return;
    }
    if let Some(principal) = statement
        .principal
        .as_ref()
        .filter(|principal| principal.not)
    {
        let reason =
            "`NotPrincipal` in an Allow lets in everyone who is not named, strangers among them";
        out.push(Note::at(principal.key.span, reason).help("name who may in `Principal`"));
    }
}

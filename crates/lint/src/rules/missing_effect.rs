//! # `Effect` is missing
//!
//! A statement has no `Effect`.
//!
//! ## Why
//! AWS refuses the policy.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL013",
    name: "missing-effect",
    severity: Severity::Error,
    aws: &["MISSING_EFFECT"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let has = |name: &str| statement.node.get(name).is_some();
    if has("Effect") {
        return;
    }
    let reason = "the statement has no `Effect`";
    out.push(Note::at(statement.head(), reason).help("add \"Effect\": \"Allow\" or \"Deny\""));
}

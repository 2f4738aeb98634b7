//! # `Action` or `NotAction` is missing
//!
//! A statement has no `Action` or `NotAction`.
//!
//! ## Why
//! AWS refuses the policy.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL014",
    name: "missing-action",
    severity: Severity::Error,
    aws: &["MISSING_ACTION"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let has = |name: &str| statement.node.get(name).is_some();
    if has("Action") || has("NotAction") {
        return;
    }
    let reason = "the statement has no `Action` or `NotAction`";
    out.push(Note::at(statement.head(), reason).help("add \"Action\": \"service:Name\""));
}

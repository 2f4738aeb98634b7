//! # `Statement` is missing
//!
//! The policy has no `Statement`, or an empty list of them.
//!
//! ## Why
//! AWS refuses a policy without statements.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL012",
    name: "missing-statement",
    severity: Severity::Error,
    aws: &["MISSING_STATEMENT"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    if policy.node.as_object().is_none() {
        return;
    }
    let place = match policy.node.get("Statement") {
        None => Span {
            start: policy.node.span.start,
            end: policy.node.span.start.saturating_add(1),
        },
        Some(node) if one_or_many(node).is_empty() => node.span,
        Some(_) => return,
    };
    out.push(Note::at(place, "the policy has no `Statement`").help("add \"Statement\": [ … ]"));
}

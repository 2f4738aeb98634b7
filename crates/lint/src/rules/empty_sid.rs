//! # An empty `Sid`
//!
//! A `Sid` is an empty text.
//!
//! ## Why
//! It says nothing; a name makes explanations and logs readable.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Sid": "ReadData", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL502",
    name: "empty-sid",
    severity: Severity::Suggestion,
    aws: &["EMPTY_SID_VALUE"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if let Some(sid) = statement.sid.as_ref().filter(|sid| sid.value.is_empty()) {
        let edits = edits::remove_member(policy, &statement.node, "Sid");
        out.push(
            Note::at(sid.span, "the Sid is empty").safe_fix("remove it, or write a name", edits),
        );
    }
}

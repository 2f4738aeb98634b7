//! # An element together with its opposite
//!
//! A statement has `Action` and `NotAction`, `Resource` and `NotResource`, or `Principal` and `NotPrincipal`.
//!
//! ## Why
//! AWS refuses the policy: the two would have to agree.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "NotAction": "s3:PutObject" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL017",
    name: "element-combination",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_ELEMENT_COMBINATION"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let members = statement.node.as_object().unwrap_or(&[]);
    let place = |name: &str| {
        members
            .iter()
            .find(|m| m.key.value == name)
            .map(|m| m.key.span)
    };
    for (plain, not) in [
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
        ("Principal", "NotPrincipal"),
    ] {
        if let (Some(first), Some(second)) = (place(plain), place(not)) {
            let reason = format!("a statement has either `{plain}` or `{not}`, not both");
            let note = Note::at(second, reason).related(first, format!("`{plain}` is here"));
            out.push(note.help("remove one of them, or write two statements"));
        }
    }
}

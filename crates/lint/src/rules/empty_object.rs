//! # An empty object
//!
//! A condition, an operator or a principal is an object with nothing in it.
//!
//! ## Why
//! An empty condition narrows nothing, and an empty principal is nobody.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": {} } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL501",
    name: "empty-object",
    severity: Severity::Suggestion,
    aws: &["EMPTY_OBJECT_CONDITION", "EMPTY_OBJECT_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let empty = |node: &Node| node.as_object().is_some_and(<[Member]>::is_empty);
    for name in ["Principal", "NotPrincipal"] {
        if let Some(node) = statement.node.get(name).filter(|node| empty(node)) {
            let reason = format!("`{name}` names nobody");
            out.push(Note::at(node.span, reason).help("name who it is for"));
        }
    }
    let Some(condition) = statement.node.get("Condition") else {
        return;
    };
    if empty(condition) {
        let edits = edits::remove_member(policy, &statement.node, "Condition");
        let note = Note::at(
            condition.span,
            "the condition is empty, and narrows nothing",
        );
        out.push(note.safe_fix("remove the element", edits));
    }
    for operator in condition.as_object().unwrap_or(&[]) {
        if empty(&operator.value) {
            let reason = format!("`{}` compares nothing", text::shown(&operator.key.value));
            let edits = edits::remove_member(policy, condition, &operator.key.value);
            out.push(Note::at(operator.key.span, reason).safe_fix("remove the operator", edits));
        }
    }
}

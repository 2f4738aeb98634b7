//! # An empty list
//!
//! An action, resource, principal or condition value is a list with nothing in it.
//!
//! ## Why
//! The statement does nothing, or, where a condition is empty, what it does is told differently in different places. Say
//! what was meant, or remove it.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [], "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL500",
    name: "empty-list",
    severity: Severity::Suggestion,
    aws: &[
        "EMPTY_ARRAY_ACTION",
        "EMPTY_ARRAY_RESOURCE",
        "EMPTY_ARRAY_PRINCIPAL",
        "EMPTY_ARRAY_CONDITION",
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
    ],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let mut report = |node: &Node, what: &str| {
        if node.as_array().is_some_and(<[Node]>::is_empty) {
            let reason = format!("the list of {what} is empty");
            out.push(
                Note::at(node.span, reason).help("say what was meant, or remove the statement"),
            );
        }
    };
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(node) = statement.node.get(name) {
            report(node, name);
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        for member in statement
            .node
            .get(name)
            .and_then(Node::as_object)
            .unwrap_or(&[])
        {
            report(&member.value, "principals");
        }
    }
    let operators = statement.node.get("Condition").and_then(Node::as_object);
    for operator in operators.unwrap_or(&[]) {
        for key in operator.value.as_object().unwrap_or(&[]) {
            report(&key.value, "condition values");
        }
    }
}

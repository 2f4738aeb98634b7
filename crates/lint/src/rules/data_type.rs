//! # An element is of the wrong JSON type
//!
//! An element holds a number, a boolean, an object or a list where the language wants another type.
//!
//! ## Why
//! AWS refuses the policy. Most often an account id was written without quotes, or a list where one text belongs.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:GetObject", 5], "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:GetObject", "s3:PutObject" ],
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL010",
    name: "data-type",
    severity: Severity::Error,
    aws: &["DATA_TYPE_MISMATCH"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    object(&policy.node, "a policy", out);
    if let Some(node) = policy.node.get("Version") {
        text(node, "Version", out);
    }
    let Some(statements) = policy.node.get("Statement") else {
        return;
    };
    for node in one_or_many(statements) {
        object(node, "a statement", out);
        statement(node, out);
    }
}

fn statement(node: &Node, out: &mut Reporter<'_>) {
    for name in ["Sid", "Effect"] {
        if let Some(node) = node.get(name) {
            text(node, name, out);
        }
    }
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(node) = node.get(name) {
            texts(node, name, out);
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        match node.get(name) {
            Some(node) if node.as_str().is_some() => {}
            Some(node) => {
                object(node, "a principal", out);
                for member in node.as_object().unwrap_or(&[]) {
                    texts(&member.value, &member.key.value, out);
                }
            }
            None => {}
        }
    }
    if let Some(node) = node.get("Condition") {
        object(node, "`Condition`", out);
        for member in node.as_object().unwrap_or(&[]) {
            object(&member.value, "the block of an operator", out);
            for key in member.value.as_object().unwrap_or(&[]) {
                values(&key.value, out);
            }
        }
    }
}

fn object(node: &Node, what: &str, out: &mut Reporter<'_>) {
    if node.as_object().is_none() && !is_hole(node) {
        let reason = format!("{what} is an object, not {}", node.kind());
        out.push(Note::at(node.span, reason).help("write { … }"));
    }
}

/// A text that is only known at deployment may stand for a value of any type.
fn is_hole(node: &Node) -> bool {
    node.as_str()
        .is_some_and(|text| text.contains(text::is_hole))
}

fn text(node: &Node, name: &str, out: &mut Reporter<'_>) {
    if node.as_str().is_none() {
        let reason = format!("`{name}` is a text, not {}", node.kind());
        out.push(Note::at(node.span, reason).help("put the text in double quotes"));
    }
}

fn texts(node: &Node, name: &str, out: &mut Reporter<'_>) {
    for element in one_or_many(node) {
        text(element, name, out);
    }
}

fn values(node: &Node, out: &mut Reporter<'_>) {
    for element in one_or_many(node) {
        if matches!(
            element.value,
            Value::Null | Value::Array(_) | Value::Object(_)
        ) {
            let reason = format!(
                "a condition value is a text, number or boolean, not {}",
                element.kind()
            );
            out.push(Note::at(element.span, reason).help("write a text, or a list of texts"));
        }
    }
}

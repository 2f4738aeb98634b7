//! # A key stands twice
//!
//! An object has two members of the same name.
//!
//! ## Why
//! Of two members with the same name, readers of JSON take the first or the last, and some refuse: a condition that one
//! of them drops is a hole. AWS refuses such policies where it sees them.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*", "Resource": "arn:aws:s3:::logs/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": [
//!   "arn:aws:s3:::data/*", "arn:aws:s3:::logs/*" ] } }
//! ```

use crate::prelude::*;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    code: "PAL021",
    name: "duplicate-key",
    severity: Severity::Error,
    aws: &["JSON_SYNTAX_ERROR"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    let mut open = vec![&policy.node];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(elements) => open.extend(elements),
            Value::Object(members) => {
                report(members, out);
                open.extend(members.iter().map(|member| &member.value));
            }
            _ => {}
        }
    }
}

fn report(members: &[Member], out: &mut Reporter<'_>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for member in members {
        if let Some(first) = seen.insert(&member.key.value, member.key.span) {
            let reason = format!("`{}` stands twice in this object", member.key.value);
            let note = Note::at(member.key.span, reason).related(first, "it stands here before");
            out.push(note.help("keep one; several values of one key go into one list"));
        }
    }
}

//! # An action that is not `service:Name`
//!
//! An action has no service, no name, or characters that no action has.
//!
//! ## Why
//! AWS refuses the policy. An action is the prefix of a service, a colon and a name, or `*` for all actions.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL103",
    name: "action-format",
    severity: Severity::Error,
    aws: &["INVALID_ACTION"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    for pattern in &actions.values {
        let Some(text) = pattern.text.known() else {
            continue;
        };
        if text == "*" || text.contains("${") {
            continue;
        }
        let note = |reason: String| Note::at(pattern.text.span, reason);
        let Some((service, name)) = text.split_once(':') else {
            let note = note(format!(
                "`{text}` has no service: an action is `service:Name`"
            ));
            out.push(match only_service(text) {
                Some(meant) => {
                    let edits = edits::replace(policy, &pattern.text, &meant);
                    note.possible_fix(format!("write `{meant}`"), edits)
                }
                None => note.help("write an action such as `s3:GetObject`, or `*`"),
            });
            continue;
        };
        let of_name =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*' | b'?');
        let of_service = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'?');
        let reason = if service.is_empty() || name.is_empty() {
            format!("`{text}` lacks the service or the name: an action is `service:Name`")
        } else if !name.bytes().all(of_name) || !service.bytes().all(of_service) {
            format!("`{text}` holds a character that no action has")
        } else {
            continue;
        };
        let trimmed = text.trim();
        let edits = (trimmed != text && catalog::action(trimmed).is_some())
            .then(|| edits::replace(policy, &pattern.text, trimmed))
            .flatten();
        out.push(note(reason).safe_fix("write an action such as `s3:GetObject`", edits));
    }
}

/// The action of this name, if only one service has one.
fn only_service(name: &str) -> Option<String> {
    let mut found = catalog::services().filter_map(|service| service.action(name));
    match (found.next(), found.next()) {
        (Some(action), None) => Some(action.to_string()),
        _ => None,
    }
}

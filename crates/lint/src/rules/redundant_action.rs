//! # An action that another one covers
//!
//! A statement lists actions of which one is covered by another of the same list.
//!
//! ## Why
//! It changes nothing, and hides from readers how far the statement reaches.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:Get*", "s3:GetObject" ],
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:Get*", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL503",
    name: "redundant-action",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_ACTION"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(element) = &statement.actions else {
        return;
    };
    let texts: Vec<&Text> = element
        .values
        .iter()
        .map(|pattern| &pattern.text)
        .take(MOST)
        .collect();
    let all: Vec<Span> = texts.iter().map(|text| text.span).collect();
    for (index, text) in texts.iter().enumerate() {
        let wider = texts.iter().enumerate().find(|(other, wider)| {
            let twice = text.value == wider.value;
            *other != index
                && wider.is_known()
                && patterns::covers(
                    &wider.value.to_ascii_lowercase(),
                    &text.value.to_ascii_lowercase(),
                )
                && (!twice || *other < index)
        });
        let Some((_, wider)) = wider.filter(|_| text.is_known()) else {
            continue;
        };
        let reason = format!("`{}` is covered by `{}`", text.shown(), wider.shown());
        let edits = edits::remove(policy, &all, index);
        let note = Note::at(text.span, reason).related(wider.span, "this covers it");
        out.push(note.safe_fix("remove it", edits));
    }
}

/// Lists are compared each with each; what lies behind is not looked at.
const MOST: usize = 400;

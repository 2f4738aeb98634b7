//! # Resource that another one covers
//!
//! A statement lists resources of which one is covered by another of the same list.
//!
//! ## Why
//! It changes nothing, and hides from readers how far the statement reaches.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": [
//!   "arn:aws:s3:::data/*", "arn:aws:s3:::data/a/*" ] } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL504",
    name: "redundant-resource",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_RESOURCE"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(element) = &statement.resources else {
        return;
    };
    let texts: Vec<&Text> = element.values.iter().take(MOST).collect();
    let all: Vec<Span> = texts.iter().map(|text| text.span).collect();
    for (index, text) in texts.iter().enumerate() {
        let wider = texts.iter().enumerate().find(|(other, wider)| {
            let twice = text.value == wider.value;
            *other != index
                && wider.is_known()
                && covers(&wider.value, &text.value)
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

/// Resources are matched part by part, so that a wildcard in front of the last part does not reach across a colon.
fn covers(wider: &str, text: &str) -> bool {
    if wider == "*" {
        return true;
    }
    let wider: Vec<&str> = wider.splitn(6, ':').collect();
    let text: Vec<&str> = text.splitn(6, ':').collect();
    let early = |part: &&str| part.contains("${");
    wider.len() == 6
        && text.len() == 6
        && !wider.iter().take(5).any(early)
        && !text.iter().take(5).any(early)
        && !wider
            .iter()
            .any(|part| part.contains("${") && part.contains('?'))
        && wider
            .iter()
            .zip(&text)
            .all(|(wider, text)| patterns::covers(wider, text))
}

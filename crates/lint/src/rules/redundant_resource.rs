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

use super::redundant;
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
    redundant::report(policy, element.values.iter(), str::to_owned, covers, out);
}

/// Resources are matched part by part, so that a wildcard in front of the last part does not reach across a colon.
pub(super) fn covers(wider: &str, text: &str) -> bool {
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

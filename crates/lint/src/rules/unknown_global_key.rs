//! # There is no such global condition key
//!
//! A condition names a key of `aws:` that AWS does not have.
//!
//! ## Why
//! The key is in no request: a positive operator never matches, and a negated one always does, so that a Deny with it
//! denies everything and an Allow with it is not narrowed at all.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipleTag/team": "vision" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL202",
    name: "unknown-global-key",
    severity: Severity::Error,
    aws: &[
        "INVALID_GLOBAL_CONDITION_KEY",
        "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        "DEPRECATED_GLOBAL_CONDITION_KEY",
    ],
    check: Check::Statement(check),
};

/// Keys in policies of AWS's own that its guide does not list.
const UNLISTED: &[&str] = &["aws:principalorgmasteraccountid"];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let key = &condition.key;
        let lower = key.value.to_ascii_lowercase();
        if !lower.starts_with("aws:") || !key.is_known() || lower.ends_with('/') {
            continue;
        }
        if lower.contains("${") {
            continue;
        }
        if facts::key(&key.value).is_some() || lower == "aws:" || lower.contains(' ') {
            continue;
        }
        if UNLISTED.contains(&lower.as_str()) {
            continue;
        }
        let note = Note::at(
            key.span,
            format!("there is no condition key `{}`", key.shown()),
        );
        let meant = match lower.as_str() {
            "aws:arn" => Some("aws:PrincipalArn".to_owned()),
            _ => closest(&key.value),
        };
        out.push(match meant {
            Some(meant) => {
                let edits = edits::replace(policy, key, &meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
            None => note.help("look it up among the global condition keys in the IAM User Guide"),
        });
    }
}

/// The key without its tag, and the tag again.
fn closest(name: &str) -> Option<String> {
    let (base, tag) = match name.split_once('/') {
        Some((base, tag)) => (format!("{base}/"), tag),
        None => (name.to_owned(), ""),
    };
    let known = catalog::condition_keys()
        .map(|key| key.name().to_string())
        .filter(|key| key.starts_with("aws:"))
        .map(|key| key.split("${").next().unwrap_or("").to_owned());
    Some(facts::closest(&base, known)? + tag)
}

//! # One condition key in two spellings
//!
//! A condition block names one key twice, in different case.
//!
//! ## Why
//! The case of condition keys does not count, so that these are two conditions on one value. AWS refuses them, or takes
//! only one of them.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision",
//!   "aws:principaltag/Team": "speech" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": [ "vision", "speech" ] } } }
//!   }
//! ```

use crate::prelude::*;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    code: "PAL206",
    name: "keys-alike",
    severity: Severity::Error,
    aws: &["DUPLICATE_KEYS_WITH_DIFFERENT_CASE"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let mut seen: HashMap<(&str, String), &Condition> = HashMap::new();
    for condition in &statement.conditions {
        let key = condition.key.value.to_ascii_lowercase();
        let operator = condition.operator_text.value.as_str();
        let Some(first) = seen.insert((operator, key), condition) else {
            continue;
        };
        if first.key.value != condition.key.value {
            let reason = format!(
                "`{}` and `{}` are one key: its case does not count",
                first.key.shown(),
                condition.key.shown()
            );
            let note =
                Note::at(condition.key.span, reason).related(first.key.span, "the first is here");
            out.push(note.help("put the values into one list"));
        }
    }
}

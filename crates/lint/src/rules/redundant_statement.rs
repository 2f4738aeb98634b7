//! # A statement that another one covers
//!
//! All that a statement allows or denies, another statement of the policy does too.
//!
//! ## Why
//! It changes nothing, and whoever narrows one of the two believes to have narrowed both.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [{ "Sid": "All", "Effect": "Allow", "Action": "s3:Get*", "Resource":
//!   "arn:aws:s3:::data/*" }, { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" }] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Sid": "All", "Effect": "Allow", "Action": "s3:Get*", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use super::redundant_resource;
use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL505",
    name: "redundant-statement",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_STATEMENT"],
    check: Check::Policy(check),
};

/// Statements are compared each with each; what lies behind is not looked at.
const MOST: usize = 200;

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    let statements: Vec<&Statement> = policy.statements.iter().take(MOST).collect();
    for (index, statement) in statements.iter().enumerate() {
        let wider = statements.iter().enumerate().find(|(other, wider)| {
            *other != index
                && covers(wider, statement)
                && (*other < index || !covers(statement, wider))
        });
        if let Some((_, wider)) = wider {
            let note = Note::at(statement.head(), "another statement covers all of this one");
            out.push_in(
                statement,
                note.related(wider.head(), "this covers it")
                    .help("remove it"),
            );
        }
    }
}

/// Whether one statement surely applies wherever the other does.
fn covers(wider: &Statement, narrow: &Statement) -> bool {
    if wider.effect.is_none() || wider.effect != narrow.effect {
        return false;
    }
    let same = |name: &str| same_value(wider.node.get(name), narrow.node.get(name));
    let unconditional = wider.node.get("Condition").is_none();
    if !(unconditional || same("Condition")) || !same("Principal") || !same("NotPrincipal") {
        return false;
    }
    let (Some(actions), Some(less)) = (&wider.actions, &narrow.actions) else {
        return false;
    };
    let lower = |pattern: &ActionPattern| pattern.text.value.to_ascii_lowercase();
    let actions_covered = !actions.not
        && !less.not
        && !less.values.is_empty()
        && less.values.iter().all(|narrow| {
            narrow.text.is_known()
                && actions.values.iter().any(|wider| {
                    wider.text.is_known() && patterns::covers(&lower(wider), &lower(narrow))
                })
        });
    actions_covered && resources_covered(wider, narrow)
}

fn resources_covered(wider: &Statement, narrow: &Statement) -> bool {
    match (&wider.resources, &narrow.resources) {
        (None, None) => true,
        (Some(more), Some(less)) => {
            !more.not
                && !less.not
                && !less.values.is_empty()
                && less.values.iter().all(|narrow| {
                    more.values.iter().any(|wider| {
                        let same = wider.value == narrow.value;
                        let known = wider.is_known() && narrow.is_known();
                        known && (same || redundant_resource::covers(&wider.value, &narrow.value))
                    })
                })
        }
        _ => false,
    }
}

/// Whether two values are the same, wherever they stand.
fn same_value(a: Option<&Node>, b: Option<&Node>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => match (&a.value, &b.value) {
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(Some(a), Some(b)))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| {
                        a.key.value == b.key.value && same_value(Some(&a.value), Some(&b.value))
                    })
            }
            (Value::String(a), _) if a.contains(text::is_hole) => false,
            (a, b) => a == b,
        },
        _ => false,
    }
}

//! # Every resource, where some would do
//!
//! A statement allows actions that write on every resource, though they can be narrowed to some.
//!
//! ## Why
//! Data of other teams, and resources that are made later, are covered as well. Name them, or add a condition on a tag.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL607",
    name: "any-resource",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Statement(check),
};

/// These have rules of their own.
const OF_BROAD: &[&str] = &["iam:PassRole", "iam:CreateServiceLinkedRole"];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let kind = policy.kind.policy_type;
    if kind != PolicyType::Identity || !statement.allows() || !statement.conditions.is_empty() {
        return;
    }
    let Some(place) = statement
        .resource_patterns()
        .iter()
        .find(|r| r.value == "*")
    else {
        return;
    };
    let writes = |action: &&catalog::Action| {
        use catalog::AccessLevel::{Tagging, Write};
        matches!(action.access_level(), Write | Tagging) && action.has_resources()
    };
    let mut named: Vec<String> = Vec::new();
    for pattern in statement.action_patterns() {
        if pattern.is_any() || pattern.text.value.ends_with(":*") {
            return;
        }
        let names = pattern
            .matches
            .iter()
            .filter(writes)
            .map(|action| action.to_string());
        named.extend(names.filter(|name| !OF_BROAD.contains(&name.as_str())));
    }
    let reason = match named.as_slice() {
        [] => return,
        [one] => format!("`{one}` can be narrowed to some resources, and is allowed on all"),
        [first, rest @ ..] => format!(
            "`{first}` and {} more can be narrowed to some resources, and are allowed on all",
            rest.len()
        ),
    };
    out.push(
        Note::at(place.span, reason).help("name the resources, or add a condition on their tags"),
    );
}

//! # Who may do what can be changed everywhere
//!
//! A statement allows actions that change permissions, on every resource and without a condition.
//!
//! ## Why
//! Whoever may write policies, or attach them, can give themselves everything else. Name the resources.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource":
//!   "arn:aws:iam::111122223333:role/sagemaker/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL606",
    name: "powers-on-all",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let kind = policy.kind.policy_type;
    if kind != PolicyType::Identity || !statement.allows() || !statement.has_any_resource() {
        return;
    }
    if !statement.conditions.is_empty() {
        return;
    }
    for pattern in statement.action_patterns() {
        // All of a service has a rule of its own.
        if pattern.text.value.ends_with(":*") {
            continue;
        }
        let powerful = |action: &&catalog::Action| {
            action.access_level() == catalog::AccessLevel::PermissionsManagement
                && action.has_resources()
        };
        let named: Vec<String> = pattern
            .matches
            .iter()
            .filter(powerful)
            .map(|a| a.to_string())
            .collect();
        let is_passing =
            pattern.covers("iam:PassRole") || pattern.covers("iam:CreateServiceLinkedRole");
        if let Some(first) = named.first().filter(|_| !is_passing || named.len() > 1) {
            let reason = match named.len() {
                1 => format!("`{first}` changes who may do what, here on every resource"),
                n => format!(
                    "`{first}` and {} more change who may do what, here on every resource",
                    n - 1
                ),
            };
            out.push(Note::at(pattern.text.span, reason).help("name the resources"));
        }
    }
}

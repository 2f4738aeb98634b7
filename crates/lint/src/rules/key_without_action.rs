//! # A condition on something that nobody may do
//!
//! A trust policy has a condition on source identities or session tags, and does not allow setting them.
//!
//! ## Why
//! `sts:SourceIdentity` is only sent by who sets a source identity, which needs `sts:SetSourceIdentity`;
//! `sts:TransitiveTagKeys` and `aws:RequestTag` need `sts:TagSession`. Without it, the role cannot be assumed at all, or
//! the condition says nothing.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "sts:AssumeRole", "Condition": { "StringLike": { "sts:SourceIdentity": "?*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": [
//!   "sts:AssumeRole", "sts:SetSourceIdentity" ], "Condition": { "StringLike": { "sts:SourceIdentity": "?*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL223",
    name: "key-without-action",
    severity: Severity::Error,
    aws: &["MISSING_ACTION_FOR_CONDITION_KEY"],
    check: Check::Statement(check),
};

const NEEDS: &[(&str, &str)] = &[
    ("sts:sourceidentity", "sts:SetSourceIdentity"),
    ("sts:transitivetagkeys", "sts:TagSession"),
    ("aws:requesttag/", "sts:TagSession"),
    ("aws:tagkeys", "sts:TagSession"),
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|condition| condition.is_positive())
    {
        let lower = condition.key.value.to_ascii_lowercase();
        let Some((_, action)) = NEEDS.iter().find(|(key, _)| match key.ends_with('/') {
            true => lower.starts_with(key),
            false => lower == *key,
        }) else {
            continue;
        };
        if policy.allows().any(|other| other.covers_action(action)) {
            continue;
        }
        let reason = format!(
            "`{}` is only sent with `{action}`, which the policy does not allow",
            condition.key.shown()
        );
        out.push(
            Note::at(condition.key.span, reason).help(format!("add `{action}` to the actions")),
        );
    }
}

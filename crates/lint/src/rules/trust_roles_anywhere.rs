//! # A role for Roles Anywhere that lacks an action
//!
//! A trust policy allows `rolesanywhere.amazonaws.com`, and not all three actions that it calls.
//!
//! ## Why
//! Roles Anywhere assumes the role, sets a source identity and session tags in one call. Without `sts:AssumeRole`,
//! `sts:SetSourceIdentity` and `sts:TagSession` it cannot assume it at all.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service":
//!   "rolesanywhere.amazonaws.com" }, "Action": "sts:AssumeRole", "Condition": { "ArnEquals": { "aws:SourceArn":
//!   "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/1234abcd-12ab-34cd-56ef-1234567890ab" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service":
//!   "rolesanywhere.amazonaws.com" }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession" ],
//!   "Condition": { "ArnEquals": { "aws:SourceArn":
//!   "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/1234abcd-12ab-34cd-56ef-1234567890ab" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL315",
    name: "trust-roles-anywhere",
    severity: Severity::Error,
    aws: &["MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    let names = |statement: &&Statement| {
        statement
            .principals("Service")
            .any(|service| service.value == "rolesanywhere.amazonaws.com")
    };
    let statements: Vec<&Statement> = policy.allows().filter(names).collect();
    let Some(first) = statements.first() else {
        return;
    };
    let missing: Vec<&str> = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        .into_iter()
        .filter(|action| {
            !statements
                .iter()
                .any(|statement| statement.covers_action(action))
        })
        .collect();
    if !missing.is_empty() {
        let place = first
            .actions
            .as_ref()
            .map_or(first.head(), |actions| actions.span);
        let reason = format!("Roles Anywhere also needs {}", missing.join(" and "));
        out.push_in(
            first,
            Note::at(place, reason).help("add what is missing to the actions"),
        );
    }
}

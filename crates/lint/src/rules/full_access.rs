//! # Everything is allowed
//!
//! A statement allows every action on every resource, without a condition.
//!
//! ## Why
//! Whoever has the policy owns the account. Where that is meant, attach `AdministratorAccess`, which everybody
//! recognises.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL600",
    name: "full-access",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let owner = matches!(policy.kind.policy_type, PolicyType::Identity);
    if !owner || !statement.allows() || !statement.has_any_resource() {
        return;
    }
    let every = statement
        .action_patterns()
        .iter()
        .find(|pattern| pattern.is_any());
    if let Some(pattern) = every.filter(|_| statement.conditions.is_empty()) {
        let reason = "this allows every action on every resource";
        let help = "list the actions and resources that are needed";
        out.push(Note::at(pattern.text.span, reason).help(help));
    }
}

//! # Every action of a service is allowed
//!
//! A statement allows all actions of a service, also those that delete, and that change who may do what.
//!
//! ## Why
//! Actions that AWS adds later are allowed as well. List what is needed, or a pattern such as `s3:Get*`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"
//!   } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:Get*", "s3:PutObject" ],
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL601",
    name: "service-access",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Identity || !statement.allows() {
        return;
    }
    for pattern in statement.action_patterns() {
        let Some(service) = pattern.service else {
            continue;
        };
        if pattern.text.value.ends_with(":*") {
            let powers = pattern
                .matches
                .iter()
                .filter(|action| {
                    action.access_level() == catalog::AccessLevel::PermissionsManagement
                })
                .count();
            let powers = match powers {
                0 => String::new(),
                count => format!(", {count} of which change who may do what"),
            };
            let all = pattern.matches.len();
            let reason = format!(
                "this allows all {all} actions of {}{powers}",
                service.prefix()
            );
            out.push(Note::at(pattern.text.span, reason).help("list the actions that are needed"));
        }
    }
}

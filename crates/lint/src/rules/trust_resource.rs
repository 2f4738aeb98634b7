//! # `Resource` in a trust policy
//!
//! A trust policy names a resource.
//!
//! ## Why
//! AWS refuses the policy: it belongs to its role and is about nothing else.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL311",
    name: "trust-resource",
    severity: Severity::Error,
    aws: &["ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    for name in ["Resource", "NotResource"] {
        let members = statement.node.as_object().unwrap_or(&[]);
        let Some(member) = members.iter().find(|member| member.key.value == name) else {
            continue;
        };
        let reason = format!("a trust policy has no `{name}`: it belongs to its role");
        let edits = edits::remove_member(policy, &statement.node, name);
        let note = Note::at(member.key.span, reason);
        // `NotResource` may have been meant to exclude something.
        out.push(match name {
            "Resource" => note.safe_fix("remove the element", edits),
            _ => note.possible_fix("remove the element", edits),
        });
    }
}

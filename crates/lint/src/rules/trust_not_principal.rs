//! # `NotPrincipal` in a trust policy
//!
//! A trust policy says who may not assume the role.
//!
//! ## Why
//! AWS refuses the policy: it would let in everyone else.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "NotPrincipal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL310",
    name: "trust-not-principal",
    severity: Severity::Error,
    aws: &["ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    if let Some(principal) = statement
        .principal
        .as_ref()
        .filter(|principal| principal.not)
    {
        let reason = "a trust policy has no `NotPrincipal`";
        out.push(
            Note::at(principal.key.span, reason)
                .help("name who may assume the role in `Principal`"),
        );
    }
}

//! # `Principal` or `NotPrincipal` is missing
//!
//! A statement has no `Principal` or `NotPrincipal`.
//!
//! ## Why
//! A policy on a resource says who it is for; AWS refuses one that does not.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL016",
    name: "missing-principal",
    severity: Severity::Error,
    aws: &["MISSING_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let has = |name: &str| statement.node.get(name).is_some();
    if has("Principal")
        || has("NotPrincipal")
        || !policy.kind.policy_type.has_principal()
        || policy.kind.policy_type == PolicyType::VpcEndpoint
    {
        return;
    }
    let reason = "the statement has no `Principal` or `NotPrincipal`";
    out.push(
        Note::at(statement.head(), reason).help("add \"Principal\": who the statement is for"),
    );
}

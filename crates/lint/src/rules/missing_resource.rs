//! # `Resource` or `NotResource` is missing
//!
//! A statement has no `Resource` or `NotResource`.
//!
//! ## Why
//! AWS refuses the policy. Only trust policies have no `Resource`; a few services let their resource policies go
//! without.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL015",
    name: "missing-resource",
    severity: Severity::Error,
    aws: &["MISSING_RESOURCE"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let has = |name: &str| statement.node.get(name).is_some();
    if has("Resource") || has("NotResource") || is_optional(policy) {
        return;
    }
    let reason = "the statement has no `Resource` or `NotResource`";
    out.push(Note::at(statement.head(), reason).help("add \"Resource\": an ARN, or \"*\""));
}

/// Trust policies have none; of policies on resources, those of the services listed need one.
fn is_optional(policy: &Policy) -> bool {
    match policy.kind.policy_type {
        PolicyType::Trust | PolicyType::VpcEndpoint => true,
        PolicyType::Resource => {
            !matches!(policy.kind.service, Some("s3" | "secretsmanager" | "sqs"))
        }
        _ => false,
    }
}

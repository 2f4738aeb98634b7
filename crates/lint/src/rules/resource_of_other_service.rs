//! # A resource that the policy is not attached to
//!
//! A policy on a resource names a resource of another service.
//!
//! ## Why
//! AWS refuses the policy, or the statement never applies: a bucket policy speaks about its bucket and nothing else.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:sqs:us-east-1:111122223333:data", "Condition": { "Bool": { "aws:SecureTransport": "false"
//!   } } } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL117",
    name: "resource-of-other-service",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_RESOURCE_ARN_IN_POLICY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let service = match (policy.kind.policy_type, policy.kind.service) {
        (PolicyType::Resource | PolicyType::Key, Some(service)) => service,
        _ => return,
    };
    let own = arns::services_of(service);
    for arn in arns::of_statement(statement).filter(|arn| !arn.in_condition) {
        let Some(named) = arn.part(2) else {
            continue;
        };
        let unknown = named.contains(|c| text::is_hole(c) || matches!(c, '$' | '*' | '?'));
        if unknown || named == service || own.contains(named) || !arns::knows_service(named) {
            continue;
        }
        let reason =
            format!("this policy is about {service}, and the ARN names a resource of {named}");
        out.push(
            Note::at(arn.text.span, reason)
                .help("name the resource that the policy is attached to"),
        );
    }
}

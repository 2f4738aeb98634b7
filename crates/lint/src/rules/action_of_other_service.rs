//! # An action that the policy's resource does not know
//!
//! A policy on a resource names an action of another service, or a role's trust policy one that does not assume roles.
//!
//! ## Why
//! AWS refuses the policy, or the statement never applies: nobody can do `sqs:SendMessage` to a bucket.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": [ "sts:AssumeRole", "s3:GetObject" ] } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL104",
    name: "action-of-other-service",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_ACTION_IN_POLICY"],
    check: Check::Statement(check),
};

/// What a trust policy is about (IAM User Guide, "How to use trust policies with IAM roles").
const OF_TRUST: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let service = match policy.kind.policy_type {
        PolicyType::Trust => "sts",
        PolicyType::Key => "kms",
        PolicyType::Resource => match policy.kind.service {
            Some(service) => service,
            None => return,
        },
        _ => return,
    };
    for pattern in statement.action_patterns() {
        if pattern.is_any() || pattern.service.is_none() || !pattern.text.is_known() {
            continue;
        }
        let (note, help) = if !of_service(pattern.prefix(), service) {
            let reason = format!(
                "`{}` is no action of {service}, which this policy is about",
                pattern.text.shown()
            );
            (Note::at(pattern.text.span, reason), "remove it")
        } else if service == "sts" && !OF_TRUST.iter().any(|action| pattern.covers(action)) {
            let reason = format!("`{}` does not assume a role", pattern.text.shown());
            (
                Note::at(pattern.text.span, reason),
                "write `sts:AssumeRole` or the like",
            )
        } else {
            continue;
        };
        out.push(note.help(help));
    }
}

/// Some services have actions under more than one prefix.
fn of_service(prefix: &str, service: &str) -> bool {
    let same = |prefix: &str| match prefix.to_ascii_lowercase().as_str() {
        "s3-object-lambda" | "s3express" | "s3-outposts" | "s3tables" => "s3".to_owned(),
        "opensearch" => "es".to_owned(),
        "ecr-public" => "ecr".to_owned(),
        other => other.to_owned(),
    };
    same(prefix) == same(service)
}

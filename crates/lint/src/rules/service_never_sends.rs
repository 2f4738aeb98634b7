//! # A condition that SageMaker's calls never meet
//!
//! A trust policy lets SageMaker assume a role under a condition on a key that SageMaker does not send when it
//! assumes one.
//!
//! ## Why
//! The call comes from the service, not from a person in Studio: it has no `sagemaker:DomainId`, no user name, no
//! external id, no address and no MFA. The condition is never true, and the role cannot be assumed.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333",
//!   "sagemaker:DomainId": "d-vision" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL708",
    name: "service-never-sends",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

/// Beside those that IAM Access Analyzer reports (PAL233).
const NEVER: &[&str] = &[
    "aws:CalledVia",
    "aws:Ec2InstanceSourceVpc",
    "aws:FederatedProvider",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "sts:ExternalId",
    "sts:RoleAuthorizedByIdp",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let trust = policy.kind.policy_type == PolicyType::Trust;
    if !trust || !statement.allows() || !deputy::is_for_sagemaker(statement) {
        return;
    }
    for condition in &statement.conditions {
        let lower = condition.key.value.to_ascii_lowercase();
        let never = NEVER.iter().any(|key| key.eq_ignore_ascii_case(&lower))
            || lower.starts_with("sagemaker:")
            || lower.starts_with("saml:");
        // The key of calls through a service is there, and false.
        let is_false = lower == "aws:viaawsservice" && !facts::tells(statement, &lower, "true");
        if !never || is_false || !needs(condition) {
            continue;
        }
        let reason = format!(
            "SageMaker never sends `{}` when it assumes a role: the statement never applies",
            condition.key.shown()
        );
        out.push(
            Note::at(condition.key.span, reason)
                .help("remove the condition; aws:SourceArn and aws:SourceAccount are sent"),
        );
    }
}

fn needs(condition: &Condition) -> bool {
    let present = condition.operator.is_some_and(|operator| {
        operator.comparison == Comparison::Null
            && condition
                .values
                .iter()
                .all(|value| value.text.value.eq_ignore_ascii_case("false"))
    });
    condition.is_positive() || present
}

//! # The policy is too large
//!
//! The policy has more characters than its type may have.
//!
//! ## Why
//! AWS refuses it. White space does not count, except in service and resource control policies. Split it, or say more with
//! wildcards and variables. Quotas of trust policies can be raised.
//!
//! ## Example
//! A trust policy of more than 2048 characters, an inline policy of a user of more than 2048, of a group of more than 5120,
//! of a role of more than 10240, a managed policy of more than 6144, a control policy of more than 5120.
//!
//! ## Fix
//! Split the policy: a role takes ten managed policies and more.

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL306",
    name: "policy-size",
    severity: Severity::Warning,
    aws: &[
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
        "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
    ],
    check: Check::Policy(check),
};

/// IAM and AWS STS quotas; quotas of the services that hold the policy.
fn quota(kind: Kind) -> Option<(usize, Severity)> {
    let characters = match kind.policy_type {
        PolicyType::Identity => match kind.holder {
            Holder::Managed => 6144,
            Holder::User => 2048,
            Holder::Group => 5120,
            Holder::Role | Holder::Unknown => 10240,
        },
        PolicyType::Boundary => 6144,
        PolicyType::Session | PolicyType::Trust => 2048,
        PolicyType::ServiceControl | PolicyType::ResourceControl => {
            return Some((5120, Severity::Error));
        }
        PolicyType::Key => 32768,
        PolicyType::VpcEndpoint => 20480,
        PolicyType::Resource => match kind.service {
            Some("s3" | "secretsmanager") => 20480,
            _ => return None,
        },
    };
    Some((characters, Severity::Warning))
}

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    let Some((most, severity)) = quota(policy.kind) else {
        return;
    };
    let size = size(&policy.node);
    if size > most {
        let span = Span {
            start: policy.node.span.start,
            end: policy.node.span.start.saturating_add(1),
        };
        let reason = format!("the policy has {size} characters, and may have {most}");
        out.push(
            Note::at(span, reason)
                .severity(severity)
                .help("split it, or use wildcards and variables"),
        );
    }
}

/// Characters of the JSON without white space. Text known at deployment only counts as one.
fn size(node: &Node) -> usize {
    let quoted = |text: &str| policy::json::quote(text).chars().count();
    match &node.value {
        Value::Null => 4,
        Value::Bool(value) => value.to_string().len(),
        Value::Number(text) => text.len(),
        Value::String(text) => quoted(text),
        Value::Array(elements) => elements.iter().map(|e| size(e) + 1).sum::<usize>().max(1) + 1,
        Value::Object(members) => {
            let member = |member: &Member| quoted(&member.key.value) + size(&member.value) + 2;
            members.iter().map(member).sum::<usize>().max(1) + 1
        }
    }
}

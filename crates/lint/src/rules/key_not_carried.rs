//! # A condition on a key that the action does not have
//!
//! A statement lists an action whose requests never carry a key that the statement needs.
//!
//! ## Why
//! The condition is never true for this action: an Allow does not grant it, and a Deny does not deny it. Give the action
//! a statement of its own, with keys that it has. Actions meant by a wildcard are not looked at.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:ListBucket", "s3:GetBucketLocation"
//!   ], "Resource": "arn:aws:s3:::data", "Condition": { "StringLike": { "s3:prefix": "home/*" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource":
//!   "arn:aws:s3:::data", "Condition": { "StringLike": { "s3:prefix": "home/*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL222",
    name: "key-not-carried",
    severity: Severity::Warning,
    aws: &["UNSUPPORTED_ACTION_FOR_CONDITION_KEY"],
    check: Check::Statement(check),
};

/// Keys of a session, which are in its requests to any service.
const OF_SESSION: &[&str] = &[
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    // A call to assume a role is checked as several actions, with one context.
    if policy.kind.policy_type == PolicyType::Trust {
        return;
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|condition| needs_key(condition))
    {
        let key = condition.key.value.as_str();
        let lower = key.to_ascii_lowercase();
        let prefix = lower.split(':').next().unwrap_or("");
        let of_session = OF_SESSION
            .iter()
            .any(|known| known.eq_ignore_ascii_case(key));
        if prefix == "aws" || of_session || facts::is_provider(prefix) || facts::key(key).is_none()
        {
            continue;
        }
        for pattern in statement.action_patterns() {
            let [action] = pattern.matches.as_slice() else {
                continue;
            };
            if pattern.has_wildcards() || facts::can_carry(*action, key) {
                continue;
            }
            let reason = format!(
                "`{action}` never carries `{}`, so that the condition is never true for it",
                condition.key.shown()
            );
            let note = Note::at(pattern.text.span, reason)
                .related(condition.key.span, "the condition is here")
                .help("give the action a statement of its own, or remove it");
            out.push(note);
        }
    }
}

fn needs_key(condition: &Condition) -> bool {
    let present = condition.operator.is_some_and(|operator| {
        operator.comparison == Comparison::Null
            && condition
                .values
                .iter()
                .any(|value| value.text.value.eq_ignore_ascii_case("false"))
    });
    (condition.is_positive() || present) && condition.key.is_known()
}

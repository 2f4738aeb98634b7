//! # An action that its resources do not fit
//!
//! A statement lists an action and no resource on which the action is ever authorised.
//!
//! ## Why
//! An Allow does not grant it, and a Deny does not deny it. `s3:ListBucket` is authorised on the bucket, not on its
//! objects; actions such as `sagemaker:ListTrainingJobs` are on no single resource and need `"Resource": "*"`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource":
//!   "arn:aws:s3:::data" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL604",
    name: "action-without-resource",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = statement
        .resources
        .as_ref()
        .filter(|resources| !resources.not)
    else {
        return;
    };
    if policy.kind.policy_type == PolicyType::Trust || resources.values.is_empty() {
        return;
    }
    // What is wrong with an ARN is told by the rules on ARNs.
    let unsure =
        |resource: &Text| Arn::new(resource, false).is_none_or(|arn| arn.formats().is_empty());
    if resources.values.iter().any(unsure) {
        return;
    }
    for pattern in statement.action_patterns() {
        if pattern.matches.is_empty() || !pattern.text.is_known() {
            continue;
        }
        let other = |service: &str| !pattern.prefix().eq_ignore_ascii_case(service);
        if policy.kind.service.is_some_and(other) {
            continue;
        }
        let fits = |action: &catalog::Action| {
            resources
                .values
                .iter()
                .any(|resource| arns::takes(*action, resource))
        };
        if pattern.matches.iter().any(fits) {
            continue;
        }
        let (reason, help) = match pattern.matches.as_slice() {
            [action] if !action.has_resources() => (
                format!("`{action}` is on no single resource: only \"Resource\": \"*\" means it"),
                "give it a statement of its own with \"Resource\": \"*\"".to_owned(),
            ),
            [action] => (
                format!("`{action}` is never authorised on any of these resources"),
                format!("name {}", types_of(*action)),
            ),
            _ => (
                format!(
                    "no action of `{}` is ever authorised on any of these resources",
                    pattern.text.shown()
                ),
                "name the resources that the actions are about".to_owned(),
            ),
        };
        let note =
            Note::at(pattern.text.span, reason).related(resources.span, "the resources are here");
        out.push(note.help(help));
    }
}

fn types_of(action: catalog::Action) -> String {
    let arns = action
        .resources()
        .flat_map(|resource| resource.resource_type().arns());
    let arns: Vec<String> = arns.take(2).map(|arn| format!("`{arn}`")).collect();
    match arns.is_empty() {
        true => "the resources that it is about".to_owned(),
        false => arns.join(" or "),
    }
}

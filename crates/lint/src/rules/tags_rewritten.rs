//! # Ownership can be rewritten
//!
//! Policies of the run decide by tags whose something is, and a tenant may change these tags on what is somebody
//! else's. The call is put to the engine: a direct call to tag or untag, of a neighbour's resource, with all Denies
//! of the run.
//!
//! ## Why
//! Whoever may write the owner's tag owns everything. Tags are needed when something is created, and
//! `sagemaker:TaggingAction` is only there then: a condition on it keeps direct calls out. A Deny on `aws:TagKeys` of
//! `sagemaker:*` with `Null` of `sagemaker:TaggingAction` keeps them out whatever else is allowed.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action":
//!   "sagemaker:StopTrainingJob", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
//!   "Condition": { "StringEquals": { "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   }, { "Sid": "Tag", "Effect": "Allow", "Action": "sagemaker:AddTags", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action":
//!   "sagemaker:StopTrainingJob", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
//!   "Condition": { "StringEquals": { "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   }, { "Sid": "Tag", "Effect": "Allow", "Action": "sagemaker:AddTags", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:TaggingAction": "CreateTrainingJob" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL800",
    name: "tags-rewritten",
    severity: Severity::Security,
    aws: &[],
    check: Check::Tenants(check),
};

/// Actions that change tags, by service.
const REWRITE: &[(&str, &str, bool)] = &[
    ("sagemaker", "sagemaker:AddTags", true),
    ("sagemaker", "sagemaker:DeleteTags", false),
    ("elasticmapreduce", "elasticmapreduce:AddTags", true),
    ("elasticmapreduce", "elasticmapreduce:RemoveTags", false),
    ("secretsmanager", "secretsmanager:TagResource", true),
    ("secretsmanager", "secretsmanager:UntagResource", false),
    ("elasticfilesystem", "elasticfilesystem:TagResource", true),
    (
        "elasticfilesystem",
        "elasticfilesystem:UntagResource",
        false,
    ),
    ("ecr", "ecr:TagResource", true),
    ("glue", "glue:TagResource", true),
    ("athena", "athena:TagResource", true),
];

fn check(run: &tenants::Run<'_>, out: &mut Reporter<'_>) {
    for (index, policy) in run.of_callers() {
        for statement in policy
            .allows()
            .filter(|statement| !tenants::is_for_everything(statement))
        {
            for (service, action, adds) in REWRITE {
                let tags = run
                    .owned
                    .get(*service)
                    .filter(|_| statement.covers_action(action));
                let stolen = tags
                    .into_iter()
                    .flatten()
                    .find(|tag| is_rewritten(run, index, statement, (action, *adds), tag));
                if let Some(tag) = stolen {
                    report(policy, statement, action, tag, out);
                }
            }
        }
    }
}

fn is_rewritten(
    run: &tenants::Run<'_>,
    index: usize,
    statement: &Statement,
    (action, adds): (&str, bool),
    tag: &str,
) -> bool {
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    let kind = if service == "sagemaker" {
        "training-job"
    } else {
        "cluster"
    };
    tenants::resources(statement, service, kind)
        .iter()
        .any(|resource| {
            let call = tenants::Call::new(action, resource, statement).on(tag, tenants::OTHER);
            let call = match adds {
                true => call.tagging(tag, tenants::SELF),
                false => call.tag_keys(tag),
            };
            call.request()
                .is_some_and(|request| run.allows(index, &request))
        })
}

fn report(policy: &Policy, statement: &Statement, action: &str, tag: &str, out: &mut Reporter<'_>) {
    let pattern = statement
        .action_patterns()
        .iter()
        .find(|pattern| pattern.covers(action));
    let span = pattern.map_or_else(|| statement.head(), |pattern| pattern.text.span);
    let reason =
        format!("a tenant may change the tag `{tag}` of what is somebody else's with `{action}`");
    let help = match action.starts_with("sagemaker:") {
        true => {
            "allow sagemaker:AddTags only with a condition on sagemaker:TaggingAction, and deny it for aws:TagKeys of `sagemaker:*` otherwise"
        }
        false => {
            "ask for the owner's tag on the resource (`ResourceTag`), and deny changes of it (aws:TagKeys)"
        }
    };
    out.of(policy, Some(statement), Note::at(span, reason).help(help));
}

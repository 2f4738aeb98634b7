//! # Something can be created in another's name
//!
//! A tenant may create something with a tag that says it is a neighbour's. The engine is asked about both checks that
//! AWS makes: the creation, and `sagemaker:AddTags` with `sagemaker:TaggingAction`.
//!
//! ## Why
//! Whoever creates chooses the tags. Without a condition on `aws:RequestTag`, a model that `alice` made can carry the
//! tag of `bob`, who then trusts what is listed as his own. `StringEquals` wants the caller's own tag; with
//! `StringEqualsIfExists`, things without an owner can be made, and nobody else's.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action":
//!   "sagemaker:StopTrainingJob", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
//!   "Condition": { "StringEquals": { "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   }, { "Sid": "Create", "Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" }, { "Sid": "Tag", "Effect": "Allow", "Action":
//!   "sagemaker:AddTags", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": {
//!   "StringEquals": { "sagemaker:TaggingAction": "CreateTrainingJob" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action":
//!   "sagemaker:StopTrainingJob", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
//!   "Condition": { "StringEquals": { "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   }, { "Sid": "Create", "Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "aws:RequestTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   }, { "Sid": "Tag", "Effect": "Allow", "Action": "sagemaker:AddTags", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:TaggingAction": "CreateTrainingJob" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL801",
    name: "created-as-another",
    severity: Severity::Security,
    aws: &[],
    check: Check::Tenants(check),
};

fn check(run: &tenants::Run<'_>, out: &mut Reporter<'_>) {
    let Some(tags) = run.owned.get("sagemaker") else {
        return;
    };
    for (index, policy) in run.of_callers() {
        for statement in policy
            .allows()
            .filter(|statement| !tenants::is_for_everything(statement))
        {
            for pattern in statement.action_patterns() {
                let creating = pattern.matches.iter().map(ToString::to_string);
                let mut creating = creating.filter(|action| is_creation(action));
                let spoofed = creating.find_map(|action| {
                    let tag = tags
                        .iter()
                        .find(|tag| is_spoofed(run, index, statement, &action, tag))?;
                    Some((action, tag))
                });
                if let Some((action, tag)) = spoofed {
                    let reason =
                        format!("`{action}` may be called with the tag `{tag}` of somebody else");
                    let help = format!(
                        "add StringEquals of aws:RequestTag/{tag} with the caller's own value"
                    );
                    out.of(
                        policy,
                        Some(statement),
                        Note::at(pattern.text.span, reason).help(help),
                    );
                }
            }
        }
    }
}

/// What SageMaker tags with its owner when it is created.
fn is_creation(action: &str) -> bool {
    const NOT_OWNED: &[&str] = &["CreateDomain", "CreateUserProfile", "CreatePresigned"];
    let name = action.strip_prefix("sagemaker:").unwrap_or("");
    name.starts_with("Create")
        && !NOT_OWNED.iter().any(|other| name.starts_with(other))
        && catalog::action(action).is_some_and(|action| action.lists_condition_key("aws:TagKeys"))
}

fn is_spoofed(
    run: &tenants::Run<'_>,
    index: usize,
    statement: &Statement,
    action: &str,
    tag: &str,
) -> bool {
    let name = action.strip_prefix("sagemaker:").unwrap_or("");
    tenants::resources(statement, "sagemaker", "training-job")
        .iter()
        .any(|resource| {
            // The other tags are the caller's own.
            let create = ["sagemaker:domain-arn", "sagemaker:user-profile-arn"]
                .iter()
                .filter(|own| **own != tag)
                .fold(
                    tenants::Call::new(action, resource, statement),
                    |call, own| call.tagging(own, tenants::SELF),
                );
            let create = create.tagging(tag, tenants::OTHER);
            let keys = create.keys.clone();
            let mut add = tenants::Call::new("sagemaker:AddTags", resource, statement);
            add.keys = keys;
            let add = add.set("sagemaker:TaggingAction", name);
            let allowed = |call: &tenants::Call<'_>| {
                call.request()
                    .is_some_and(|request| run.allows(index, &request))
            };
            allowed(&create)
                && add
                    .request()
                    .is_some_and(|request| run.somebody_allows(index, &request))
        })
}

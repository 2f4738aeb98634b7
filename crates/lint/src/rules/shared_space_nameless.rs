//! # Shared spaces, where nobody has a name
//!
//! Tenants own what carries their name, and may create shared spaces; or a statement compares the tag of a shared
//! space and the name of a user profile.
//!
//! ## Why
//! In a shared space, sessions have neither a source identity nor `sagemaker:UserProfileName`: what is allowed by
//! name is denied there, and what is created belongs to the space. Things of shared spaces are told apart by the tag
//! `sagemaker:space-arn`; where nothing asks for it, keep to private spaces with `sagemaker:SpaceSharingType`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Spaces", "Effect": "Allow",
//!   "Action": "sagemaker:CreateSpace", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:space/${sagemaker:DomainId}/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Spaces", "Effect": "Allow",
//!   "Action": "sagemaker:CreateSpace", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:space/${sagemaker:DomainId}/*", "Condition": { "StringEquals": {
//!   "sagemaker:SpaceSharingType": "Private" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL815",
    name: "shared-space-nameless",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Tenants(check),
};

const ACTION: &str = "sagemaker:CreateSpace";
const SPACE: &str = "sagemaker:space-arn";

fn check(run: &tenants::Run<'_>, out: &mut Reporter<'_>) {
    let policies = run.policies();
    for policy in policies
        .iter()
        .filter(|policy| policy.kind.is_for_callers())
    {
        for statement in policy.allows() {
            both(policy, statement, out);
        }
    }
    let knows_spaces = policies
        .iter()
        .flat_map(|policy| &policy.statements)
        .any(|statement| {
            let keys = statement
                .conditions
                .iter()
                .map(|condition| &condition.key.value);
            keys.into_iter().any(|key| key.contains(SPACE))
        });
    if knows_spaces {
        return;
    }
    for (index, policy) in run.of_callers().filter(|(_, policy)| owns_by_name(policy)) {
        for statement in policy
            .allows()
            .filter(|statement| statement.covers_action(ACTION))
        {
            let shared = tenants::resources(statement, "sagemaker", "space")
                .iter()
                .any(|resource| {
                    let call = tenants::Call::new(ACTION, resource, statement)
                        .set("sagemaker:SpaceSharingType", "Shared");
                    call.request()
                        .is_some_and(|request| run.allows(index, &request))
                });
            let pattern = statement
                .action_patterns()
                .iter()
                .find(|pattern| pattern.covers(ACTION));
            if let Some(pattern) = pattern.filter(|pattern| shared && !pattern.is_any()) {
                let reason = "shared spaces may be created, in which no session has a name and nothing is anybody's own";
                let help = "ask for `Private` in sagemaker:SpaceSharingType, or allow by the tag sagemaker:space-arn";
                out.of(
                    policy,
                    Some(statement),
                    Note::at(pattern.text.span, reason).help(help),
                );
            }
        }
    }
}

/// A statement that wants the tag of a shared space and the name of a person.
fn both(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let space = statement.conditions.iter().find(|condition| {
        let tag = owners::tag_of(&condition.key.value) == Some(SPACE);
        tag && condition.is_positive()
            && condition
                .key
                .value
                .to_ascii_lowercase()
                .contains("resourcetag/")
    });
    let named = facts::variable_texts(statement).find(|text| {
        ["sagemaker:UserProfileName", owners::SOURCE_IDENTITY]
            .iter()
            .any(|key| owners::has_variable(&text.value, key))
    });
    if let (Some(space), Some(named)) = (space, named) {
        let reason = "in a shared space there is no such name: the statement never applies to what was made there";
        let note =
            Note::at(named.span, reason).help("compare the space's tag with the space's ARN alone");
        out.of(
            policy,
            Some(statement),
            note.related(space.key.span, "the tag of a shared space"),
        );
    }
}

/// Whether a person's name decides over resources and tags.
fn owns_by_name(policy: &Policy) -> bool {
    policy.has_variables()
        && policy.allows().any(|statement| {
            let resources = statement.resource_patterns().iter();
            let identity = resources
                .into_iter()
                .any(|text| owners::has_variable(&text.value, owners::SOURCE_IDENTITY));
            identity
                || statement
                    .conditions
                    .iter()
                    .any(|condition| tenants::owner_tag(condition).is_some())
        })
}

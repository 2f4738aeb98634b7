//! What is whose: variables that stand for a person, and tags that say who owns something.

use crate::facts;
use crate::model::Policy;
use crate::text::{self, Text};
use crate::variables::{Variable, variables};

/// The key of a session's name.
pub(crate) const SOURCE_IDENTITY: &str = "aws:SourceIdentity";

/// The keys that only calls to SageMaker from Studio carry.
pub(crate) const STUDIO: &[&str] = &["sagemaker:DomainId", "sagemaker:UserProfileName"];

/// Whether a key says who somebody is, and so can be the owner of something.
pub(crate) fn is_person(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "aws:sourceidentity" | "sagemaker:userprofilename" | "aws:username" | "aws:userid"
    ) || lower.starts_with("aws:principaltag/")
}

/// Whether a key is one of Studio's.
pub(crate) fn is_studio(key: &str) -> bool {
    STUDIO.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// The variables of a text that have a key.
pub(crate) fn keys(text: &str) -> impl Iterator<Item = Variable<'_>> {
    variables(text)
        .into_iter()
        .filter(|variable| !variable.is_escape && variable.fault.is_none())
}

/// Whether a text holds a variable that says who somebody is.
pub(crate) fn has_person(text: &str) -> bool {
    keys(text).any(|variable| is_person(variable.key))
}

/// Whether a text holds a variable of this key.
pub(crate) fn has_variable(text: &str, key: &str) -> bool {
    keys(text).any(|variable| variable.key.eq_ignore_ascii_case(key))
}

/// Whether a policy speaks of who is in Studio, or of the name of a session: it is written for tenants.
pub(crate) fn is_for_tenants(policy: &Policy) -> bool {
    policy.has_variables()
        && policy.allows().any(|statement| {
            facts::variable_texts(statement).any(|text| {
                has_variable(&text.value, SOURCE_IDENTITY)
                    || keys(&text.value).any(|variable| is_studio(variable.key))
            })
        })
}

/// The tag of a key such as `aws:ResourceTag/owner`.
pub(crate) fn tag_of(key: &str) -> Option<&str> {
    let (base, tag) = key.split_once('/')?;
    let lower = base.to_ascii_lowercase();
    let is_tag = lower.ends_with(":resourcetag") || lower.ends_with(":requesttag");
    (is_tag && !tag.is_empty()).then_some(tag)
}

/// The part of a text in front of a place and the part behind.
pub(crate) fn around(text: &str, (start, end): (usize, usize)) -> (&str, &str) {
    (
        text.get(..start).unwrap_or(""),
        text.get(end..).unwrap_or(""),
    )
}

/// Who holds a policy, where its file tells: the role, user or group that it stands in.
pub(crate) fn holder(policy: &Policy) -> Option<&str> {
    const MARKS: &[&str] = &[
        " inline policy ",
        " trust policy",
        " AssumeRolePolicyDocument",
        " Policies[",
        " assume_role_policy",
        " inline_policy",
    ];
    let name = policy.name.as_str();
    let cut = MARKS.iter().find_map(|mark| name.find(mark))?;
    name.get(..cut)
}

/// What the role of a trust policy is called, as far as its file tells: the holder, or the file's own name.
pub(crate) fn role_name(policy: &Policy) -> Option<&str> {
    if let Some(holder) = holder(policy) {
        return holder.rsplit([' ', '.']).next();
    }
    let file = policy.source.name().filter(|_| policy.name.is_empty())?;
    let file = file.rsplit(['/', '\\']).next()?;
    file.split('.').next()
}

/// Whether a policy names the source identity, in a variable or as a key.
pub(crate) fn names_identity(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.has_condition_on(SOURCE_IDENTITY)
            || facts::variable_texts(statement)
                .any(|text| has_variable(&text.value, SOURCE_IDENTITY))
    })
}

/// Whether a text is known in full.
pub(crate) fn is_plain(text: &Text) -> bool {
    text.is_known() && !text.value.contains(['$', '*', '?']) && !text.value.contains(text::is_hole)
}

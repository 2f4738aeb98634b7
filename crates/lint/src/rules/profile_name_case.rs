//! # A user profile's name with upper-case letters
//!
//! A policy names a user profile or a domain's tag with upper-case letters.
//!
//! ## Why
//! SageMaker shows names in ARNs in lower case, and tags are compared with their case: a tag made by SageMaker may
//! then differ from the name as it was given. Names in lower case are the same everywhere.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-abc123/Alice" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-abc123/alice" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL805",
    name: "profile-name-case",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let values = statement
        .conditions
        .iter()
        .flat_map(|condition| &condition.values);
    let resources = statement
        .resources
        .iter()
        .flat_map(|resources| &resources.values);
    for text in resources
        .chain(values.map(|value| &value.text))
        .filter(|text| owners::is_plain(text))
    {
        let Some(arn) = Arn::new(text, true) else {
            continue;
        };
        let name = arn
            .part(5)
            .and_then(|part| part.strip_prefix("user-profile/"));
        let upper = name.is_some_and(|name| name.bytes().any(|byte| byte.is_ascii_uppercase()));
        if arn.part(2) != Some("sagemaker") || !upper {
            continue;
        }
        let reason = "SageMaker may write this name in lower case in the ARNs that it tags with";
        out.push(Note::at(arn.span(policy, 5), reason).help("name profiles in lower case"));
    }
}

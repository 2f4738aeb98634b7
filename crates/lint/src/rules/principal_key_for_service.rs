//! # A condition that a service never fulfils
//!
//! A statement allows service principals only, and needs a key that describes a user or role.
//!
//! ## Why
//! A service that calls for itself belongs to no organisation of yours and has no tags: the statement never applies. Say
//! for whom the service acts: `aws:SourceOrgID`, `aws:SourceAccount`, `aws:SourceArn`.
//!
//! ## Example
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
//!   "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:uploads", "Condition": {
//!   "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:SourceAccount": "111122223333" } } } }
//! ```
//!
//! ## Fix
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
//!   "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:uploads", "Condition": {
//!   "StringEquals": { "aws:SourceOrgID": "o-a1b2c3d4e5" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL233",
    name: "principal-key-for-service",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"],
    check: Check::Statement(check),
};

const OF_PEOPLE: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalTag/",
    "aws:SourceIdentity",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:username",
    "aws:userid",
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(principal) = statement
        .principal
        .as_ref()
        .filter(|principal| !principal.not)
    else {
        return;
    };
    let service = |kind: &Option<Text>| kind.as_ref().is_some_and(|kind| kind.value == "Service");
    let only = !principal.values.is_empty() && principal.values.iter().all(|v| service(&v.kind));
    if !only || !statement.allows() {
        return;
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|condition| condition.is_positive())
    {
        let lower = condition.key.value.to_ascii_lowercase();
        let of_people = OF_PEOPLE.iter().any(|key| {
            let key = key.to_ascii_lowercase();
            lower == key || (key.ends_with('/') && lower.starts_with(&key))
        });
        // The attributes of a workload's certificate come as tags (IAM Roles Anywhere User Guide, "Trust model").
        let anywhere = |name: &Text| {
            name.value
                .eq_ignore_ascii_case("rolesanywhere.amazonaws.com")
        };
        let of_certificate = lower.starts_with("aws:principaltag/x509")
            && principal.values.iter().all(|value| anywhere(&value.text));
        if of_people && !of_certificate {
            let reason = format!(
                "no service principal has `{}`: the statement never applies",
                condition.key.shown()
            );
            let help = "use aws:SourceOrgID, aws:SourceAccount or aws:SourceArn";
            out.push(Note::at(condition.key.span, reason).help(help));
        }
    }
}

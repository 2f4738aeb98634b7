//! # A search that finds everybody's
//!
//! Tenants own what carries their name, and may call `sagemaker:Search` without a `sagemaker:SearchVisibilityCondition`.
//!
//! ## Why
//! `Search` is about no single resource: no ARN and no tag of what it finds is asked for. It prints jobs, models and
//! feature groups of everybody with their parameters. What it may find is narrowed by the filters that a policy demands
//! of the request (SageMaker Developer Guide, "Domain resource isolation").
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Effect": "Allow", "Action": "sagemaker:Search",
//!   "Resource": "*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "sagemaker:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Effect": "Allow", "Action": "sagemaker:Search",
//!   "Resource": "*", "Condition": { "StringEquals": { "sagemaker:SearchVisibilityCondition/Tags.owner/EqualsIfExists":
//!   "${aws:SourceIdentity}" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL819",
    name: "search-sees-all",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Policy(check),
};

const SEARCH: &str = "sagemaker:Search";

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    if !owners::is_for_tenants(policy) || policy.statements.iter().any(narrows) {
        return;
    }
    for statement in policy.allows() {
        let patterns = statement.action_patterns().iter();
        let mut covering = patterns.filter(|pattern| pattern.covers(SEARCH) && !pattern.is_any());
        if let Some(pattern) = covering.next() {
            let reason = format!("`{SEARCH}` finds what is somebody else's, too");
            let note = Note::at(pattern.text.span, reason)
                .help("demand `sagemaker:SearchVisibilityCondition/Tags.TAG/EqualsIfExists` of the request");
            out.of(policy, Some(statement), note);
        }
    }
}

fn narrows(statement: &Statement) -> bool {
    let mut keys = statement
        .conditions
        .iter()
        .map(|condition| &condition.key.value);
    keys.any(|key| {
        let key = key.to_ascii_lowercase();
        key.starts_with("sagemaker:searchvisibilitycondition/")
    })
}

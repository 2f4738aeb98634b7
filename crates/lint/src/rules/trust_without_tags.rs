//! # A role whose sessions cannot have tags
//!
//! A role's policies compare `aws:PrincipalTag/…`, and its trust policy lets SageMaker assume it without
//! `sts:TagSession`.
//!
//! ## Why
//! Where session tags are chained into training jobs, SageMaker tags the session, and the call fails unless the trust
//! policy allows it. Without session tags, a tag of the principal is the role's own, the same for all who share the
//! role.
//!
//! ## Example
//! ```json
//! { "RoleDetailList": [ { "RoleName": "execution", "Path": "/", "AssumeRolePolicyDocument": { "Version":
//!   "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com" },
//!   "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }, "RolePolicyList": [ { "PolicyName": "own",
//!   "PolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*" } } } ] } ] }
//! ```
//!
//! ## Fix
//! ```json
//! { "RoleDetailList": [ { "RoleName": "execution", "Path": "/", "AssumeRolePolicyDocument": { "Version":
//!   "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com" },
//!   "Action": [ "sts:AssumeRole", "sts:TagSession" ], "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }, "RolePolicyList": [ { "PolicyName": "own",
//!   "PolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*" } } } ] } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL901",
    name: "trust-without-tags",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeSet;

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let asking: BTreeSet<&str> = policies
        .iter()
        .filter(|policy| policy.kind.is_for_callers() && policy.has_variables())
        .filter(|policy| policy.allows().any(asks_for_tag))
        .filter_map(owners::holder)
        .collect();
    for trust in policies
        .iter()
        .filter(|policy| policy.kind.policy_type == PolicyType::Trust)
    {
        let held = owners::holder(trust).is_some_and(|holder| asking.contains(holder));
        let mut sessions = trust.allows();
        if !held || sessions.any(|statement| statement.covers_action("sts:TagSession")) {
            continue;
        }
        for statement in trust
            .allows()
            .filter(|statement| deputy::is_for_sagemaker(statement))
        {
            let span = statement
                .actions
                .as_ref()
                .map_or_else(|| statement.head(), |actions| actions.span);
            let reason = "the role's policies compare tags of the principal, and SageMaker may not tag its sessions";
            let note =
                Note::at(span, reason).help("allow sts:TagSession where session tags are chained");
            out.of(trust, Some(statement), note);
        }
    }
}

fn asks_for_tag(statement: &Statement) -> bool {
    facts::variable_texts(statement)
        .flat_map(|text| owners::keys(&text.value))
        .any(|variable| {
            variable
                .key
                .to_ascii_lowercase()
                .starts_with("aws:principaltag/")
        })
}

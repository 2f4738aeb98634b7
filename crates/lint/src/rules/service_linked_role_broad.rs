//! # Any service-linked role may be made
//!
//! A statement allows `iam:CreateServiceLinkedRole` for every service.
//!
//! ## Why
//! Each such role gives a service power over the account. Name the service in `Resource`, or with `iam:AWSServiceName`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole",
//!   "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole",
//!   "Resource":
//!   "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks",
//!   "Condition": { "StringEquals": { "iam:AWSServiceName": "sagemaker.amazonaws.com" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL403",
    name: "service-linked-role-broad",
    severity: Severity::Warning,
    aws: &[
        "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "CREATE_SLR_WITH_NOT_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    super::broad::report(
        policy,
        statement,
        "iam:CreateServiceLinkedRole",
        "role",
        "name the service in `Resource`, or in a condition on iam:AWSServiceName",
        out,
    );
}

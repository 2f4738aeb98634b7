//! # A condition key that has a successor
//!
//! A condition names a key of SageMaker for KMS keys that was replaced by one that ends in `Arn`.
//!
//! ## Why
//! The old keys compare what the caller wrote, which may be an id or an ARN; the new ones always have the ARN.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource":
//!   "*", "Condition": { "Null": { "sagemaker:OutputKmsKey": "true" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource":
//!   "*", "Condition": { "Null": { "sagemaker:OutputKmsKeyArn": "true" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL238",
    name: "deprecated-key",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Statement(check),
};

/// Service Authorization Reference, "Condition keys for Amazon SageMaker".
const SUCCESSORS: &[(&str, &str)] = &[
    (
        "sagemaker:DomainSharingOutputKmsKey",
        "sagemaker:DomainSharingOutputKmsKeyArn",
    ),
    (
        "sagemaker:FeatureGroupOfflineStoreKmsKey",
        "sagemaker:FeatureGroupOfflineStoreKmsKeyArn",
    ),
    (
        "sagemaker:FeatureGroupOnlineStoreKmsKey",
        "sagemaker:FeatureGroupOnlineStoreKmsKeyArn",
    ),
    (
        "sagemaker:HomeEfsFileSystemKmsKey",
        "sagemaker:VolumeKmsKeyArn",
    ),
    ("sagemaker:OutputKmsKey", "sagemaker:OutputKmsKeyArn"),
    ("sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKeyArn"),
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for (old, new) in SUCCESSORS {
        for condition in statement.conditions_on(old) {
            let reason = format!("`{}` was replaced by `{new}`", condition.key.shown());
            let edits = edits::replace(policy, &condition.key, new);
            out.push(
                Note::at(condition.key.span, reason)
                    .possible_fix(format!("write `{new}`, with the ARN of the key"), edits),
            );
        }
    }
}

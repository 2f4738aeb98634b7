//! # `ForAllValues` is true for nothing
//!
//! An Allow has a condition with `ForAllValues:` on a key with several values, and none that asks, with `Null` of
//! `false`, whether the key is there.
//!
//! ## Why
//! `ForAllValues:` is true where the request does not have the key: the job without a network passes a list of
//! allowed subnets, and the resource without tags one of allowed tags. For `aws:TagKeys` it is a warning, for a list
//! of allowed keys may be meant to let requests without tags pass.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreateTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": {
//!   "ForAllValues:StringEquals": { "sagemaker:VpcSubnets": [ "subnet-0a1b2c3d", "subnet-1a2b3c4d" ] } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreateTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": {
//!   "ForAllValues:StringEquals": { "sagemaker:VpcSubnets": [ "subnet-0a1b2c3d", "subnet-1a2b3c4d" ] }, "Null": {
//!   "sagemaker:VpcSubnets": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL810",
    name: "for-all-values-without-null",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

const HARMLESS: &[&str] = &[
    "dynamodb:Attributes",
    "kms:EncryptionContextKeys",
    "kms:GrantOperations",
    "sts:TransitiveTagKeys",
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() {
        return;
    }
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let multivalued = facts::key(&condition.key.value).is_some_and(|key| key.is_multivalued());
        let all = operator.qualifier == Some(Qualifier::ForAllValues);
        if !all || !multivalued || operator.comparison == Comparison::Null {
            continue;
        }
        // Where these keys are missing, there is nothing to be kept out.
        let harmless = HARMLESS.iter().any(|key| condition.is_on(key));
        if harmless || (condition.is_on("dynamodb:LeadingKeys") && always_has_keys(statement)) {
            continue;
        }
        // The rules about deputies ask the engine about these.
        let source = deputy::SOURCE_KEYS.iter().any(|key| condition.is_on(key));
        let service = statement.principals("Service").next().is_some();
        if statement.demands(&condition.key.value) || (source && service) {
            continue;
        }
        let tags = condition.is_on("aws:TagKeys");
        if tags && requires_tag(statement) {
            continue;
        }
        let reason = format!(
            "a request without `{}` passes: `{}` is true where the key is missing",
            condition.key.shown(),
            condition.operator_text.shown()
        );
        let help = format!("add \"Null\": {{\"{}\": \"false\"}}", condition.key.shown());
        let note = Note::at(condition.operator_text.span, reason).help(help);
        out.push(match tags {
            true => note.severity(Severity::Warning),
            false => note,
        });
    }
}

/// Whether every request for the actions of a statement names keys of items (DynamoDB Developer Guide, "Using IAM policy
/// conditions for fine-grained access control"): all but `Scan` and statements in PartiQL.
fn always_has_keys(statement: &Statement) -> bool {
    const WITH_KEYS: [&str; 8] = [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    ];
    statement.actions.as_ref().is_some_and(|actions| {
        let known = |pattern: &ActionPattern| {
            let text = &pattern.text.value;
            WITH_KEYS.iter().any(|name| name.eq_ignore_ascii_case(text))
        };
        !actions.not && actions.values.iter().all(known)
    })
}

/// Whether the request must have some tag.
fn requires_tag(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        let tag = condition
            .key
            .value
            .to_ascii_lowercase()
            .starts_with("aws:requesttag/");
        tag && (condition.is_positive() || condition.asks_for_presence())
    })
}

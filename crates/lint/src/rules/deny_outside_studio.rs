//! # A Deny for everyone who is not in Studio
//!
//! A Deny compares with a negated operator, and the key or a variable in the value is one of Studio's.
//!
//! ## Why
//! Jobs, notebooks elsewhere, pipelines and people at a console have no `sagemaker:DomainId`. Nothing equals a value
//! that cannot be told, so that the negated condition is true, and they are all denied. Where only people in Studio
//! are meant, a `Null` of `false` says so.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "*", "Condition": { "StringNotEquals": { "aws:ResourceTag/sagemaker:domain-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:domain/${sagemaker:DomainId}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "*", "Condition": { "StringNotEquals": { "aws:ResourceTag/sagemaker:domain-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:domain/${sagemaker:DomainId}" }, "Null": { "sagemaker:DomainId":
//!   "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL816",
    name: "deny-outside-studio",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let asked = owners::STUDIO.iter().any(|key| {
        statement
            .conditions_on(key)
            .any(|c| c.is_positive() || is_null(c))
    });
    // A role whose sessions are all in Studio may be meant.
    let bound = statement.has_condition_on("aws:PrincipalArn");
    if !statement.denies() || asked || bound {
        return;
    }
    for condition in &statement.conditions {
        let Some(operator) = condition.operator.filter(|operator| operator.negated) else {
            continue;
        };
        let key = owners::is_studio(&condition.key.value);
        let value = condition
            .values
            .iter()
            .map(|value| &value.text)
            .find(|text| {
                policy.has_variables()
                    && owners::keys(&text.value).any(|variable| owners::is_studio(variable.key))
            });
        if !(key || (value.is_some() && !operator.if_exists)) {
            continue;
        }
        let span = value.map_or(condition.key.span, |value| value.span);
        let reason =
            "whoever calls from outside Studio is denied too, jobs and pipelines among them";
        out.push(
            Note::at(span, reason).help(
                "add \"Null\": {\"sagemaker:DomainId\": \"false\"} where only Studio is meant",
            ),
        );
    }
}

fn is_null(condition: &Condition) -> bool {
    condition
        .operator
        .is_some_and(|operator| operator.comparison == Comparison::Null)
}

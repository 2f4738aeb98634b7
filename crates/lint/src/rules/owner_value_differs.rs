//! # The owner is written in two forms
//!
//! The same tag is compared with the plain name of its owner in one place, and with a text around the name in
//! another; or one of SageMaker's own tags is compared with something that is no such ARN.
//!
//! ## Why
//! `bob` and `user/bob` are not equal: what was tagged in one form is nobody's under a policy that asks for the
//! other. SageMaker's tags hold ARNs, and never a name alone.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/owner": "user/${aws:SourceIdentity}" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL906",
    name: "owner-value-differs",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeMap;

/// What SageMaker's own tags hold.
const FORMS: &[(&str, &str)] = &[
    ("sagemaker:domain-arn", "arn:*:sagemaker:*:*:domain/*"),
    (
        "sagemaker:user-profile-arn",
        "arn:*:sagemaker:*:*:user-profile/*/*",
    ),
    ("sagemaker:space-arn", "arn:*:sagemaker:*:*:space/*/*"),
];

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let mut forms: BTreeMap<&str, String> = BTreeMap::new();
    for policy in policies.iter().filter(|policy| policy.has_variables()) {
        for statement in &policy.statements {
            for condition in &statement.conditions {
                let Some(tag) = owners::tag_of(&condition.key.value) else {
                    continue;
                };
                let compares = condition
                    .operator
                    .is_some_and(|operator| operator.comparison != Comparison::Null);
                for value in condition
                    .values
                    .iter()
                    .map(|value| &value.text)
                    .filter(|_| compares)
                {
                    let fault = fault(tag, value, &mut forms);
                    if let Some(reason) = fault {
                        let help = "write the owner in the same form everywhere";
                        out.of(
                            policy,
                            Some(statement),
                            Note::at(value.span, reason).help(help),
                        );
                    }
                }
            }
        }
    }
}

fn fault<'a>(tag: &'a str, value: &Text, forms: &mut BTreeMap<&'a str, String>) -> Option<String> {
    if value.value.contains(text::UNKNOWN) {
        return None;
    }
    if let Some((_, form)) = FORMS.iter().find(|(known, _)| *known == tag) {
        let kind = form
            .rsplit(':')
            .next()
            .and_then(|part| part.split('/').next());
        let wrong = Arn::new(value, true).is_some_and(|arn| {
            let part = arn.part(5).unwrap_or_default();
            part.split('/').next() != kind && !part.starts_with(['*', '?', '$'])
        });
        let bare = !value.value.starts_with("arn:") && !value.value.contains(['*', '?']);
        return (wrong || bare).then(|| {
            format!(
                "`{tag}` holds an ARN such as `{form}`, and never equals `{}`",
                value.shown()
            )
        });
    }
    if !owners::has_person(&value.value) {
        return None;
    }
    let form = arns::without_variables(&value.value);
    match forms.get(tag) {
        Some(first) if *first != form => Some(format!(
            "the owner is written as `{form}` here and as `{first}` elsewhere, `*` being the name: they are never equal"
        )),
        Some(_) => None,
        None => {
            forms.insert(tag, form);
            None
        }
    }
}

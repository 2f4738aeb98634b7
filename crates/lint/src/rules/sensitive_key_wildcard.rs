//! # A wildcard for an account, an organisation or a network
//!
//! A condition compares a key that says where something belongs with a wildcard or a variable.
//!
//! ## Why
//! `aws:SourceAccount`, `aws:PrincipalOrgID` and the like are there to keep strangers out. An id with a wildcard lets in
//! whoever has an account that fits, and `*` everyone.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringLike": { "aws:SourceAccount": "1111*" }, "ArnLike": {
//!   "aws:SourceArn": "arn:aws:sagemaker:*:111122223333:*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" },
//!   "ArnLike": { "aws:SourceArn": "arn:aws:sagemaker:*:111122223333:*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL231",
    name: "sensitive-key-wildcard",
    severity: Severity::Error,
    aws: &[
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        "VARIABLE_USAGE_TOO_PERMISSIVE",
    ],
    check: Check::Statement(check),
};

/// Keys whose values IAM Access Analyzer wants written in full.
const SENSITIVE: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let wildcards = condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::StringLike);
        if condition.is_on("aws:userid") && wildcards {
            user_ids(condition, out);
            continue;
        }
        if !SENSITIVE.iter().any(|key| condition.is_on(key)) {
            continue;
        }
        for value in &condition.values {
            let text = value.text.value.as_str();
            // A comparison with another key of the request names no stranger.
            let same = text.starts_with("${aws:") && text.ends_with('}');
            if (wildcards && text.contains(['*', '?'])) || (text.contains("${") && !same) {
                let reason = format!(
                    "`{}` leaves open what `{}` is",
                    value.text.shown(),
                    condition.key.shown()
                );
                out.push(
                    Note::at(value.text.span, reason)
                        .help("write each id in full, and use `StringEquals`"),
                );
            }
        }
    }
}

/// `ID:session` may leave the session open, and not the id.
fn user_ids(condition: &Condition, out: &mut Reporter<'_>) {
    for value in &condition.values {
        let id = value.text.value.split(':').next().unwrap_or("");
        if id.contains(['*', '?']) {
            let reason = format!("`{}` leaves open whose id it is", value.text.shown());
            out.push(
                Note::at(value.text.span, reason)
                    .help("write the id in full, and the wildcard behind the colon"),
            );
        }
    }
}

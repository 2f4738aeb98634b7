//! # A wildcard under an operator that has none
//!
//! A condition value holds `*` or `?`, and its operator takes them for plain characters.
//!
//! ## Why
//! `StringEquals` with `"team-*"` matches the text `team-*` and nothing else. In an Allow the statement never applies; in
//! a Deny with `StringNotEquals` it applies to everyone.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision-*" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringLike": { "aws:PrincipalTag/team": "vision-*" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL214",
    name: "wildcard-without-like",
    severity: Severity::Warning,
    aws: &["WILDCARD_WITHOUT_LIKE_OPERATOR"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        if !matches!(
            operator.comparison,
            Comparison::StringEquals | Comparison::StringEqualsIgnoreCase
        ) {
            continue;
        }
        // SageMaker sends the asterisk itself for some features, so that an exact comparison with it is right.
        if condition.is_on("aws:SourceArn") {
            continue;
        }
        for value in condition
            .values
            .iter()
            .filter(|v| has_wildcard(&v.text.value))
        {
            let reason = format!(
                "`{}` is compared as it is: under `{}` neither `*` nor `?` is a wildcard",
                value.text.shown(),
                condition.operator_text.shown()
            );
            let like = condition
                .operator_text
                .value
                .replace("EqualsIgnoreCase", "Like");
            let like = like.replace("Equals", "Like");
            let edits = edits::rename_operator(policy, statement, condition, &like);
            let title = format!("write `{like}`, or the exact text");
            out.push(Note::at(value.text.span, reason).possible_fix(title, edits));
        }
    }
}

/// `${*}` and `${?}` are the characters themselves.
fn has_wildcard(text: &str) -> bool {
    text.replace("${*}", "")
        .replace("${?}", "")
        .contains(['*', '?'])
}

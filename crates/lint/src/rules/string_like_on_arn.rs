//! # An ARN compared as a text
//!
//! A condition compares an ARN with `StringLike`.
//!
//! ## Why
//! Under `StringLike`, `*` takes colons too: `arn:aws:s3:*:111122223333:bucket` also matches an ARN whose later parts an
//! attacker has named. `ArnLike` compares part by part.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:*:111122223333:*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:*:111122223333:*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL213",
    name: "string-like-on-arn",
    severity: Severity::Security,
    aws: &["STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let arn = facts::key(&condition.key.value)
            .is_some_and(|key| key.key_type() == catalog::KeyType::Arn);
        if !arn || operator.comparison != Comparison::StringLike {
            continue;
        }
        let reason = format!(
            "`{}` is an ARN, and the wildcards of `{}` reach across its colons",
            condition.key.shown(),
            condition.operator_text.shown()
        );
        let like = condition
            .operator_text
            .value
            .replace("StringNotLike", "ArnNotLike");
        let like = like.replace("StringLike", "ArnLike");
        let edits = edits::rename_operator(policy, statement, condition, &like);
        let note = Note::at(condition.operator_text.span, reason);
        let title = format!("write `{like}`");
        out.push(
            match condition
                .values
                .iter()
                .all(|value| is_arn_pattern(&value.text))
            {
                true => note.safe_fix(title, edits),
                false => note.help(format!("{title}, with all six parts of the ARN")),
            },
        );
    }
}

/// Whether a pattern surely means the same under `ArnLike`: each wildcard in front of the resource is a part of its own.
fn is_arn_pattern(text: &Text) -> bool {
    Arn::new(text, true).is_some_and(|arn| {
        (1..5).all(|index| {
            arn.part(index)
                .is_some_and(|part| part == "*" || !part.contains(['*', '?']))
        })
    })
}

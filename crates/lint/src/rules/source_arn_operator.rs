//! # `aws:SourceArn` compared as a text
//!
//! A condition compares `aws:SourceArn` with `StringEquals`. (`StringLike` is PAL213.)
//!
//! ## Why
//! Under `StringEquals`, `*` is the character itself. SageMaker sends `…:*` for Studio and inference, so that these
//! work, and every job is refused. `ArnLike` is the operator of AWS's guide, for patterns and for single resources.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL703",
    name: "source-arn-operator",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in statement.conditions_on("aws:SourceArn") {
        let Some(operator) = condition.operator else {
            continue;
        };
        if !matches!(
            operator.comparison,
            Comparison::StringEquals | Comparison::StringEqualsIgnoreCase
        ) {
            continue;
        }
        let written = condition.operator_text.value.as_str();
        let like = written.replace("StringNotEquals", "ArnNotLike");
        let like = like
            .replace("StringEquals", "ArnLike")
            .replace("IgnoreCase", "");
        let wild = condition
            .values
            .iter()
            .any(|value| value.text.value.contains(['*', '?']));
        // AWS's own examples of other services compare whole ARNs so.
        if !wild && !deputy::is_for_sagemaker(statement) {
            continue;
        }
        let reason = match wild {
            true => format!(
                "under `{written}` the asterisk is no wildcard: only a source that is this very text fits"
            ),
            false => format!("`aws:SourceArn` is an ARN, and `{written}` compares it as a text"),
        };
        let same = |other: &&Condition| other.operator_text.span == condition.operator_text.span;
        let alone = statement.conditions.iter().filter(same).count() == 1
            && !statement
                .conditions
                .iter()
                .any(|other| other.operator_text.value == like);
        let arns = condition
            .values
            .iter()
            .all(|value| Arn::new(&value.text, true).is_some());
        let edits =
            (alone && arns).then(|| edits::replace(policy, &condition.operator_text, &like));
        let note = Note::at(condition.operator_text.span, reason);
        let note = note.safe_fix(format!("write `{like}`"), edits.flatten());
        out.push(match wild {
            true => note,
            false => note.severity(Severity::Suggestion),
        });
    }
}

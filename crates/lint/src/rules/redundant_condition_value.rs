//! # A condition value that another one covers
//!
//! Of the values of a condition key, one is covered by another.
//!
//! ## Why
//! It changes nothing. Of several bounds of a number or date, only the widest counts.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringLike": { "aws:PrincipalTag/team": [ "vision*", "vision-a" ] } } }
//!   }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringLike": { "aws:PrincipalTag/team": [ "vision*" ] } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL506",
    name: "redundant-condition-value",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_CONDITION_VALUE_NUM"],
    check: Check::Statement(check),
};

/// Values are compared each with each; what lies behind is not looked at.
const MOST: usize = 400;

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let like = operator.comparison == Comparison::StringLike;
        let texts: Vec<&Text> = condition
            .values
            .iter()
            .map(|v| &v.text)
            .take(MOST)
            .collect();
        if bound(operator.comparison) && texts.len() > 1 {
            let reason = format!(
                "of several values under `{}`, one alone counts",
                condition.operator_text.shown()
            );
            out.push(Note::at(condition.span, reason).help("keep the one that is meant"));
            continue;
        }
        let all: Vec<Span> = texts.iter().map(|text| text.span).collect();
        for (index, text) in texts.iter().enumerate() {
            let wider = texts.iter().enumerate().find(|(other, wider)| {
                let twice = text.value == wider.value;
                let wild = like && !wider.value.contains("${") && !text.value.contains("${");
                let covers = twice || (wild && patterns::covers(&wider.value, &text.value));
                *other != index && covers && (!twice || *other < index)
            });
            let Some((_, wider)) = wider.filter(|(_, wider)| text.is_known() && wider.is_known())
            else {
                continue;
            };
            let reason = format!("`{}` is covered by `{}`", text.shown(), wider.shown());
            let edits = edits::remove(policy, &all, index);
            let note = Note::at(text.span, reason).related(wider.span, "this covers it");
            out.push(note.safe_fix("remove it", edits));
        }
    }
}

fn bound(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::NumericLessThan
            | Comparison::NumericLessThanEquals
            | Comparison::NumericGreaterThan
            | Comparison::NumericGreaterThanEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals
    )
}

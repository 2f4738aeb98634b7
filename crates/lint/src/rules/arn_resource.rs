//! # A resource of a form that the service does not have
//!
//! The last part of an ARN fits no form of the service's ARNs, or is missing.
//!
//! ## Why
//! The ARN most likely matches nothing: `trainingjob/x` for `training-job/x`, `secret/x` for `secret:x`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-east-1:111122223333:trainingjob/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-east-1:111122223333:training-job/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL116",
    name: "arn-resource",
    severity: Severity::Warning,
    aws: &["INVALID_ARN_RESOURCE"],
    check: Check::Statement(|policy, statement, out| arns::report(policy, statement, fault, out)),
};

fn fault(policy: &Policy, arn: &Arn<'_>) -> Option<Note> {
    let resource = arn.part(5)?;
    if resource.is_empty() {
        let note = Note::at(
            arn.text.span,
            "the ARN names no resource behind its last colon",
        );
        let note = note.severity(Severity::Error);
        return Some(note.help("name the resource, or write `*` for all"));
    }
    let known = arns::formats(arn.part(2)?);
    if arn.in_condition || known.is_empty() || !arn.formats().is_empty() {
        return None;
    }
    // The first word, up to the separator, is what names the type.
    let word = |text: &str| text.split(['/', ':']).next().unwrap_or("").to_owned();
    let words = known.iter().map(|format| word(&format.resource));
    let words = words.filter(|word| !word.contains('*') && !word.is_empty());
    let written = word(resource);
    let reason = format!(
        "`{}` fits no form of {}'s ARNs",
        text::shown(resource),
        arn.part(2).unwrap_or("")
    );
    let note = Note::at(arn.span(policy, 5), reason);
    let meant = facts::closest(&written, words).filter(|meant| *meant != written);
    Some(match meant {
        Some(meant) => {
            let end = arn.offset(5) + written.len();
            let edits = edits::replace_part(policy, arn.text, (arn.offset(5), end), &meant);
            note.possible_fix(format!("write `{meant}`"), edits)
        }
        // The lists of forms have gaps; only what looks misspelt is surely wrong.
        None => note
            .severity(Severity::Suggestion)
            .help("look the forms up in the Service Authorization Reference"),
    })
}

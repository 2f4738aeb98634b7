//! # A delimiter that names can hold
//!
//! Between a variable and a `*` stands only one character that the name itself may hold: `-`, `_`, `.`, `=`, `+`, `,`
//! or `@`.
//!
//! ## Why
//! Names of user profiles hold hyphens, and source identities these other characters too. `${aws:SourceIdentity}-*`
//! lets `bob` reach what belongs to `bob-lee`. A `/` is in no name; where a resource's name cannot hold it, a doubled
//! `--` that no profile's name has, or a tag, tells owners apart.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}-*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL803",
    name: "weak-delimiter",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    let exact: Vec<&Text> = statement
        .conditions
        .iter()
        .filter(|condition| {
            condition.operator.is_some_and(|operator| {
                !matches!(
                    operator.comparison,
                    Comparison::StringLike | Comparison::ArnLike
                )
            })
        })
        .flat_map(|condition| condition.values.iter().map(|value| &value.text))
        .collect();
    for text in facts::variable_texts(statement).filter(|text| !exact.contains(text)) {
        for variable in owners::keys(&text.value) {
            let (_, behind) = owners::around(&text.value, variable.range);
            let mut next = behind.chars();
            let weak =
                next.next().is_some_and(|c| allows(variable.key, c)) && next.next() == Some('*');
            if !owners::is_person(variable.key) || !weak {
                continue;
            }
            let (start, end) = variable.range;
            let delimiter = behind.chars().next().unwrap_or('-');
            let reason = format!(
                "a name can hold `{delimiter}`: this takes in what belongs to a longer name"
            );
            let span = text.part(&policy.source, start, end + 2);
            let edits = edits::replace_part(policy, text, (end, end + 1), "/");
            out.push(Note::at(span, reason).possible_fix("write `/`, which is in no name", edits));
        }
    }
}

/// Whether what a variable stands for may hold a character (SageMaker API Reference, STS API Reference).
fn allows(key: &str, character: char) -> bool {
    match key.eq_ignore_ascii_case("sagemaker:UserProfileName") {
        true => character == '-',
        false => "-_.=+,@".contains(character),
    }
}

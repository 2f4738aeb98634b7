//! # A variable that runs into a wildcard
//!
//! A `*` or `?` stands directly behind a variable, or directly in front of one that begins a name.
//!
//! ## Why
//! `users/${aws:SourceIdentity}*` lets `bob` read `users/bobby/`: the wildcard goes on where the name ends. A
//! delimiter that no name can hold, such as `/`, ends it.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL802",
    name: "variable-without-delimiter",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    let plain: Vec<&Text> = statement
        .conditions
        .iter()
        .filter(|condition| !has_wildcards(condition))
        .flat_map(|condition| condition.values.iter().map(|value| &value.text))
        .collect();
    for text in facts::variable_texts(statement).filter(|text| !plain.contains(text)) {
        for variable in owners::keys(&text.value) {
            let (before, behind) = owners::around(&text.value, variable.range);
            let person = owners::is_person(variable.key);
            let (start, end) = variable.range;
            if behind.starts_with(['*', '?']) && !is_whole(variable.key) {
                let reason = format!(
                    "`${{{}}}` runs into a wildcard: names that begin with the caller's are taken in too",
                    variable.key
                );
                let span = text.part(&policy.source, start, end + 1);
                let edits = edits::replace_part(policy, text, (end, end), "/");
                out.push(Note::at(span, reason).possible_fix("put `/` between them", edits));
            } else if person && before.ends_with('*') && before.len() > 1 {
                let reason = format!(
                    "a wildcard runs into `${{{}}}`: names that end with the caller's are taken in too",
                    variable.key
                );
                let span = text.part(&policy.source, start.saturating_sub(1), end);
                out.push(Note::at(span, reason).help("put a delimiter such as `/` between them"));
            }
        }
    }
}

/// Whether no value of a key begins with another one: ids of one length, and regions.
fn is_whole(key: &str) -> bool {
    const WHOLE: [&str; 8] = [
        "aws:PrincipalAccount",
        "aws:PrincipalOrgID",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "kms:CallerAccount",
    ];
    WHOLE.iter().any(|whole| whole.eq_ignore_ascii_case(key))
}

fn has_wildcards(condition: &Condition) -> bool {
    condition.operator.is_none_or(|operator| {
        matches!(
            operator.comparison,
            Comparison::StringLike | Comparison::ArnLike
        )
    })
}

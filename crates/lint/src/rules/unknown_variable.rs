//! # There is no such variable
//!
//! A policy variable names a condition key that AWS does not have.
//!
//! ## Why
//! The variable never has a value: a resource with it matches nothing, a positive condition never holds, and a negated
//! one always does. AWS does not say so when the policy is saved.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentityy}/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
//! ```

use crate::prelude::*;
use crate::variables::variables;

pub(super) const RULE: Rule = Rule {
    code: "PAL229",
    name: "unknown-variable",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in variables(&text.value) {
            let key = variable.key;
            if variable.fault.is_some() || variable.is_escape || !is_unknown(key) {
                continue;
            }
            let (start, _) = variable.range;
            let (start, end) = (start + 2, start + 2 + key.len());
            let note = Note::at(
                text.part(&policy.source, start, end),
                format!(
                    "there is no condition key `{key}`, so that the variable never has a value"
                ),
            );
            let known = catalog::condition_keys().map(|key| key.name().to_string());
            let known = known.filter(|known| !known.contains('$'));
            out.push(match facts::closest(key, known) {
                Some(meant) => {
                    let edits = edits::replace_part(policy, text, (start, end), &meant);
                    note.possible_fix(format!("write `{meant}`"), edits)
                }
                None => note.help("look the key up in the Service Authorization Reference"),
            });
        }
    }
}

/// Things have variables that are no condition keys of the catalog, and so have Transfer Family's sessions.
fn is_unknown(key: &str) -> bool {
    let prefix = key.split(':').next().unwrap_or("").to_ascii_lowercase();
    !key.contains(text::is_hole)
        && !facts::is_provider(&prefix)
        && !matches!(
            prefix.as_str(),
            "iot" | "transfer" | "redshift" | "greengrass"
        )
        && facts::key(key).is_none()
}

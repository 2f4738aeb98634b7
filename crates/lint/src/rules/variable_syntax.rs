//! # A malformed variable
//!
//! A policy variable has no closing brace, no quote around its default, a space where none belongs, or nothing in it.
//!
//! ## Why
//! AWS refuses the policy. The forms are `${key}` and `${key, 'default'}`; a plain dollar sign is `${$}`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity/*" } }
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
    code: "PAL225",
    name: "variable-syntax",
    severity: Severity::Error,
    aws: &[
        "MISSING_BRACE_IN_VARIABLE",
        "MISSING_QUOTE_IN_VARIABLE",
        "UNSUPPORTED_SPACE_IN_VARIABLE",
        "EMPTY_VARIABLE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in variables(&text.value) {
            let Some(fault) = variable.fault else {
                continue;
            };
            let (start, end) = variable.range;
            let shown = text::shown(text.value.get(start..end).unwrap_or(""));
            let help = "write `${key}` or `${key, 'default'}`; a plain dollar sign is `${$}`";
            let span = text.part(&policy.source, start, end);
            out.push(Note::at(span, format!("`{shown}` {fault}")).help(help));
        }
    }
}

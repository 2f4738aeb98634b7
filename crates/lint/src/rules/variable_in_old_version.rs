//! # A variable in the language of 2008
//!
//! A text holds a policy variable, and the policy is written in the language of 2008, also where `Version` is missing.
//!
//! ## Why
//! In that language `${aws:SourceIdentity}` is plain text: nobody has a folder of this name, so that an Allow grants
//! nothing and a Deny protects nothing.
//!
//! ## Example
//! ```json identity
//! { "Version": "2008-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
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
    code: "PAL227",
    name: "variable-in-old-version",
    severity: Severity::Error,
    aws: &["VARIABLE_UNSUPPORTED_IN_VERSION"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in variables(&text.value) {
            if variable.fault.is_some() || !(variable.is_escape || variable.key.contains(':')) {
                continue;
            }
            let (start, end) = variable.range;
            let shown = text.value.get(start..end).unwrap_or("");
            let reason = format!("`{shown}` is plain text: variables need `Version` 2012-10-17");
            let edits = match &policy.version {
                Some(version) => edits::replace(policy, version, "2012-10-17"),
                None => edits::insert_first(policy, &policy.node, "Version", "\"2012-10-17\""),
            };
            let note = Note::at(text.part(&policy.source, start, end), reason);
            out.push(note.possible_fix("write \"Version\": \"2012-10-17\"", edits));
        }
    }
}

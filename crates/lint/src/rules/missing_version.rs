//! # `Version` is missing
//!
//! The policy does not say which version of the language it is written in, so that AWS takes the one of 2008.
//!
//! ## Why
//! In the language of 2008, `${aws:SourceIdentity}` is not a variable but text of its own: a policy that should let
//! everyone into their own folder lets nobody into any.
//!
//! ## Example
//! ```json identity
//! { "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL020",
    name: "missing-version",
    severity: Severity::Warning,
    aws: &["MISSING_VERSION"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    if policy.node.get("Version").is_some() || policy.node.as_object().is_none() {
        return;
    }
    // Where the text holds `${`, the newer language gives it another meaning, which its author may not want.
    let mut texts = policy.statements.iter().flat_map(facts::variable_texts);
    let plain = !texts.any(|text| text.value.contains("${"));
    let span = Span {
        start: policy.node.span.start,
        end: policy.node.span.start.saturating_add(1),
    };
    let note = Note::at(
        span,
        "the policy has no `Version`, so that the language of 2008 applies, without variables",
    );
    let edits = edits::insert_first(policy, &policy.node, "Version", "\"2012-10-17\"");
    let title = "write \"Version\": \"2012-10-17\"";
    out.push(match plain {
        true => note.safe_fix(title, edits),
        false => note.possible_fix(title, edits),
    });
}

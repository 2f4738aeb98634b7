//! # There is no such version of the language
//!
//! `Version` is neither `2012-10-17` nor `2008-10-17`.
//!
//! ## Why
//! AWS refuses the policy. `Version` is the version of the language, not the date of the policy.
//!
//! ## Example
//! ```json identity
//! { "Version": "2024-05-01", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL019",
    name: "invalid-version",
    severity: Severity::Error,
    aws: &["INVALID_VERSION"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    let Some(version) = policy.version.as_ref().filter(|version| version.is_known()) else {
        return;
    };
    if matches!(version.value.as_str(), "2012-10-17" | "2008-10-17") {
        return;
    }
    let reason = format!("`{}` is no version of the policy language", version.shown());
    let edits = edits::replace(policy, version, "2012-10-17");
    out.push(Note::at(version.span, reason).possible_fix("write \"2012-10-17\"", edits));
}

//! # A condition key of another form
//!
//! A condition key is not `service:name`, or it names tags without saying which.
//!
//! ## Why
//! AWS refuses the policy. A key for tags ends with the key of the tag: `aws:ResourceTag/team`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/": "vision" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL201",
    name: "condition-key-format",
    severity: Severity::Error,
    aws: &[
        "INVALID_CONDITION_KEY_FORMAT",
        "MISSING_TAG_KEY_IN_CONDITION",
    ],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let key = &condition.key;
        if !key.is_known() {
            continue;
        }
        let lower = key.value.to_ascii_lowercase();
        let parts = key.value.split_once(':');
        let formed = parts.is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if lower.ends_with("tag/") {
            let reason = format!("`{}` does not say which tag", key.shown());
            out.push(Note::at(key.span, reason).help("write the key of the tag behind the slash"));
        } else if !formed || key.value.contains("${") || key.value.contains(char::is_whitespace) {
            let reason = format!("`{}` is no condition key", key.shown());
            out.push(
                Note::at(key.span, reason)
                    .help("write `service:name`, such as `aws:SourceIdentity`"),
            );
        }
    }
}

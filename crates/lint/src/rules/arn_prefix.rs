//! # A resource that is no ARN
//!
//! A resource is neither `*` nor a text that begins with `arn:`.
//!
//! ## Why
//! AWS refuses the policy. Names and URLs of resources mean nothing in a policy.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "s3://data/*"
//!   } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL110",
    name: "arn-prefix",
    severity: Severity::Error,
    aws: &["INVALID_ARN_PREFIX"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = &statement.resources else {
        return;
    };
    for resource in &resources.values {
        let value = resource.value.as_str();
        if value == "*" || value.starts_with("arn:") || value.starts_with(text::is_hole) {
            continue;
        }
        let reason = format!("`{}` is neither `*` nor an ARN", resource.shown());
        let note = Note::at(resource.span, reason);
        out.push(match value.strip_prefix("s3://") {
            Some(path) => {
                let meant = format!("arn:aws:s3:::{path}");
                let edits = edits::replace(policy, resource, &meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
            None => note.help("write \"arn:partition:service:region:account:resource\""),
        });
    }
}

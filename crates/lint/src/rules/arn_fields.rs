//! # An ARN with too few parts
//!
//! An ARN has fewer than six parts.
//!
//! ## Why
//! AWS refuses the policy, or fills the missing parts with wildcards where nobody expects it. A part that has no value
//! is left empty, but its colon stays: `arn:aws:s3:::bucket`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL111",
    name: "arn-fields",
    severity: Severity::Error,
    aws: &["MISSING_ARN_FIELD"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = &statement.resources else {
        return;
    };
    for resource in &resources.values {
        if resource.value.starts_with("arn:") && arns::is_short(&resource.value) {
            let reason = format!(
                "`{}` has fewer than the six parts of an ARN",
                resource.shown()
            );
            let help = "write \"arn:partition:service:region:account:resource\", leaving parts empty that have no value";
            out.push(Note::at(resource.span, reason).help(help));
        }
    }
}

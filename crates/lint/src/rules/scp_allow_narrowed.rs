//! # A service control policy that allows some of it
//!
//! An Allow of a service control policy has a `Resource` other than `*`, or `NotResource`.
//!
//! ## Why
//! Organizations' pages disagree on whether an Allow may name resources; where it is taken, it withdraws everything
//! else. Allow everything, and write what shall not be as Deny.
//!
//! ## Example
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL300",
    name: "scp-allow-narrowed",
    severity: Severity::Warning,
    aws: &[
        "SCP_SYNTAX_ERROR_ALLOW_RESOURCE",
        "SCP_SYNTAX_ERROR_NOTRESOURCE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::ServiceControl || !statement.allows() {
        return;
    }
    let Some(resources) = &statement.resources else {
        return;
    };
    if resources.not
        || resources
            .values
            .iter()
            .any(|resource| resource.value != "*")
    {
        let reason =
            "an Allow of a service control policy is for every resource, or may be refused";
        out.push(
            Note::at(resources.span, reason)
                .help("write \"Resource\": \"*\", and deny what shall not be"),
        );
    }
}

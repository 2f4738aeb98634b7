//! # A wildcard in the service of an action
//!
//! The part of an action in front of the colon has a wildcard.
//!
//! ## Why
//! IAM refuses such a policy when it is saved, and where it passes it means services that nobody thought of. Name each
//! service.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s*:GetObject", "Resource":
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
    code: "PAL102",
    name: "wildcard-service",
    severity: Severity::Error,
    aws: &["WILDCARD_IN_SERVICE_NAME"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    for pattern in &actions.values {
        let Some((service, _)) = pattern.text.value.split_once(':') else {
            continue;
        };
        if service.contains(['*', '?']) {
            let span = pattern.text.part(&policy.source, 0, service.len());
            let reason = format!("`{}` has a wildcard in its service", pattern.text.shown());
            out.push(Note::at(span, reason).help("name each service: \"s3:GetObject\""));
        }
    }
}

//! # An Allow on everything but a few resources
//!
//! A statement allows with `NotResource`, and has no condition.
//!
//! ## Why
//! It allows the actions on every resource that is not named, also on those that are made later. An entry with a
//! variable that has no value excludes nothing at all.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "NotResource":
//!   "arn:aws:s3:::payroll/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL603",
    name: "allow-not-resource",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = statement
        .resources
        .as_ref()
        .filter(|resources| resources.not)
    else {
        return;
    };
    if statement.allows() && statement.conditions.is_empty() {
        let reason = "`NotResource` in an Allow allows the actions on everything that is not named";
        out.push(Note::at(resources.key.span, reason).help("name the resources in `Resource`"));
    }
}

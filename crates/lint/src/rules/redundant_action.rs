//! # An action that another one covers
//!
//! A statement lists actions of which one is covered by another of the same list.
//!
//! ## Why
//! It changes nothing, and hides from readers how far the statement reaches.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "s3:Get*", "s3:GetObject" ],
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:Get*", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use super::redundant;
use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL503",
    name: "redundant-action",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_ACTION"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(element) = &statement.actions else {
        return;
    };
    redundant::report(
        policy,
        element.values.iter().map(|pattern| &pattern.text),
        str::to_ascii_lowercase,
        patterns::covers,
        out,
    );
}

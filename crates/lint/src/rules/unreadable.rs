//! # The text cannot be read
//!
//! What should be JSON or YAML is not, so that AWS refuses it and nothing in it can be checked.
//!
//! ## Why
//! A comma that is missing or too many, a quote that is not closed, comments, single quotes: JSON has none of these
//! liberties. Every error of the text is reported at once, each where it stands, also within a JSON string of a plan or
//! a template.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject" "Resource": "*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL001",
    name: "unreadable",
    severity: Severity::Error,
    aws: &["JSON_SYNTAX_ERROR"],
    check: Check::Reading,
};

//! # The engine refuses the policy
//!
//! The policy breaks a rule of the language for which there is no rule of its own here. `palisade simulate`, `prove` and
//! `serve` refuse it with these words.
//!
//! ## Why
//! A policy that is not understood completely is never evaluated, and never called clean.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny", "Principal": { "CanonicalUser": "" },
//!   "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny",
//!   "Principal": { "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" },
//!   "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```

use crate::prelude::*;

/// Reported by the check itself, of policies in which no rule found an error.
pub(super) const RULE: Rule = Rule {
    code: "PAL004",
    name: "refused",
    severity: Severity::Error,
    aws: &[],
    check: Check::Reading,
};

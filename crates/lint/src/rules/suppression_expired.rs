//! # A suppression has expired
//!
//! An entry of `palisade.toml` carries a day of expiry that has passed.
//!
//! ## Why
//! A suppression is a decision for a while. When its day has come, what it suppressed is reported again, and this says
//! why it appears now. Repair it, or decide again and write a new date.
//!
//! ## Example
//! ```toml
//! [[check.suppress]]
//! code = "PAL402"
//! path = "legacy/*.json"
//! reason = "the old pipeline is switched off in spring"
//! expires = 2020-04-01
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL002",
    name: "suppression-expired",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Reading,
};

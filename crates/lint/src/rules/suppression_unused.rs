//! # A suppression suppresses nothing
//!
//! An entry of `palisade.toml` means no finding, though the files that it names were read.
//!
//! ## Why
//! What it was written for is repaired, or was moved. Left in place, it would silence the next fault of the same kind.
//!
//! ## Example
//! ```toml
//! [[check.suppress]]
//! code = "PAL402"
//! reason = "the role was narrowed long ago"
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL003",
    name: "suppression-unused",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Reading,
};

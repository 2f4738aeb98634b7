//! What REST protocols put outside of the body: headers, labels, query and status.

pub(super) mod read;
pub(super) mod write;

use catalog::shapes::{Location, Shape};

/// Whether any member stands in the body.
pub(super) fn has_body(shape: Shape) -> bool {
    shape
        .members()
        .any(|member| member.location() == Location::Body)
}

//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a failing test panics"
)]

mod groups;
mod iam;
mod iam_policies;
mod last_used;
mod simulate;

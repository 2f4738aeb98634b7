//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod issuer;
mod own;
mod refused;
mod sessions;
mod sts;
mod web_identity;

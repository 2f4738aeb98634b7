//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod encryption;
mod listings;
mod secrets;
mod values;

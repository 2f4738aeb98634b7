//! The services through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a failing test panics"
)]

mod blueprint;
mod documentation;
mod principal_ids;
mod ways_around;

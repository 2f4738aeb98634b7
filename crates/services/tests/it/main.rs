//! The services through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod blueprint;
mod documentation;
mod examples;
mod faults;
mod formats;
mod idempotency;
mod principal_ids;
mod reseal;
mod tenancy;
mod ways_around;

//! The hallway, walked from end to end without a socket.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bound_policies;
mod context;
mod deputy;
mod door;
mod inside;
mod paging;
mod record;
mod refused;
mod trail_first;
mod write_again;

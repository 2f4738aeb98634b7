//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

#[expect(dead_code, reason = "the tests of the store use more of it")]
#[path = "../../../../crates/store/tests/it/cluster.rs"]
mod cluster;
mod delivery;
mod logs;
mod lookup;
mod nodes;
mod selectors;
mod shared;
mod trails;

//! What a store promises, tried on every implementation.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod cluster;
mod conformance;
mod faulty;
mod journal;
mod keys;
mod postgres;
mod records;
mod sqlite;

//! Tests of the whole crate through its public functions.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod allocation;
mod bodies;
mod corpus;
mod evaluation;
mod explanation;
mod generate;
mod grammar;
mod messages;
mod options;
mod properties;
mod statements;
mod truth_table;

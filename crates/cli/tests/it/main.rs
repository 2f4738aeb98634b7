//! The program as it is run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod blueprint;
mod check;
mod kill;
mod prove;
mod lsp;
mod serve;

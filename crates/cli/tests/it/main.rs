//! The program as it is run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod blueprint;
mod check;
mod isolated;
mod kill;
mod lsp;
mod prove;
mod readme;
mod serve;
mod verify;
mod watch;

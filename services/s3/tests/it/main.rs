//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test panics"
)]

mod answers;
mod browsers;
mod config;
mod control;
mod customer_keys;
mod encryption;
mod few_bytes;
mod keeping;
mod keys;
mod lifecycle;
mod lock;
mod meanwhile;
mod multipart;
mod ownership;
mod permissions;
mod s3;
mod s3_access;
mod versions;

//! Tests of the crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chunked;
mod errors;
mod forms;
mod hostile;
mod links;
mod responses;
mod route;
mod sigv4;
mod support;
mod validate;

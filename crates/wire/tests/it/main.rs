//! Tests of the crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod chunked;
mod corpus;
mod errors;
mod forms;
mod hostile;
mod links;
mod models;
mod responses;
mod route;
mod sigv4;
mod support;
mod validate;

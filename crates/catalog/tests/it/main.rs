//! Tests of the catalog as its users see it.

#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod damage;
mod facts;
mod look_up;
mod shapes;

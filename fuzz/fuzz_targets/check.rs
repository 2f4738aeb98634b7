//! See `bodies::check`.

#![no_main]

#[path = "../../crates/lint/tests/it/bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::check(data));

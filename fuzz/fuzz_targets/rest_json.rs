//! See `bodies::rest_json`.

#![no_main]
#![allow(dead_code, reason = "each target uses a part of the shared modules")]

#[path = "../../crates/wire/tests/it/bodies.rs"]
mod bodies;
#[path = "../../crates/wire/tests/it/models.rs"]
mod models;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::rest_json(data));

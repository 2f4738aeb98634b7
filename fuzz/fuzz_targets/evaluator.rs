//! See `bodies::evaluator`.

#![no_main]
#![allow(dead_code, reason = "each target uses a part of the shared modules")]

#[path = "../../crates/policy/tests/it/bodies.rs"]
mod bodies;
#[path = "../../crates/policy/tests/it/generate.rs"]
mod generate;
#[path = "../../crates/policy/tests/it/statements.rs"]
mod statements;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::evaluator(data));

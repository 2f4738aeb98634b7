//! The prover beside the engine.

#![cfg(test)]

mod dice;
mod questions;
mod worlds;

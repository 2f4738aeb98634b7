//! The prover beside the engine.

#![cfg(test)]

mod deputy;
mod dice;
mod questions;
mod worlds;

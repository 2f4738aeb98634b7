//! The prover beside the engine.

#![cfg(test)]

mod deputy;
mod dice;
mod isolation;
mod layers;
mod questions;
mod tenancy;
mod worlds;

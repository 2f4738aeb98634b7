//! The prover beside the engine.

#![cfg(test)]

mod deputy;
mod dice;
mod layers;
mod questions;
mod worlds;
//! What is asked of all requests.

mod tenancy;

//! The prover beside the engine.

#![cfg(test)]

mod bounded;
mod certificates;
mod deputy;
mod dice;
mod documentation;
mod isolation;
mod laws;
mod layers;
mod odd;
mod questions;
mod real;
mod steered;
mod tenancy;
mod tenants;
mod worlds;

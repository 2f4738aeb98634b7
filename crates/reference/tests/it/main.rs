//! Runs the executable specification, `spec/*.md`, and the differential comparison.
#![cfg(test)]

mod differential;
mod facts;
mod markdown;
mod specification;
mod truth;
mod vocabulary;

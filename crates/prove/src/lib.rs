//! Answers for all requests.

pub mod language;

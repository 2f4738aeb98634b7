//! The service through the whole hallway, without a socket.

mod groups;
mod iam;
mod iam_policies;
mod last_used;
mod simulate;
mod simulate_stored;

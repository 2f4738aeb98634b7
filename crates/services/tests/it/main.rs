//! The services through the whole hallway, without a socket.

mod blueprint;
mod iam;
mod iam_policies;
mod sessions;
mod sts;

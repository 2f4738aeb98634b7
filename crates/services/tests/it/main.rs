//! The services through the whole hallway, without a socket.

mod blueprint;
mod iam;
mod iam_policies;
mod job_keys;
mod jobs;
mod sessions;
mod sts;
mod studio;
mod team;

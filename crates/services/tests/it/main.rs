//! The services through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a failing test panics"
)]

mod blueprint;
mod buckets;
mod cloudtrail;
mod documentation;
mod iam;
mod iam_policies;
mod job_keys;
mod jobs;
mod s3;
mod s3_access;
mod secrets;
mod sessions;
mod sts;
mod studio;
mod team;
mod ways_around;

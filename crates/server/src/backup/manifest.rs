//! What a backup says of itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The format of backups that this program writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;

/// The last entry of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The version of the program that wrote it.
    pub(super) program: String,
    pub(super) created: Timestamp,
    /// Records of the state.
    pub(super) records: usize,
    /// The end of the trail.
    pub(super) trail_position: u64,
    pub(super) trail_hash: String,
    /// The hashes of the sealing keys without which the state cannot be used.
    pub(super) sealing_keys: Vec<String>,
    pub(super) entries: Vec<Entry>,
}

/// Another entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Only the format, which newer programs may not change in the place where it is.
#[derive(Deserialize)]
pub(super) struct Format {
    pub(super) format: u32,
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

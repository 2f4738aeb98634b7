//! Aliases of KMS keys, which services that encrypt have to follow to the key before they ask for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// An alias of a KMS key, under its account, region and name (with `alias/`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAlias {
    /// The key's id.
    pub key: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was given its key.
    pub changed: Timestamp,
}

impl Record for KeyAlias {
    const KIND: &'static str = "kms-alias";
    const VERSION: u32 = 1;
}

impl KeyAlias {
    /// The key of its record; `name` is with `alias/`.
    #[must_use]
    pub fn key(account: &str, region: &str, name: &str) -> Key {
        Key::new([account, region, name])
    }
}

//! Accounts and long-term access keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Key, Record, Scan, Write};

use crate::error::ApiError;
use crate::port::Random;
use crate::seal::Sealer;

/// An account. Its record stands under the account's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// When it was made.
    pub created: Timestamp,
    /// The ids of the root user's access keys.
    pub root_keys: Vec<String>,
}

impl Record for Account {
    const KIND: &'static str = "account";
    const VERSION: u32 = 1;
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum KeyOwner {
    /// The account's root user.
    Root,
    /// A user; the id guards against a later user of the same name.
    User {
        /// The user's name.
        name: String,
        /// The user's unique id.
        id: String,
    },
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// It may not.
    Inactive,
}

impl KeyStatus {
    /// `Active` or `Inactive`, as the API says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// A long-term access key. Its record stands under its id, which is unique across accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The account it belongs to.
    pub account: String,
    /// Whose it is.
    pub owner: KeyOwner,
    /// The secret, sealed for [`AccessKey::purpose`].
    pub sealed_secret: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for AccessKey {
    const KIND: &'static str = "iam-access-key";
    const VERSION: u32 = 1;
}

impl AccessKey {
    /// The key of the record of access key `id`.
    #[must_use]
    pub fn key(id: &str) -> Key {
        Key::new([id])
    }

    /// For what the secret of access key `id` is sealed.
    #[must_use]
    pub fn purpose(id: &str) -> String {
        format!("access-key:{id}")
    }
}

/// Seals the secrets of all access keys with the sealer's current key. Returns how many there are.
///
/// # Errors
/// When one was sealed with a key that is not at hand, or the store fails.
pub fn reseal(tx: &mut dyn Write, sealer: &Sealer, random: &dyn Random) -> Result<usize, ApiError> {
    let all = tx.scan::<AccessKey>(&Scan::under(&Key::new([] as [&str; 0])))?;
    for entry in &all {
        let id = entry.key.parts().pop().unwrap_or_default();
        let held = &entry.value.sealed_secret;
        let resealed = sealer.reseal(random, &AccessKey::purpose(&id), held)?;
        let sealed_secret = resealed.ok_or_else(|| {
            ApiError::internal(format!(
                "the secret of access key `{id}` was sealed with a root key that is not at hand"
            ))
        })?;
        let new = AccessKey {
            sealed_secret,
            ..entry.value.clone()
        };
        tx.put(&entry.key, &new)?;
    }
    Ok(all.len())
}

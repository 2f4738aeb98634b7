//! Accounts and long-term access keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Key, Record};

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

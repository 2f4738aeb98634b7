//! Users and roles.

use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record};

use crate::principal_ids::{self, BoundPolicy};

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, in the case in which it was given.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Tag {
    /// A tag.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// The value of the tag with this key, ignoring case.
#[must_use]
pub fn tag_value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter()
        .find(|tag| tag.key.eq_ignore_ascii_case(key))
        .map(|tag| tag.value.as_str())
}

/// The policies of a user or role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachments {
    /// Inline policies: name and document.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies, in the order of attachment.
    pub managed: Vec<String>,
    /// ARN of the managed policy that is the permissions boundary.
    pub boundary: Option<String>,
}

impl Attachments {
    /// Whether the managed policy is attached, or the boundary.
    #[must_use]
    pub fn uses(&self, arn: &str) -> bool {
        self.boundary.as_deref() == Some(arn) || self.managed.iter().any(|held| held == arn)
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its path, `/` or `/team/`.
    pub path: String,
    /// Its unique id, `AIDA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its policies.
    pub policies: Attachments,
    /// The ids of its access keys.
    pub access_keys: Vec<String>,
    /// The names of the groups it is in, in the order in which it joined.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl Record for User {
    const KIND: &'static str = "iam-user";
    const VERSION: u32 = 2;

    /// Version 1 knew no groups.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| serde_json::from_slice(json))
    }
}

impl User {
    /// The key of the record of the user of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:user/PATH/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:user{}{}",
            self.path, self.name
        )
    }
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its path, `/` or `/service-role/`.
    pub path: String,
    /// Its unique id, `AROA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session in seconds, 3,600 to 43,200.
    pub max_session_duration: i64,
    /// Its trust policy.
    pub trust: BoundPolicy,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its policies.
    pub policies: Attachments,
}

impl Record for Role {
    const KIND: &'static str = "iam-role";
    const VERSION: u32 = 2;

    /// Version 1 kept the trust policy as a text with the names of its principals.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| principal_ids::upgrade(json, "trust"))
    }
}

impl Role {
    /// The key of the record of the role of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:role/PATH/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:role{}{}",
            self.path, self.name
        )
    }
}

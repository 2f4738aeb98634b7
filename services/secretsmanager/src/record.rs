//! What is kept about secrets, and how their values are sealed.

use bytes::Bytes;
use jiff::Timestamp;
use platform::identity::Tag;
use platform::principal_ids::{self, BoundPolicy, HoldsPolicies};
use policy::PolicyType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record};

/// The staging label of the value that readers get.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The staging label of the value before that.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// A secret, under its account, region and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) tags: Vec<Tag>,
    /// Its resource policy.
    pub(super) policy: Option<BoundPolicy>,
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    /// When it will be gone, once its deletion was asked for.
    pub(super) deletion: Option<Timestamp>,
    /// By version id.
    pub(super) versions: BTreeMap<String, Version>,
    /// ARN of the KMS key, or of its alias; none is the account's own `alias/aws/secretsmanager`.
    #[serde(default)]
    pub(super) kms_key: Option<String>,
}

/// A version of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) created: Timestamp,
    pub(super) stages: Vec<String>,
    /// The KMS key under which it was sealed.
    #[serde(default)]
    pub(super) kms_key: Option<String>,
}

impl Record for Secret {
    const KIND: &'static str = "secret";
    const VERSION: u32 = 3;

    /// Version 1 kept the policy as a text with the names of its principals; version 2 knew no keys of
    /// KMS.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        match version {
            1 => Some(principal_ids::upgrade(json, "policy")),
            2 => Some(serde_json::from_slice(json)),
            _ => None,
        }
    }
}

impl HoldsPolicies for Secret {
    const POLICY: PolicyType = PolicyType::Resource;

    fn policies_mut(&mut self) -> impl Iterator<Item = &mut BoundPolicy> {
        self.policy.iter_mut()
    }
}

impl Secret {
    pub(super) fn key(account: &str, region: &str, name: &str) -> Key {
        Key::new([account, region, name])
    }

    /// The version with this staging label.
    pub(super) fn staged(&self, stage: &str) -> Option<&str> {
        let mut all = self.versions.iter();
        let found = all.find(|(_, version)| version.stages.iter().any(|held| held == stage));
        found.map(|(id, _)| id.as_str())
    }
}

impl Secret {
    /// Whether its time has not come yet.
    pub(super) fn is_there(&self, now: Timestamp) -> bool {
        self.deletion.is_none_or(|due| now < due)
    }

    /// The account whose secret it is.
    pub(super) fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

/// The day on which a secret's value was last read, under the secret's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Accessed {
    pub(super) day: Timestamp,
}

impl Record for Accessed {
    const KIND: &'static str = "secret-accessed";
    const VERSION: u32 = 1;
}

impl Accessed {
    pub(super) fn key(arn: &str) -> Key {
        Key::new([arn])
    }
}

/// A value in the open. It has no `Debug`, so that it gets into no message.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Plain {
    Text(String),
    Binary(Bytes),
}

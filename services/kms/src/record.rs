//! What is kept about keys.

use chacha20poly1305::XChaCha20Poly1305;
use jiff::Timestamp;
use platform::identity::Tag;
use platform::principal_ids::BoundPolicy;
use platform::{ApiError, Platform};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use store::{Key as StoreKey, Record};

use super::error;

/// A key, under its account, region and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) id: String,
    pub(super) description: String,
    pub(super) spec: Spec,
    pub(super) created: Timestamp,
    pub(super) enabled: bool,
    pub(super) deletion: Option<Deletion>,
    /// The service whose AWS managed key it is, such as `s3`; none of a customer's key.
    pub(super) manager: Option<String>,
    /// The key policy.
    pub(super) policy: BoundPolicy,
    pub(super) tags: Vec<Tag>,
    /// Names of its aliases, with `alias/`.
    pub(super) aliases: BTreeSet<String>,
    pub(super) rotation: Rotation,
    /// What it encrypts with, oldest first; the last is current.
    pub(super) materials: Vec<Material>,
}

/// When a key will be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) due: Timestamp,
    pub(super) days: i64,
}

/// Rotation by itself and what happened of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rotation {
    /// Days between rotations and when the next is due, if it rotates by itself.
    pub(super) plan: Option<(i64, Timestamp)>,
    /// The period that was last asked for.
    pub(super) period: Option<i64>,
    pub(super) done: Vec<Rotated>,
}

/// A rotation that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rotated {
    pub(super) at: Timestamp,
    pub(super) on_demand: bool,
}

/// Key material, sealed for its key and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Material {
    /// 64 hexadecimal digits.
    pub(super) id: String,
    pub(super) sealed: String,
    /// The cipher of it, once somebody needed it.
    #[serde(skip)]
    pub(super) opened: Opened,
}

/// What follows from the rest of a material, and is never written. It is forgotten with the record that was read,
/// and a copy of that, which may be changed, has none.
#[derive(Default)]
pub(super) struct Opened(pub(super) OnceLock<XChaCha20Poly1305>);

impl Clone for Opened {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Opened {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Opened {}

/// It gets into no message.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}

impl Record for Key {
    const KIND: &'static str = "kms-key";
    const VERSION: u32 = 1;
}

/// What a key is, and so what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Spec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
}

impl Spec {
    const ALL: [Self; 5] = [
        Self::Symmetric,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
    ];

    /// The spec of this name, if keys of it are made here.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|spec| spec.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Symmetric => "SYMMETRIC_DEFAULT",
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
        }
    }

    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Symmetric => "ENCRYPT_DECRYPT",
            _ => "GENERATE_VERIFY_MAC",
        }
    }

    /// The algorithm of an HMAC key.
    pub(super) fn mac(self) -> Option<&'static str> {
        match self {
            Self::Symmetric => None,
            Self::Hmac224 => Some("HMAC_SHA_224"),
            Self::Hmac256 => Some("HMAC_SHA_256"),
            Self::Hmac384 => Some("HMAC_SHA_384"),
            Self::Hmac512 => Some("HMAC_SHA_512"),
        }
    }

    /// Bytes of material.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Symmetric | Self::Hmac256 => 32,
            Self::Hmac224 => 28,
            Self::Hmac384 => 48,
            Self::Hmac512 => 64,
        }
    }
}

impl Key {
    pub(super) fn key(account: &str, region: &str, id: &str) -> StoreKey {
        StoreKey::new([account, region, id])
    }

    pub(super) fn own_key(&self) -> StoreKey {
        Self::key(&self.account, &self.region, &self.id)
    }

    pub(super) fn arn(&self, platform: &Platform) -> String {
        arn(platform, &self.region, &self.account, &self.id)
    }

    /// `Enabled`, `Disabled` or `PendingDeletion`.
    pub(super) fn state(&self) -> &'static str {
        match (self.deletion, self.enabled) {
            (Some(_), _) => "PendingDeletion",
            (None, true) => "Enabled",
            (None, false) => "Disabled",
        }
    }

    /// Refuses while the key is to be deleted.
    pub(super) fn not_pending(&self, platform: &Platform) -> Result<(), ApiError> {
        match self.deletion {
            Some(_) => Err(error::pending_deletion(&self.arn(platform))),
            None => Ok(()),
        }
    }

    /// Refuses unless the key may be used.
    pub(super) fn usable(&self, platform: &Platform) -> Result<(), ApiError> {
        self.not_pending(platform)?;
        if self.enabled {
            Ok(())
        } else {
            Err(error::disabled(&self.arn(platform)))
        }
    }

    /// Whether its time has not come yet.
    pub(super) fn is_there(&self, now: Timestamp) -> bool {
        self.deletion.is_none_or(|deletion| now < deletion.due)
    }
}

pub(super) fn arn(platform: &Platform, region: &str, account: &str, id: &str) -> String {
    let parts = [
        "arn:",
        platform.partition(),
        ":kms:",
        region,
        ":",
        account,
        ":key/",
        id,
    ];
    parts.concat()
}

pub(super) fn alias_arn(platform: &Platform, region: &str, account: &str, name: &str) -> String {
    let partition = platform.partition();
    format!("arn:{partition}:kms:{region}:{account}:{name}")
}

/// A grant, under its key's account, region and id, and its own id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: Option<String>,
    pub(super) created: Timestamp,
    /// Who is granted something.
    pub(super) grantee: Grantee,
    /// Who may give it up.
    pub(super) retiring: Option<Grantee>,
    /// ARN of the root of the account that granted.
    pub(super) issuer: String,
    pub(super) operations: Vec<String>,
    pub(super) constraint: Option<Constraint>,
    pub(super) token: String,
}

/// Whom a grant names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grantee {
    /// As it was given.
    pub(super) arn: String,
    /// As it stands in policies: users and roles by their unique ids.
    pub(super) bound: String,
}

/// What the encryption context must be for a grant to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Constraint {
    /// It has at least these pairs.
    Subset(BTreeMap<String, String>),
    /// It is exactly this.
    Equals(BTreeMap<String, String>),
}

impl Record for Grant {
    const KIND: &'static str = "kms-grant";
    const VERSION: u32 = 1;
}

impl Grant {
    pub(super) fn key(account: &str, region: &str, key: &str, id: &str) -> StoreKey {
        StoreKey::new([account, region, key, id])
    }

    /// Where all grants of a key are.
    pub(super) fn under(key: &Key) -> StoreKey {
        StoreKey::new([&key.account, &key.region, &key.id])
    }
}

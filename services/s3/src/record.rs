//! What is kept about buckets and objects.

use bytes::Bytes;
use jiff::Timestamp;
use platform::identity::Tag;
use platform::principal_ids::{self, BoundPolicy, HoldsPolicies};
use policy::{AccountId, PolicyType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record};

use super::checksum::Checksum;
use super::encryption::{self, Encryption as Encrypted};
use super::lock::{Lock, Locking};
use super::settings::{
    CorsRule, Encryption, Grant, LifecycleRule, Ownership, PublicAccess, Versioning,
};

/// A bucket, under its name, which no other bucket of any account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bucket {
    pub(super) name: String,
    /// Under this id its objects stand, so that a new bucket of the same name begins empty.
    pub(super) id: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) created: Timestamp,
    /// Its policy.
    pub(super) policy: Option<BoundPolicy>,
    pub(super) tags: Vec<Tag>,
    #[serde(default)]
    pub(super) versioning: Versioning,
    #[serde(default)]
    pub(super) public_access: Option<PublicAccess>,
    #[serde(default = "enforced")]
    pub(super) ownership: Option<Ownership>,
    /// Its access-control list; empty when it grants nothing to others.
    #[serde(default)]
    pub(super) acl: Vec<Grant>,
    #[serde(default)]
    pub(super) encryption: Encryption,
    #[serde(default)]
    pub(super) cors: Vec<CorsRule>,
    #[serde(default)]
    pub(super) lifecycle: Vec<LifecycleRule>,
    /// What locks are for in it; none where nothing can be locked.
    #[serde(default)]
    pub(super) lock: Option<Locking>,
}

/// What every bucket had before it could be chosen.
#[expect(clippy::unnecessary_wraps, reason = "serde asks for the field's type")]
fn enforced() -> Option<Ownership> {
    Some(Ownership::BucketOwnerEnforced)
}

impl Record for Bucket {
    const KIND: &'static str = "s3-bucket";
    const VERSION: u32 = 4;

    /// Version 1 kept the policy as a text with the names of its principals; version 2 knew no encryption
    /// but S3's own, and version 3 no locks.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        match version {
            1 => Some(principal_ids::upgrade(json, "policy")),
            2 | 3 => Some(serde_json::from_slice(json)),
            _ => None,
        }
    }
}

impl HoldsPolicies for Bucket {
    const POLICY: PolicyType = PolicyType::Resource;

    fn policies_mut(&mut self) -> impl Iterator<Item = &mut BoundPolicy> {
        self.policy.iter_mut()
    }
}

impl Bucket {
    /// A new bucket as AWS makes it: nobody else has anything in it, and no public can.
    pub(super) fn new(
        name: &str,
        id: String,
        account: &str,
        region: String,
        time: Timestamp,
    ) -> Self {
        Self {
            name: name.to_owned(),
            id,
            account: account.to_owned(),
            region,
            created: time,
            policy: None,
            tags: Vec::new(),
            versioning: Versioning::Off,
            public_access: Some(PublicAccess::BLOCKED),
            ownership: enforced(),
            acl: Vec::new(),
            encryption: Encryption::default(),
            cors: Vec::new(),
            lifecycle: Vec::new(),
            lock: None,
        }
    }

    pub(super) fn key(name: &str) -> Key {
        Key::new([name])
    }

    pub(super) fn owner(&self) -> Option<AccountId> {
        AccountId::parse(&self.account)
    }
}

/// An object, under its bucket's id and its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) content: Content,
    /// The entity tag, without quotes.
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    /// What a reader gets in headers, by the names of the output's members: `ContentType`.
    pub(super) headers: BTreeMap<String, String>,
    /// User metadata, without the `x-amz-meta-`.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) checksum: Checksum,
    pub(super) tags: Vec<Tag>,
    #[serde(default)]
    pub(super) standing: Standing,
    #[serde(default)]
    pub(super) encryption: Encrypted,
}

/// What an object is to its bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// The id of this version; none of the null version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// How many versions were made of the key before it.
    #[serde(default)]
    pub(super) number: u64,
    /// The account that owns it; none where that is the bucket's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    /// Its access-control list; empty when it grants nothing to others than its owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) acl: Vec<Grant>,
    /// What keeps it from being removed.
    #[serde(default, skip_serializing_if = "Lock::is_none")]
    pub(super) lock: Lock,
}

/// Where the bytes of an object or a part are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// The pieces that make up the bytes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pieces: Vec<Piece>,
    /// The name of the [`Inline`] record that holds them: they are few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) inline: Option<Piece>,
    /// The parts that were uploaded one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<Parts>,
    /// Whether the bytes are sealed with a key of the object's. Of the parts, each says so itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) sealed: bool,
    /// The name of the content for which they were sealed, where they are a copy of another's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sealed_for: Option<String>,
}

/// The parts of an object, which stay records of their own: [`Part`](super::multipart::Part).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// The id of the upload, under which the parts stand.
    pub(super) upload: String,
    /// Parts with consecutive numbers and the same size.
    pub(super) runs: Vec<Run>,
}

/// Some parts of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    /// The number of the first.
    pub(super) first: u32,
    pub(super) count: u32,
    /// Of each, in bytes.
    pub(super) size: u64,
}

/// Bytes that are too few for a piece of their own, under their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inline {
    /// In base 64, as they are kept.
    #[serde(with = "base64_text")]
    pub(super) bytes: Bytes,
}

mod base64_text {
    use base64::Engine as _;
    use base64::display::Base64Display;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&Base64Display::new(bytes, &STANDARD))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(text: D) -> Result<Bytes, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes in base 64")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
                STANDARD.decode(text).map(Bytes::from).map_err(E::custom)
            }
        }
        text.deserialize_str(Text)
    }
}

impl Record for Inline {
    const KIND: &'static str = "s3-bytes";
    const VERSION: u32 = 1;
}

impl Inline {
    pub(super) fn key(name: &str) -> Key {
        Key::new([name])
    }
}

/// Some bytes under a name of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) name: String,
    pub(super) size: u64,
}

impl Record for Object {
    const KIND: &'static str = "s3-object";
    const VERSION: u32 = 6;

    /// Version 2 knew no encryption but S3's own, version 3 no owner but the bucket's, version 4 no locks, and
    /// version 5 no key of S3's own.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        match version {
            1 => Some(serde_json::from_slice(json).map(First::into_object)),
            2..=5 => Some(serde_json::from_slice(json)),
            _ => None,
        }
    }
}

/// An object in the first format.
#[derive(Deserialize)]
struct First {
    pieces: Vec<Piece>,
    etag: String,
    modified: Timestamp,
    headers: BTreeMap<String, String>,
    metadata: BTreeMap<String, String>,
    checksum: Checksum,
    tags: Vec<Tag>,
}

impl First {
    fn into_object(self) -> Object {
        Object {
            content: Content {
                pieces: self.pieces,
                ..Content::default()
            },
            etag: self.etag,
            modified: self.modified,
            headers: self.headers,
            metadata: self.metadata,
            checksum: self.checksum,
            tags: self.tags,
            standing: Standing::default(),
            encryption: Encrypted::default(),
        }
    }
}

impl Object {
    pub(super) fn key(bucket: &Bucket, key: &str) -> Key {
        Key::new([bucket.id.as_str(), key])
    }

    pub(super) fn size(&self) -> u64 {
        self.content.size()
    }

    /// The entity tag as headers and listings show it.
    pub(super) fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }
}

impl Content {
    pub(super) fn size(&self) -> u64 {
        let stored = self.stored();
        let own = if self.sealed {
            encryption::plain_size(stored)
        } else {
            stored
        };
        let parts = self.parts.iter().flat_map(|parts| &parts.runs);
        let parts = parts.map(|run| u64::from(run.count).saturating_mul(run.size));
        own + parts.sum::<u64>()
    }

    /// How many bytes lie in its own pieces.
    pub(super) fn stored(&self) -> u64 {
        let pieces = self.pieces.iter().chain(&self.inline);
        pieces.map(|piece| piece.size).sum()
    }

    /// The name that no other content has, of one that has bytes of its own.
    pub(super) fn name(&self) -> Option<&str> {
        let mut pieces = self.inline.iter().chain(&self.pieces);
        pieces.next().map(|piece| piece.name.as_str())
    }

    /// The name for which the bytes were sealed.
    pub(super) fn sealed_for(&self) -> Option<&str> {
        self.sealed_for.as_deref().or_else(|| self.name())
    }
}

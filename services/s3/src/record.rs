//! What is kept about buckets and objects.

use jiff::Timestamp;
use platform::identity::Tag;
use platform::principal_ids::{self, BoundPolicy, HoldsPolicies};
use policy::{AccountId, PolicyType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record};

use super::checksum::Checksum;

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
}

impl Record for Bucket {
    const KIND: &'static str = "s3-bucket";
    const VERSION: u32 = 2;

    /// Version 1 kept the policy as a text with the names of its principals.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| principal_ids::upgrade(json, "policy"))
    }
}

impl HoldsPolicies for Bucket {
    const POLICY: PolicyType = PolicyType::Resource;

    fn policies_mut(&mut self) -> impl Iterator<Item = &mut BoundPolicy> {
        self.policy.iter_mut()
    }
}

impl Bucket {
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
    /// The pieces that make up its bytes, in order.
    pub(super) pieces: Vec<Piece>,
    /// The entity tag, without quotes.
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    /// What a reader gets in headers, by the names of the output's members: `ContentType`.
    pub(super) headers: BTreeMap<String, String>,
    /// User metadata, without the `x-amz-meta-`.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) checksum: Checksum,
    pub(super) tags: Vec<Tag>,
}

/// Some of an object's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) name: String,
    pub(super) size: u64,
}

impl Record for Object {
    const KIND: &'static str = "s3-object";
    const VERSION: u32 = 1;
}

impl Object {
    pub(super) fn key(bucket: &Bucket, key: &str) -> Key {
        Key::new([bucket.id.as_str(), key])
    }

    pub(super) fn size(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.size).sum()
    }

    /// The entity tag as headers and listings show it.
    pub(super) fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    pub(super) fn piece_names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|piece| piece.name.as_str())
    }
}

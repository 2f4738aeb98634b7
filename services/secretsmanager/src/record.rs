//! What is kept about secrets, and how their values are sealed.

use bytes::Bytes;
use jiff::Timestamp;
use platform::identity::Tag;
use platform::principal_ids::{self, BoundPolicy, HoldsPolicies};
use platform::{ApiError, Platform};
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
}

/// A version of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) created: Timestamp,
    pub(super) stages: Vec<String>,
}

impl Record for Secret {
    const KIND: &'static str = "secret";
    const VERSION: u32 = 2;

    /// Version 1 kept the policy as a text with the names of its principals.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| principal_ids::upgrade(json, "policy"))
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

/// The value of one version, under the secret's ARN and the version's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SealedValue {
    pub(super) sealed: String,
}

impl Record for SealedValue {
    const KIND: &'static str = "secret-value";
    const VERSION: u32 = 1;
}

impl SealedValue {
    pub(super) fn key(arn: &str, version: &str) -> Key {
        Key::new([arn, version])
    }

    /// Seals `plain` for this version of this secret; it opens for no other.
    pub(super) fn seal(
        platform: &Platform,
        arn: &str,
        version: &str,
        plain: &Plain,
    ) -> Result<Self, ApiError> {
        let (mark, bytes) = match plain {
            Plain::Text(text) => (b's', text.as_bytes()),
            Plain::Binary(bytes) => (b'b', bytes.as_ref()),
        };
        let whole = [&[mark], bytes].concat();
        let sealed = platform
            .sealer()
            .seal(platform.random(), &purpose(arn, version), &whole)?;
        Ok(Self { sealed })
    }

    pub(super) fn open(
        &self,
        platform: &Platform,
        arn: &str,
        version: &str,
    ) -> Result<Plain, ApiError> {
        let failed = || {
            ApiError::internal(format!(
                "version `{version}` of the secret `{arn}` cannot be opened: start with the \
                 sealing key that sealed it"
            ))
        };
        let opened = platform.sealer().open(&purpose(arn, version), &self.sealed);
        let whole = opened.map_err(|_| failed())?;
        match whole.split_first() {
            Some((b's', text)) => String::from_utf8(text.to_vec())
                .map(Plain::Text)
                .map_err(|_| failed()),
            Some((b'b', bytes)) => Ok(Plain::Binary(Bytes::copy_from_slice(bytes))),
            _ => Err(failed()),
        }
    }
}

/// Neither ARNs of secrets nor version ids can be taken for one another's end: the ARN ends with six
/// letters behind the last hyphen, and has no colon behind `secret:`.
fn purpose(arn: &str, version: &str) -> String {
    format!("secret:{arn}:{version}")
}

/// A value in the open. It has no `Debug`, so that it gets into no message.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Plain {
    Text(String),
    Binary(Bytes),
}

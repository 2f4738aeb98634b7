//! Sessions: what a session token says, and how it is sealed.
//!
//! A token is self-contained. Any node that holds the sealing key verifies it without a look-up; whom
//! it is for must still exist with the same unique id when it is used.

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use crate::identity::{KeyOwner, Tag};
use crate::port::{Random, RandomError};
use crate::seal::Sealer;

/// The format of the claims that this program writes.
const VERSION: u32 = 2;

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The format.
    pub version: u32,
    /// The secret access key that signs the session's requests.
    pub secret: String,
    /// The account of whom it is for.
    pub account: String,
    /// Whom it is for.
    pub bearer: Bearer,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The inline session policy.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// Session tags, those inherited included.
    pub tags: Vec<Tag>,
    /// Keys of the tags that go with every further assumption.
    pub transitive: Vec<String>,
    /// The source identity; never changes along a chain.
    pub source_identity: Option<String>,
    /// The Studio application that the session was made for.
    pub studio: Option<Studio>,
    /// The identity provider that vouched for the session.
    pub federation: Option<Federation>,
    /// Nothing, where a token of a certain length was asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub padding: String,
}

/// Whom a session is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bearer {
    /// Whoever assumed a role.
    Role {
        /// The role's name.
        role: String,
        /// The role's unique id at the time.
        id: String,
        /// The name of the session.
        session: String,
    },
    /// A user or the root user themselves (`GetSessionToken`).
    Owner {
        /// Who it is.
        owner: KeyOwner,
        /// The access key with which they asked, and with which the session ends.
        key: String,
    },
    /// A federated user (`GetFederationToken`).
    Federated {
        /// The name of the federated user.
        name: String,
        /// The user or root user who asked.
        owner: KeyOwner,
    },
}

/// The identity provider that vouched for a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// `aws:FederatedProvider`: the provider's ARN.
    pub provider: String,
    /// The provider's condition keys, such as `token.example.com:sub`, with their values.
    pub keys: Vec<(String, Vec<String>)>,
}

/// The Studio application behind a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Studio {
    /// The domain's region.
    pub region: String,
    /// The domain's id, `d-…`.
    pub domain_id: String,
    /// The user profile; none in a shared space.
    pub user_profile_name: Option<String>,
    /// The shared space, if it is one.
    pub space_name: Option<String>,
}

impl Claims {
    pub(crate) const VERSION: u32 = VERSION;

    /// Seals the claims into a token that is good only beside `access_key_id`.
    ///
    /// # Errors
    /// When the random source fails.
    pub(crate) fn seal(
        &self,
        sealer: &Sealer,
        random: &dyn Random,
        access_key_id: &str,
    ) -> Result<String, RandomError> {
        let json = serde_json::to_vec(self)
            .map_err(|_| RandomError("claims that are not JSON".to_owned()))?;
        sealer.seal(random, &purpose(access_key_id), &pack(json))
    }

    /// Opens a token; `None` when it was not issued here for `access_key_id`.
    pub(crate) fn open(sealer: &Sealer, access_key_id: &str, token: &str) -> Option<Self> {
        let opened = sealer.open(&purpose(access_key_id), token).ok()?;
        let claims: Self = serde_json::from_slice(&unpack(&opened)?).ok()?;
        (claims.version == VERSION).then_some(claims)
    }

    /// Whether it is a session of a role.
    #[must_use]
    pub fn is_of_role(&self) -> bool {
        matches!(self.bearer, Bearer::Role { .. })
    }

    /// The account of whom it is for.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        AccountId::parse(&self.account)
    }

    /// The tags that go with every further assumption.
    pub fn transitive_tags(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(|tag| {
            self.transitive
                .iter()
                .any(|key| key.eq_ignore_ascii_case(&tag.key))
        })
    }
}

/// From this length on, claims are deflated: tokens travel in headers, which have their limits.
const LONG: usize = 1_024;
/// The longest claims, in bytes. Nothing that was sealed here is longer.
const LONGEST: u64 = 1 << 20;
/// How what is sealed begins: as it is, or deflated.
const PLAIN: u8 = b'p';
const DEFLATED: u8 = b'd';

fn pack(json: Vec<u8>) -> Vec<u8> {
    if json.len() >= LONG {
        let mut packer = DeflateEncoder::new(vec![DEFLATED], Compression::default());
        if packer.write_all(&json).is_ok()
            && let Ok(packed) = packer.finish()
        {
            return packed;
        }
    }
    [&[PLAIN], json.as_slice()].concat()
}

fn unpack(opened: &[u8]) -> Option<Cow<'_, [u8]>> {
    match opened.split_first()? {
        (&PLAIN, json) => Some(Cow::Borrowed(json)),
        (&DEFLATED, packed) => {
            let mut json = Vec::new();
            let mut packed = DeflateDecoder::new(packed).take(LONGEST);
            packed.read_to_end(&mut json).ok()?;
            Some(Cow::Owned(json))
        }
        _ => None,
    }
}

fn purpose(access_key_id: &str) -> String {
    format!("session:{access_key_id}")
}

/// A session as it is handed to whoever uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `ASIA…`
    pub access_key_id: String,
    /// The secret that signs.
    pub secret_access_key: String,
    /// The sealed claims.
    pub token: String,
    /// When it ends.
    pub expires: Timestamp,
    /// `arn:P:sts::A:assumed-role/ROLE/SESSION` or `arn:P:sts::A:federated-user/NAME`; of a user's own
    /// session, the user's ARN.
    pub arn: String,
    /// `AROA…:SESSION`, `ACCOUNT:NAME`, or of a user's own session the user's unique id.
    pub user_id: String,
    /// The source identity.
    pub source_identity: Option<String>,
    /// How much of the room for session policies and tags is used, in percent; `None` when none were
    /// passed.
    pub packed: Option<u64>,
}

//! Sessions: what a session token says, and how it is sealed.
//!
//! A token is self-contained. Any node that holds the sealing key verifies it without a look-up; the
//! role it names must still exist with the same unique id when it is used.

use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};

use crate::identity::Tag;
use crate::port::{Random, RandomError};
use crate::seal::Sealer;

/// The format of the claims that this program writes.
const VERSION: u32 = 1;

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The format.
    pub version: u32,
    /// The secret access key that signs the session's requests.
    pub secret: String,
    /// The role's account.
    pub account: String,
    /// The role's name.
    pub role: String,
    /// The role's unique id at the time.
    pub role_id: String,
    /// The name of the session.
    pub name: String,
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
        sealer.seal(random, &purpose(access_key_id), &json)
    }

    /// Opens a token; `None` when it was not issued here for `access_key_id`.
    pub(crate) fn open(sealer: &Sealer, access_key_id: &str, token: &str) -> Option<Self> {
        let json = sealer.open(&purpose(access_key_id), token).ok()?;
        let claims: Self = serde_json::from_slice(&json).ok()?;
        (claims.version == VERSION).then_some(claims)
    }

    /// The account of the role.
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
    /// `arn:P:sts::A:assumed-role/ROLE/SESSION`
    pub arn: String,
    /// `AROA…:SESSION`
    pub assumed_role_id: String,
    /// The source identity.
    pub source_identity: Option<String>,
}

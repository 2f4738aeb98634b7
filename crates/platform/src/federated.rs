//! Callers for whom an identity provider vouches.

use policy::AccountId;

use crate::identity::Tag;
use crate::session::Federation;

/// Whom an identity provider's token names: the caller of `AssumeRoleWithWebIdentity`, who signs
/// nothing. An operation's [proof](crate::Operation::proven_by) makes one from a token that it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederatedCaller {
    /// The provider's account.
    pub account: AccountId,
    /// The provider's ARN, as trust policies name it, and its condition keys.
    pub federation: Federation,
    /// What else the token says as condition keys, with their values, which the sessions that come of it
    /// do not carry.
    pub told: Vec<(String, Vec<String>)>,
    /// The issuer, as the token's `iss` says it.
    pub issuer: String,
    /// The token's subject.
    pub subject: String,
    /// The audience for which the token was taken.
    pub audience: String,
    /// The session tags that the token asks for.
    pub tags: Vec<Tag>,
    /// Keys of those that go with every further assumption.
    pub transitive: Vec<String>,
    /// The source identity that the token sets.
    pub source_identity: Option<String>,
}

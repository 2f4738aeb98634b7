//! Identity providers: `OpenID` Connect and SAML (IAM User Guide, "Identity providers and federation").

use jiff::Timestamp;
use policy::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use super::Tag;

/// An `OpenID` Connect identity provider, whose tokens `AssumeRoleWithWebIdentity` takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// The issuer's URL with its scheme, exactly as the `iss` claim of its tokens says it.
    pub issuer: String,
    /// The audiences (client ids) whose tokens are taken, each at most once.
    pub client_ids: Vec<String>,
    /// SHA-1 of the certificates at the top of the issuer's chain, 40 lower-case hexadecimal digits
    /// each: what an issuer is known by whose certificate no trusted authority signed.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for OidcProvider {
    const KIND: &'static str = "iam-oidc-provider";
    const VERSION: u32 = 1;
}

impl OidcProvider {
    /// The key of the record of the provider with this name: its URL without the scheme, in the case
    /// in which it was given.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        Key::new([account.as_str(), name])
    }

    /// The URL without its scheme: how ARNs, condition keys (`NAME:aud`) and `GetOpenIDConnectProvider`
    /// name the provider.
    #[must_use]
    pub fn name(&self) -> &str {
        self.issuer
            .split_once("://")
            .map_or(self.issuer.as_str(), |(_, name)| name)
    }

    /// `arn:P:iam::A:oidc-provider/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:oidc-provider/{}",
            self.name()
        )
    }
}

/// A SAML 2.0 identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// Its name.
    pub name: String,
    /// The metadata document, as it was given.
    pub metadata: String,
    /// When it was made.
    pub created: Timestamp,
    /// Until when the metadata is valid, where it says so.
    pub valid_until: Option<Timestamp>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for SamlProvider {
    const KIND: &'static str = "iam-saml-provider";
    const VERSION: u32 = 1;
}

impl SamlProvider {
    /// The key of the record of the provider of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:saml-provider/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!("arn:{partition}:iam::{account}:saml-provider/{}", self.name)
    }
}

/// The account and name in the ARN of an identity provider of this kind (`oidc-provider`,
/// `saml-provider`); `None` for any other text.
#[must_use]
pub fn parse_provider_arn(text: &str, kind: &str) -> Option<(AccountId, String)> {
    let arn = Arn::parse(text).ok()?;
    let account = AccountId::parse(arn.account())?;
    let name = arn.resource().strip_prefix(kind)?.strip_prefix('/')?;
    (arn.service() == "iam" && arn.region().is_empty() && !name.is_empty())
        .then(|| (account, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_found_by_its_arn() {
        let account = AccountId::parse("123456789012").unwrap();
        let provider = OidcProvider {
            issuer: "https://token.example.com/realms/Ml".to_owned(),
            client_ids: Vec::new(),
            thumbprints: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
            tags: Vec::new(),
        };
        let arn = provider.arn("aws", account);
        assert_eq!(
            arn,
            "arn:aws:iam::123456789012:oidc-provider/token.example.com/realms/Ml"
        );
        let found = parse_provider_arn(&arn, "oidc-provider");
        assert_eq!(found, Some((account, provider.name().to_owned())));
        assert_eq!(parse_provider_arn(&arn, "saml-provider"), None);
    }
}

//! Tokens of `OpenID` Connect providers, verified.
//!
//! What is asked of whom: the role's account must have the provider of the token's issuer
//! (`CreateOpenIDConnectProvider`). Of it, and of nobody else, the discovery document is fetched, and
//! from where that says the keys. A token is taken when one of the keys signed it, for one of the
//! provider's audiences, and it is in force (IAM User Guide, "OIDC federation"; STS API Reference,
//! AssumeRoleWithWebIdentity).

mod claims;
mod error;
mod issuers;
mod jwk;
mod token;

pub use issuers::{Fetch, FetchError, Issuers};

use jiff::Timestamp;
use platform::identity::OidcProvider;
use platform::{ApiError, FederatedCaller, Platform};
use policy::{AccountId, Arn};
use wire::value::Value;

use self::claims::Claims;
use self::error::invalid;
use self::token::Token;

/// Who brings the token in an input.
pub(super) fn prove(
    platform: &Platform,
    input: &Value,
    now: Timestamp,
) -> Result<FederatedCaller, ApiError> {
    if input.str("ProviderId").is_some() {
        return Err(ApiError::unsupported(
            "`ProviderId`, of access tokens of OAuth 2.0,",
        ));
    }
    let text = input.str("WebIdentityToken").unwrap_or_default();
    let token = Token::parse(text).ok_or_else(error::no_token)?;
    let claims = Claims::read(token.claims())?;
    let account = role_account(input.str("RoleArn").unwrap_or_default())?;
    let provider = provider(platform, account, claims.issuer())?;
    let issuers: &Issuers = platform.part()?;
    if !issuers.signed(&provider, &token, now)? {
        return Err(invalid(
            "The ID Token's signature is not one of its issuer's",
        ));
    }
    claims.in_force(now)?;
    claims.federated(platform.partition(), account, &provider)
}

fn role_account(role: &str) -> Result<AccountId, ApiError> {
    let arn = Arn::parse(role).ok();
    arn.and_then(|arn| AccountId::parse(arn.account()))
        .ok_or_else(|| ApiError::validation(format!("{role} is invalid")))
}

/// The provider of this issuer in the role's account.
fn provider(
    platform: &Platform,
    account: AccountId,
    issuer: &str,
) -> Result<OidcProvider, ApiError> {
    let name = issuer.split_once("://").map_or(issuer, |(_, name)| name);
    let found = platform
        .store()
        .read(|tx| tx.get::<OidcProvider>(&OidcProvider::key(account, name)))?;
    found
        .filter(|provider| provider.issuer == issuer)
        .ok_or_else(|| {
            invalid(format!(
                "No OpenIDConnect provider found in your account for {issuer}"
            ))
        })
}

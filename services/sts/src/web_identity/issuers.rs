//! The keys of issuers: fetched when they are needed, and kept for a while.

use jiff::{SignedDuration, Timestamp};
use platform::ApiError;
use platform::identity::OidcProvider;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::{invalid, unreachable};
use super::jwk::{VerifyingKey, read_set};
use super::token::Token;

/// How long keys are used without asking for them again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long nobody asks again after an answer that did not help: an unknown key, or none at all.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// Of how many issuers keys are kept.
const ISSUERS: usize = 256;
/// How many calls may wait for issuers at a time. Others are told that the issuer does not answer, so that
/// one that is slow does not hold up everybody else.
const WAITING: usize = 32;

/// Gets documents of identity providers.
pub trait Fetch: Send + Sync {
    /// The body of `url`, whose host proves itself by a certificate that a trusted authority signed, or
    /// whose chain ends in one with one of these SHA-1 `thumbprints` (40 lower-case hexadecimal digits).
    /// It follows no redirection, and comes back within seconds.
    ///
    /// # Errors
    /// When there is no answer, or none that can be believed.
    fn get(&self, url: &str, thumbprints: &[String]) -> Result<Vec<u8>, FetchError>;
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// Nobody answers, or not as they should.
    Unreachable(String),
    /// The certificate is neither trusted nor one of the thumbprints'.
    Untrusted,
}

impl std::error::Error for FetchError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "there is no answer: {reason}"),
            Self::Untrusted => f.write_str("the certificate is not one that is trusted"),
        }
    }
}

/// Knows the keys of the issuers of tokens.
pub struct Issuers {
    fetch: Box<dyn Fetch>,
    known: Mutex<HashMap<Trusted, Arc<Issuer>>>,
    waiting: AtomicUsize,
}

/// An issuer, and by which certificates: keys that were fetched under others are not to be believed.
type Trusted = (String, Vec<String>);

/// An issuer.
#[derive(Default)]
struct Issuer {
    known: Mutex<Known>,
    /// Who asks the issuer holds this.
    asking: Mutex<()>,
}

impl Issuer {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of an issuer.
#[derive(Default)]
struct Known {
    keys: Arc<[VerifyingKey]>,
    fetched: Option<Timestamp>,
    failed: Option<(Timestamp, FetchError)>,
}

impl Known {
    /// Whether the issuer is to be asked before the token can be judged: the keys are old, or none is the
    /// token's and that may be news.
    fn lacks(&self, token: &Token<'_>, now: Timestamp) -> bool {
        let Some(fetched) = self.fetched else {
            return true;
        };
        let age = now.duration_since(fetched);
        age >= FRESH || age >= PAUSE && !self.keys.iter().any(|key| key.is_named_by(token))
    }
}

/// A place among those who wait.
struct Place<'i>(&'i AtomicUsize);

impl<'i> Place<'i> {
    fn take(waiting: &'i AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuers").finish_non_exhaustive()
    }
}

impl Issuers {
    /// Knows nobody yet.
    #[must_use]
    pub fn new(fetch: impl Fetch + 'static) -> Self {
        Self {
            fetch: Box::new(fetch),
            known: Mutex::default(),
            waiting: AtomicUsize::default(),
        }
    }

    /// Whether one of the issuer's keys signed the token. A key that is not known is asked for.
    pub(super) fn signed(
        &self,
        provider: &OidcProvider,
        token: &Token<'_>,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        let issuer = self.of(provider);
        let lacks = || issuer.known().lacks(token, now);
        if lacks() {
            let _place = Place::take(&self.waiting).ok_or_else(|| unreachable(&provider.issuer))?;
            // Those who bring tokens of keys that are not known wait for one answer.
            let _asking = issuer.asking.lock().unwrap_or_else(PoisonError::into_inner);
            if lacks() {
                self.refresh(provider, &issuer, now)?;
            }
        }
        let keys = Arc::clone(&issuer.known().keys);
        if !keys.iter().any(|key| key.is_named_by(token)) {
            return Err(invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference \
                 AssumeRoleWithWebIdentity documentation for requirements",
            ));
        }
        let mut named = keys.iter().filter(|key| key.is_named_by(token));
        Ok(named.any(|key| key.signed(token)))
    }

    fn of(&self, provider: &OidcProvider) -> Arc<Issuer> {
        let trusted = (provider.issuer.clone(), provider.thumbprints.clone());
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ISSUERS && !all.contains_key(&trusted) {
            all.clear();
        }
        Arc::clone(all.entry(trusted).or_default())
    }

    fn refresh(
        &self,
        provider: &OidcProvider,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let paused = |(at, _): &&(Timestamp, FetchError)| now.duration_since(*at) < PAUSE;
        if let Some((_, error)) = issuer.known().failed.as_ref().filter(paused) {
            return Err(told(provider, error));
        }
        // What is known meanwhile is there for others.
        match self.keys(provider) {
            Ok(keys) => {
                *issuer.known() = Known {
                    keys: keys.into(),
                    fetched: Some(now),
                    failed: None,
                };
                Ok(())
            }
            Err(error) => {
                let told = told(provider, &error);
                issuer.known().failed = Some((now, error));
                Err(told)
            }
        }
    }

    /// Asks the issuer where its keys are, and gets them there.
    fn keys(&self, provider: &OidcProvider) -> Result<Vec<VerifyingKey>, FetchError> {
        let issuer = provider.issuer.as_str();
        let unusable = |reason: &str| FetchError::Unreachable(format!("{issuer}: {reason}"));
        if !may_ask(issuer, issuer) {
            return Err(unusable("an issuer begins with https://"));
        }
        let path = "/.well-known/openid-configuration";
        let discovery = self.json(&format!("{}{path}", issuer.trim_end_matches('/')), provider)?;
        let member = |name: &str| discovery.get(name).and_then(Json::as_str);
        if member("issuer") != Some(issuer) {
            return Err(unusable("its discovery document is of another issuer"));
        }
        let place = member("jwks_uri").ok_or_else(|| unusable("it says no `jwks_uri`"))?;
        if !may_ask(place, issuer) {
            return Err(unusable("its `jwks_uri` is none that may be asked"));
        }
        read_set(&self.json(place, provider)?).ok_or_else(|| unusable("it has no set of keys"))
    }

    fn json(&self, url: &str, provider: &OidcProvider) -> Result<Json, FetchError> {
        let body = self.fetch.get(url, &provider.thumbprints)?;
        serde_json::from_slice(&body)
            .map_err(|error| FetchError::Unreachable(format!("{url}: {error}")))
    }
}

/// Whether `url` may be asked for this issuer: over TLS, or without where both are on this very machine,
/// which is for trying things out.
fn may_ask(url: &str, issuer: &str) -> bool {
    url.starts_with("https://") || (is_loopback(url) && is_loopback(issuer))
}

fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before it is no host.
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn told(provider: &OidcProvider, error: &FetchError) -> ApiError {
    match error {
        FetchError::Unreachable(_) => unreachable(&provider.issuer),
        FetchError::Untrusted => invalid(
            "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_is_asked() {
        let (near, far) = ("http://127.0.0.1:8080/realm", "https://idp.example.com");
        for (url, issuer, may) in [
            (far, far, true),
            ("https://keys.example.net/certs", far, true),
            (near, near, true),
            ("http://localhost:1/k", near, true),
            ("http://[::1]:1/k", near, true),
            (near, far, false),
            ("http://idp.example.com", far, false),
            ("http://127.0.0.1.example.com/k", near, false),
            ("http://127.0.0.1@example.com/k", near, false),
            ("http://localhost:1@example.com/k", near, false),
            ("http://[::1]@example.com/k", near, false),
            ("file:///etc/passwd", near, false),
        ] {
            assert_eq!(may_ask(url, issuer), may, "{url} for {issuer}");
        }
    }
}

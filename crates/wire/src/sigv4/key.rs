//! Hashes, and the keys derived from a secret.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{AuthError, Scope, SignedRequest, TERMINATOR, Verified, Version};

/// The SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(super) fn hmac(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length; the fallback is never used.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// The key derived from a secret for one scope. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    scope: Scope,
    bytes: [u8; 32],
    /// The secret itself, with which version 2 signs.
    whole: Option<String>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("scope", self.scope())
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Derives the key for a scope from the secret access key.
    #[must_use]
    pub fn derive(secret: &str, scope: &Scope) -> Self {
        let old = scope.version == Version::V2;
        let mut bytes = [0; 32];
        if !old {
            bytes = hmac(format!("AWS4{secret}").as_bytes(), scope.date.as_bytes());
            for part in [&scope.region, &scope.service, TERMINATOR] {
                bytes = hmac(&bytes, part.as_bytes());
            }
        }
        Self(Arc::new(Inner {
            scope: scope.clone(),
            bytes,
            whole: old.then(|| secret.to_owned()),
        }))
    }

    /// For what this key is good.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The signature of a text to be signed.
    #[must_use]
    pub(super) fn sign(&self, text: &[u8]) -> [u8; 32] {
        hmac(&self.0.bytes, text)
    }

    /// The secret itself, of a key of version 2.
    pub(super) fn whole(&self) -> Option<&str> {
        self.0.whole.as_deref()
    }
}

/// How many parts of the cache are locked apart from each other.
const SHARDS: usize = 16;

/// Keys derived before, so that a request costs one HMAC instead of five.
///
/// Only a key that verified a request is kept, so that nobody who knows no secret can fill the cache.
/// An entry counts only while the secret is the one that it was derived from, so a key that was
/// replaced, deactivated or deleted needs no eviction. Readers do not wait for each other; a part that
/// is full forgets what it holds.
pub struct KeyCache {
    capacity: usize,
    hasher: RandomState,
    shards: [RwLock<HashMap<u64, Known>>; SHARDS],
}

/// A derived key, whose it is, and the secret that it comes from.
struct Known {
    access_key: String,
    secret: String,
    key: SigningKey,
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCache")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl KeyCache {
    /// A cache for about this many keys.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.div_ceil(SHARDS),
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| RwLock::default()),
        }
    }

    /// Verifies a request as [`SignedRequest::verify`] does, with the key derived from this secret.
    ///
    /// # Errors
    /// As [`SignedRequest::verify`].
    pub fn verify(
        &self,
        signed: SignedRequest,
        secret: &str,
        now: Timestamp,
        body: Option<&[u8; 32]>,
    ) -> Result<Verified, AuthError> {
        let (access_key, scope) = (signed.access_key(), signed.scope());
        let place = self.hasher.hash_one((access_key, scope));
        if let Some(key) = self.known(place, access_key, secret, scope) {
            return signed.verify(&key, now, body);
        }
        let key = SigningKey::derive(secret, scope);
        let verified = signed.verify(&key, now, body)?;
        if key.whole().is_none() {
            self.keep(
                place,
                Known {
                    access_key: verified.access_key().to_owned(),
                    secret: secret.to_owned(),
                    key,
                },
            );
        }
        Ok(verified)
    }

    fn shard(&self, place: u64) -> Option<&RwLock<HashMap<u64, Known>>> {
        self.shards
            .get(usize::try_from(place % SHARDS as u64).ok()?)
    }

    fn known(
        &self,
        place: u64,
        access_key: &str,
        secret: &str,
        scope: &Scope,
    ) -> Option<SigningKey> {
        let shard = self.shard(place)?;
        let keys = shard.read().unwrap_or_else(PoisonError::into_inner);
        let known = keys.get(&place)?;
        let same = bool::from(known.secret.as_bytes().ct_eq(secret.as_bytes()))
            && known.access_key == access_key
            && known.key.scope() == scope;
        same.then(|| known.key.clone())
    }

    fn keep(&self, place: u64, known: Known) {
        let Some(shard) = self.shard(place) else {
            return;
        };
        let mut keys = shard.write().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= self.capacity {
            keys.clear();
        }
        keys.insert(place, known);
    }

    /// How many keys it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        let held = |shard: &RwLock<HashMap<u64, Known>>| {
            shard.read().unwrap_or_else(PoisonError::into_inner).len()
        };
        self.shards.iter().map(held).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

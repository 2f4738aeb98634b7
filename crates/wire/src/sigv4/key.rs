//! Hashes, and the keys derived from a secret.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use super::{Scope, TERMINATOR};

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

/// The key derived from a secret for one scope.
#[derive(Clone)]
pub struct SigningKey {
    scope: Scope,
    bytes: [u8; 32],
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Derives the key for a scope from the secret access key.
    #[must_use]
    pub fn derive(secret: &str, scope: &Scope) -> Self {
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), scope.date.as_bytes());
        for part in [&scope.region, &scope.service, TERMINATOR] {
            key = hmac(&key, part.as_bytes());
        }
        Self {
            scope: scope.clone(),
            bytes: key,
        }
    }

    /// For what this key is good.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The signature of a text to be signed.
    #[must_use]
    pub(super) fn sign(&self, text: &[u8]) -> [u8; 32] {
        hmac(&self.bytes, text)
    }
}

/// Keys derived before, so that a request costs one HMAC instead of five.
///
/// An entry counts only while the secret is the one that it was derived from, so a key that was
/// replaced or deleted needs no eviction. The cache forgets everything when it is full.
pub struct KeyCache {
    capacity: usize,
    keys: Mutex<HashMap<(String, Scope), Known>>,
}

/// A derived key and the hash of the secret that it comes from.
struct Known {
    secret: [u8; 32],
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
    /// A cache for this many keys.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            keys: Mutex::new(HashMap::new()),
        }
    }

    /// The key for a scope, derived unless it is known for this access key and this secret.
    #[must_use]
    pub fn key(&self, access_key: &str, secret: &str, scope: &Scope) -> SigningKey {
        let fingerprint = sha256(secret.as_bytes());
        let entry = (access_key.to_owned(), scope.clone());
        {
            let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = keys.get(&entry).filter(|known| known.secret == fingerprint) {
                return known.key.clone();
            }
        }
        let key = SigningKey::derive(secret, scope);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= self.capacity {
            keys.clear();
        }
        keys.insert(
            entry,
            Known {
                secret: fingerprint,
                key: key.clone(),
            },
        );
        key
    }
}

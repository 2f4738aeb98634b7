//! Sealing: authenticated encryption of what leaves the platform and comes back, such as session
//! tokens, and of secrets that are kept in the store.
//!
//! Format of a sealed value: one byte of version (1), the four bytes of the key's id, a random nonce
//! of 24 bytes, then XChaCha20-Poly1305 of the plain bytes. The nonce is long enough to be drawn at
//! random for every value. What the value is for (its *purpose*) is authenticated with it, so that
//! a value sealed for one purpose opens for no other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::port::{Random, RandomError};

const VERSION: u8 = 1;
const ID: usize = 4;
const NONCE: usize = 24;

/// A sealing key: 256 random bits, known by the first bytes of its digest.
#[derive(Clone)]
pub struct SealingKey {
    id: [u8; ID],
    cipher: XChaCha20Poly1305,
}

impl SealingKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"sealing-key-id")
            .chain_update(bytes)
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        Self {
            id: [a, b, c, d],
            cipher: XChaCha20Poly1305::new(bytes.into()),
        }
    }
}

/// Seals with one key and opens with it and with those before it.
#[derive(Clone)]
pub struct Sealer {
    current: SealingKey,
    earlier: Vec<SealingKey>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer")
            .field("current", &self.current.id)
            .finish_non_exhaustive()
    }
}

/// The value was not sealed by this platform for this purpose, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSealed;

impl std::error::Error for NotSealed {}

impl std::fmt::Display for NotSealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the value was not sealed here for this purpose, or was changed since")
    }
}

impl Sealer {
    /// Seals with `current`; opens also what one of the `earlier` keys sealed.
    #[must_use]
    pub fn new(current: SealingKey, earlier: Vec<SealingKey>) -> Self {
        Self { current, earlier }
    }

    /// Seals `plain` for `purpose`, as text of the URL-safe base-64 alphabet.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn seal(
        &self,
        random: &dyn Random,
        purpose: &str,
        plain: &[u8],
    ) -> Result<String, RandomError> {
        let mut nonce = [0_u8; NONCE];
        random.fill(&mut nonce)?;
        let payload = Payload {
            msg: plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .current
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| RandomError("a value too long to be sealed".to_owned()))?;
        let whole = [&[VERSION], self.current.id.as_slice(), &nonce, &sealed].concat();
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    /// Seals with the current key what any of the keys sealed for `purpose`.
    ///
    /// # Errors
    /// `Ok(None)` when it was not sealed by one of them for this purpose; an error when the random source
    /// fails.
    pub fn reseal(
        &self,
        random: &dyn Random,
        purpose: &str,
        sealed: &str,
    ) -> Result<Option<String>, RandomError> {
        match self.open(purpose, sealed) {
            Ok(plain) => self.seal(random, purpose, &plain).map(Some),
            Err(NotSealed) => Ok(None),
        }
    }

    /// Whether a text looks like something that one of the earlier keys sealed, whatever its purpose.
    #[must_use]
    pub fn is_by_earlier(&self, text: &str) -> bool {
        let whole = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let id = match whole.split_first() {
            Some((&VERSION, rest)) => rest.first_chunk::<ID>(),
            _ => None,
        };
        id.is_some_and(|id| self.earlier.iter().any(|key| key.id == *id))
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, NotSealed> {
        let whole = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| NotSealed)?;
        let (version, rest) = whole.split_first().ok_or(NotSealed)?;
        let (id, rest) = rest.split_at_checked(ID).ok_or(NotSealed)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(NotSealed)?;
        if *version != VERSION {
            return Err(NotSealed);
        }
        let key = std::iter::once(&self.current)
            .chain(&self.earlier)
            .find(|key| key.id == id)
            .ok_or(NotSealed)?;
        let payload = Payload {
            msg: body,
            aad: purpose.as_bytes(),
        };
        key.cipher
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| NotSealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn only_the_same_key_purpose_and_bytes_open() {
        let first = SealingKey::new(&[1; 32]);
        let sealer = Sealer::new(first.clone(), Vec::new());
        let sealed = sealer.seal(&Fixed(9), "session:ASIA1", b"alice").unwrap();
        assert_eq!(sealer.open("session:ASIA1", &sealed).unwrap(), b"alice");
        assert_eq!(sealer.open("session:ASIA2", &sealed), Err(NotSealed));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(sealer.open("session:ASIA1", &changed).is_err(), "{at}");
        }
        let rotated = Sealer::new(SealingKey::new(&[2; 32]), vec![first]);
        assert_eq!(rotated.open("session:ASIA1", &sealed).unwrap(), b"alice");
        let resealed = rotated.reseal(&Fixed(3), "session:ASIA1", &sealed);
        let resealed = resealed.unwrap().unwrap();
        assert!(rotated.is_by_earlier(&sealed) && !rotated.is_by_earlier(&resealed));
        assert!(!rotated.is_by_earlier("AQ") && !rotated.is_by_earlier("no base 64"));
        let other = Sealer::new(SealingKey::new(&[2; 32]), Vec::new());
        assert_eq!(other.open("session:ASIA1", &resealed).unwrap(), b"alice");
        assert_eq!(other.reseal(&Fixed(3), "session:ASIA1", &sealed), Ok(None));
        assert_eq!(other.open("session:ASIA1", &sealed), Err(NotSealed));
    }
}

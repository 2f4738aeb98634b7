//! Key material, and what is done with it.
//!
//! A ciphertext is: one byte of version (1), the 16 bytes of the key's id, the account as a number of
//! 6 bytes, the length of the region in one byte and the region, the number of the key's material in 4 bytes, a
//! random nonce of 24 bytes, then XChaCha20-Poly1305 of the plain bytes. Everything before the nonce
//! and the encryption context are authenticated with it. So a ciphertext tells its key by itself, and
//! opens with this key and this context alone. (AWS encrypts with AES-256-GCM in a format of its own;
//! neither can be told from outside, since ciphertexts are opaque and never leave their KMS.)

use bytes::Bytes;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use platform::seal::Sealer;
use platform::{ApiError, Platform, Random};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::error;
use super::record::{Key, Material, Opened, Spec};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// Pairs that are bound to a ciphertext, in the order of their names.
pub(super) type Context = BTreeMap<String, String>;

/// For what the material with this number is sealed.
fn purpose(key: &Key, number: usize) -> String {
    let Key {
        account,
        region,
        id,
        ..
    } = key;
    format!("kms-material:{account}:{region}:{id}:{number}")
}

/// Adds new material to a key, which is current from then on.
pub(super) fn add(platform: &Platform, key: &mut Key) -> Result<(), ApiError> {
    let mut bytes = vec![0; key.spec.length()];
    platform.random().fill(&mut bytes)?;
    let mut id = [0; 32];
    platform.random().fill(&mut id)?;
    let purpose = purpose(key, key.materials.len());
    let sealed = platform
        .sealer()
        .seal(platform.random(), &purpose, &bytes)?;
    key.materials.push(Material {
        id: hex::encode(id),
        sealed,
        opened: Opened::default(),
    });
    Ok(())
}

/// Seals all of a key's material anew.
///
/// # Errors
/// When some of it was sealed with a key that is not at hand.
pub(super) fn reseal(sealer: &Sealer, random: &dyn Random, key: &mut Key) -> Result<(), ApiError> {
    for number in 0..key.materials.len() {
        let bytes = open(sealer, key, number)?;
        let sealed = sealer.seal(random, &purpose(key, number), &bytes)?;
        if let Some(material) = key.materials.get_mut(number) {
            material.sealed = sealed;
        }
    }
    Ok(())
}

fn open(sealer: &Sealer, key: &Key, number: usize) -> Result<Vec<u8>, ApiError> {
    let material = key.materials.get(number).ok_or_else(error::ciphertext)?;
    let opened = sealer.open(&purpose(key, number), &material.sealed);
    opened.map_err(|_| {
        ApiError::internal(format!(
            "the material of the KMS key `{}` cannot be opened: start with the root key that sealed it",
            key.id
        ))
    })
}

/// The bytes of an HMAC key.
pub(super) fn bytes(platform: &Platform, key: &Key) -> Result<Vec<u8>, ApiError> {
    open(platform.sealer(), key, 0)
}

/// The cipher of a material, which is opened once for all who share the record.
fn cipher<'k>(
    platform: &Platform,
    key: &'k Key,
    number: usize,
) -> Result<&'k XChaCha20Poly1305, ApiError> {
    let material = key.materials.get(number).ok_or_else(error::ciphertext)?;
    if let Some(cipher) = material.opened.0.get() {
        return Ok(cipher);
    }
    let bytes = open(platform.sealer(), key, number)?;
    let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(ApiError::internal)?;
    Ok(material.opened.0.get_or_init(|| cipher))
}

/// Encrypts with the current material.
pub(super) fn encrypt(
    platform: &Platform,
    key: &Key,
    context: &Context,
    plain: &[u8],
) -> Result<Bytes, ApiError> {
    let number = key.materials.len().saturating_sub(1);
    let head = Head {
        key: key.id.clone(),
        account: key.account.clone(),
        region: key.region.clone(),
        material: u32::try_from(number).map_err(ApiError::internal)?,
    };
    let head = head.write()?;
    let mut nonce = [0; NONCE];
    platform.random().fill(&mut nonce)?;
    let payload = Payload {
        msg: plain,
        aad: &bound(&head, context),
    };
    let sealed = cipher(platform, key, number)?
        .encrypt(XNonce::from_slice(&nonce), payload)
        .map_err(|_| ApiError::internal("a text too long to be encrypted"))?;
    Ok([head.as_slice(), &nonce, &sealed].concat().into())
}

/// Decrypts what [`encrypt`] made with this key and context; also with which material.
pub(super) fn decrypt(
    platform: &Platform,
    key: &Key,
    context: &Context,
    blob: &[u8],
) -> Result<(Vec<u8>, usize), ApiError> {
    let (head, rest) = Head::read(blob).ok_or_else(error::ciphertext)?;
    if head.key != key.id || head.account != key.account || head.region != key.region {
        return Err(error::incorrect_key());
    }
    let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(error::ciphertext)?;
    let number = usize::try_from(head.material).map_err(|_| error::ciphertext())?;
    if key.spec != Spec::Symmetric || number >= key.materials.len() {
        return Err(error::ciphertext());
    }
    let payload = Payload {
        msg: sealed,
        aad: &bound(blob.strip_suffix(rest).unwrap_or_default(), context),
    };
    let plain = cipher(platform, key, number)?
        .decrypt(XNonce::from_slice(nonce), payload)
        .map_err(|_| error::ciphertext())?;
    Ok((plain, number))
}

/// What is authenticated beside the text: the head and the pairs of the context, each part with its
/// length before it.
fn bound(head: &[u8], context: &Context) -> Vec<u8> {
    let parts = context
        .iter()
        .map(|(name, value)| name.len() + value.len() + 16);
    let mut all = Vec::with_capacity(head.len() + parts.sum::<usize>());
    all.extend_from_slice(head);
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    all
}

/// What a ciphertext says of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) key: String,
    pub(super) account: String,
    pub(super) region: String,
    material: u32,
}

impl Head {
    /// The head of a ciphertext, and what follows it.
    pub(super) fn read(blob: &[u8]) -> Option<(Self, &[u8])> {
        let (version, rest) = blob.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (account, rest) = rest.split_first_chunk::<6>()?;
        let (length, rest) = rest.split_first()?;
        let (region, rest) = rest.split_at_checked(usize::from(*length))?;
        let (material, rest) = rest.split_first_chunk::<4>()?;
        let [a, b, c, d, e, f] = *account;
        let account = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let head = Self {
            key: uuid(u128::from_be_bytes(*id)),
            account: format!("{account:012}"),
            region: std::str::from_utf8(region).ok()?.to_owned(),
            material: u32::from_be_bytes(*material),
        };
        Some((head, rest))
    }

    fn write(&self) -> Result<Vec<u8>, ApiError> {
        let digits: String = self.key.chars().filter(|letter| *letter != '-').collect();
        let id = u128::from_str_radix(&digits, 16).map_err(ApiError::internal)?;
        let account: u64 = self.account.parse().map_err(ApiError::internal)?;
        let [_, _, account @ ..] = account.to_be_bytes();
        let length = u8::try_from(self.region.len()).map_err(ApiError::internal)?;
        Ok([
            &[VERSION],
            id.to_be_bytes().as_slice(),
            account.as_slice(),
            &[length],
            self.region.as_bytes(),
            &self.material.to_be_bytes(),
        ]
        .concat())
    }
}

/// The id of a key, from its number.
pub(super) fn uuid(number: u128) -> String {
    let mut id = String::with_capacity(36);
    let _ = write!(
        id,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        (number >> 80) & 0xffff,
        (number >> 64) & 0xffff,
        (number >> 48) & 0xffff,
        number & 0xffff_ffff_ffff
    );
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_as_it_was_written() {
        let head = Head {
            key: "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
            account: "000000000012".to_owned(),
            region: "us-east-1".to_owned(),
            material: 7,
        };
        let mut written = head.write().unwrap();
        written.extend_from_slice(b"rest");
        assert_eq!(Head::read(&written), Some((head, b"rest".as_slice())));
        for length in 0..written.len() - 4 {
            assert_eq!(Head::read(&written[..length]), None, "{length}");
        }
    }

    #[test]
    fn an_opened_material_is_neither_written_nor_copied() {
        let material = Material {
            id: "7".repeat(64),
            sealed: "AQ".to_owned(),
            opened: Opened::default(),
        };
        let cipher = XChaCha20Poly1305::new(&[1; 32].into());
        material.opened.0.get_or_init(|| cipher);
        let written = serde_json::to_value(&material).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"id": material.id, "sealed": "AQ"})
        );
        // A copy may be changed, and be another material then.
        assert!(material.clone().opened.0.get().is_none());
        assert!(!format!("{material:?}").contains("1, 1"));
    }

    #[test]
    fn contexts_that_read_alike_are_bound_differently() {
        let context = |pairs: &[(&str, &str)]| -> Context {
            let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            pairs.iter().map(owned).collect()
        };
        let one = bound(b"", &context(&[("a", "bc")]));
        assert_ne!(one, bound(b"", &context(&[("ab", "c")])));
        assert_ne!(one, bound(b"", &context(&[("a", "b"), ("c", "")])));
    }
}

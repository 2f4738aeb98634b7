//! The keys that sign digest files: RSA of 2,048 bits, one a region at a time.

use jiff::{SignedDuration, Timestamp};
use platform::seal::Sealer;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Platform, Random, Target};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use store::{Key, Read, Record, Scan, Write};
use wire::value::Value;

use crate::error;

pub(crate) const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";
const BITS: usize = 2_048;
/// How long a key signs.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// A key as it is kept. Its public half stays after its life, to verify what it signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    region: String,
    /// The first half of the SHA-256 of the public key, in hexadecimal.
    fingerprint: String,
    /// PKCS #1 in DER, in hexadecimal.
    public: String,
    /// PKCS #1 in DER, sealed.
    sealed: String,
    from: Timestamp,
    until: Timestamp,
}

impl Record for Kept {
    const KIND: &'static str = "cloudtrail-key";
    const VERSION: u32 = 1;
}

impl Kept {
    fn purpose(&self) -> String {
        format!("cloudtrail-key:{}:{}", self.region, self.public)
    }

    fn make(platform: &Platform, region: &str) -> Result<Self, ApiError> {
        let mut seed = [0; 32];
        platform.random().fill(&mut seed)?;
        let mut random = ChaCha20Rng::from_seed(seed);
        let private = RsaPrivateKey::new(&mut random, BITS).map_err(ApiError::internal)?;
        let public = private.to_public_key().to_pkcs1_der();
        let public = public.map_err(ApiError::internal)?;
        let secret = private.to_pkcs1_der().map_err(ApiError::internal)?;
        let digest = hex::encode(Sha256::digest(public.as_bytes()));
        let now = platform.now();
        let mut kept = Self {
            region: region.to_owned(),
            fingerprint: digest.chars().take(32).collect(),
            public: hex::encode(public.as_bytes()),
            sealed: String::new(),
            from: platform::identity::to_second(now),
            until: now.saturating_add(LIFE).map_err(ApiError::internal)?,
        };
        let sealer = platform.sealer();
        kept.sealed = sealer.seal(platform.random(), &kept.purpose(), secret.as_bytes())?;
        Ok(kept)
    }
}

/// A key that can sign.
pub(crate) struct Signing {
    fingerprint: String,
    key: SigningKey<Sha256>,
}

impl Signing {
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The signature, in hexadecimal. The same for the same bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Result<String, ApiError> {
        let signature = self.key.try_sign(bytes).map_err(ApiError::internal)?;
        Ok(hex::encode(signature.to_bytes()))
    }

    fn open(platform: &Platform, kept: Kept) -> Result<Self, ApiError> {
        let secret = platform.sealer().open(&kept.purpose(), &kept.sealed);
        let secret = secret.map_err(|_| {
            ApiError::internal(format!(
                "the key `{}` that signs digests in {} cannot be opened: start with the sealing \
                 key that sealed it",
                kept.fingerprint, kept.region
            ))
        })?;
        let private = RsaPrivateKey::from_pkcs1_der(&secret).map_err(ApiError::internal)?;
        Ok(Self {
            fingerprint: kept.fingerprint,
            key: SigningKey::new(private),
        })
    }
}

/// The key that signs in a region now; makes one when there is none.
pub(crate) fn current(platform: &Platform, region: &str) -> Result<Signing, ApiError> {
    let now = platform.now();
    let find = |tx: &dyn Read| -> Result<Option<Kept>, ApiError> {
        let mut held = of_region(tx, region)?.into_iter();
        Ok(held.find(|key| key.from <= now && now < key.until))
    };
    if let Some(kept) = platform.store().read(find)? {
        return Signing::open(platform, kept);
    }
    // Making one takes a while: not within the transaction.
    let made = Kept::make(platform, region)?;
    let kept = platform.store().write(|tx| {
        if let Some(held) = find(&*tx)? {
            return Ok::<_, ApiError>(held);
        }
        tx.put(&Key::new([region, &made.fingerprint]), &made)?;
        Ok(made)
    })?;
    Signing::open(platform, kept)
}

/// Seals all keys with the sealer's current key. Returns how many there are.
///
/// # Errors
/// When one was sealed with a key that is not at hand, or the store fails.
pub fn reseal(tx: &mut dyn Write, sealer: &Sealer, random: &dyn Random) -> Result<usize, ApiError> {
    let all = tx.scan::<Kept>(&Scan::under(&Key::new([] as [&str; 0])))?;
    for entry in &all {
        let mut kept = entry.value.clone();
        let resealed = sealer.reseal(random, &kept.purpose(), &kept.sealed)?;
        kept.sealed = resealed.ok_or_else(|| {
            ApiError::internal(format!(
                "the key `{}` that signs digests in {} was sealed with a root key that is not at hand",
                kept.fingerprint, kept.region
            ))
        })?;
        tx.put(&entry.key, &kept)?;
    }
    Ok(all.len())
}

fn of_region(tx: &dyn Read, region: &str) -> Result<Vec<Kept>, ApiError> {
    let found = tx.scan::<Kept>(&Scan::under(&Key::new([region])))?;
    Ok(found.into_iter().map(|entry| entry.value).collect())
}

pub(crate) fn may_list(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("cloudtrail:ListPublicKeys", Target::any())?.into())
}

pub(crate) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    if input.str("NextToken").is_some() {
        // All fits on one page, so that no token is ever given out.
        let text = "The pagination token is not valid.";
        return Err(ApiError::new("InvalidTokenException", 400, text));
    }
    let end = input.timestamp("EndTime").unwrap_or(call.time());
    let start = input.timestamp("StartTime").unwrap_or(end);
    if start > end {
        return Err(error::time_range());
    }
    let mut shown = Vec::new();
    for key in of_region(call.state(), call.region())? {
        if key.from <= end && start <= key.until {
            let public = hex::decode(&key.public).map_err(ApiError::internal)?;
            shown.push(
                Value::map()
                    .with("Value", Value::Blob(public.into()))
                    .with("ValidityStartTime", key.from)
                    .with("ValidityEndTime", key.until)
                    .with("Fingerprint", key.fingerprint),
            );
        }
    }
    Ok(Outcome::new(Value::map().with("PublicKeyList", shown)))
}

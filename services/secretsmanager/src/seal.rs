//! How values are sealed: each version with a data key of its own, which KMS keeps (Secrets Manager User
//! Guide, "Secret encryption and decryption").
//!
//! The data key comes from `GenerateDataKey` and goes through `Decrypt` again at each reading, on behalf of
//! whoever asks, with the secret's ARN and the version's id as encryption context. What is sealed is bound
//! to both once more. A secret that a blueprint makes has no caller: its data key is sealed with the
//! platform's root key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use platform::seal::{Sealer, SealingKey};
use platform::{ApiError, Call, Fault, Platform, Random};
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Scan, Write};
use wire::value::{Map, Value};

use super::error;
use super::record::{Plain, Secret};

/// The alias of the key of a secret that names none.
pub(super) const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// The value of one version, under the secret's ARN and the version's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SealedValue {
    sealed: String,
    /// What `sealed` was sealed with.
    #[serde(default)]
    with: DataKey,
}

/// A data key, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum DataKey {
    /// There is none: the root key sealed the value itself.
    #[default]
    None,
    /// Sealed with the root key.
    Root(String),
    /// A ciphertext of KMS, in base 64.
    Kms(String),
}

impl Record for SealedValue {
    const KIND: &'static str = "secret-value";
    const VERSION: u32 = 2;

    /// Version 1 had no data keys.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| serde_json::from_slice(json))
    }
}

/// A data key in the open.
type Opened = [u8; 32];

impl SealedValue {
    pub(super) fn key(arn: &str, version: &str) -> Key {
        Key::new([arn, version])
    }

    /// Seals `plain` for this version of this secret, with a data key from KMS. It must not be called in a
    /// write transaction.
    ///
    /// # Errors
    /// When KMS does not give the caller one.
    pub(super) fn seal(
        call: &Call<'_>,
        (arn, version): (&str, &str),
        kms_key: Option<&str>,
        plain: &Plain,
    ) -> Result<Self, ApiError> {
        let input = Value::map()
            .with("KeyId", kms_key.unwrap_or(DEFAULT_KEY))
            .with("KeySpec", "AES_256")
            .with("EncryptionContext", context(arn, version));
        let made = call
            .forward("kms", "GenerateDataKey", input)
            .map_err(|refused| refusal(refused, error::encryption))?;
        let (Some(blob), Some(key)) = (made.blob("CiphertextBlob"), made.blob("Plaintext")) else {
            return Err(ApiError::internal("KMS gave no data key"));
        };
        let key = Opened::try_from(key.as_ref()).map_err(ApiError::internal)?;
        let with = DataKey::Kms(STANDARD.encode(blob));
        Self::sealed(call.platform(), (arn, version), plain, &key, with)
    }

    /// Seals `plain` for this version of this secret, with a data key that the root key keeps.
    ///
    /// # Errors
    /// When the random source fails.
    pub(super) fn seal_with_root(
        platform: &Platform,
        (arn, version): (&str, &str),
        plain: &Plain,
    ) -> Result<Self, ApiError> {
        let mut key = Opened::default();
        platform.random().fill(&mut key)?;
        let purpose = key_purpose(arn, version);
        let wrapped = platform.sealer().seal(platform.random(), &purpose, &key)?;
        Self::sealed(
            platform,
            (arn, version),
            plain,
            &key,
            DataKey::Root(wrapped),
        )
    }

    fn sealed(
        platform: &Platform,
        (arn, version): (&str, &str),
        plain: &Plain,
        key: &Opened,
        with: DataKey,
    ) -> Result<Self, ApiError> {
        let (mark, bytes) = match plain {
            Plain::Text(text) => (b's', text.as_bytes()),
            Plain::Binary(bytes) => (b'b', bytes.as_ref()),
        };
        let whole = [&[mark], bytes].concat();
        let sealed = sealer(key).seal(platform.random(), &purpose(arn, version), &whole)?;
        Ok(Self { sealed, with })
    }

    fn open(&self, call: &Call<'_>, arn: &str, version: &str) -> Result<Plain, ApiError> {
        let platform = call.platform();
        let lost = || lost(arn, version);
        let opened = match &self.with {
            DataKey::None => platform.sealer().open(&purpose(arn, version), &self.sealed),
            DataKey::Root(wrapped) => {
                let key = unwrap(platform.sealer(), arn, version, wrapped)?;
                sealer(&key).open(&purpose(arn, version), &self.sealed)
            }
            DataKey::Kms(blob) => {
                let blob = STANDARD.decode(blob).map_err(|_| lost())?;
                let input = Value::map()
                    .with("CiphertextBlob", Bytes::from(blob))
                    .with("EncryptionContext", context(arn, version));
                let given = call
                    .forward("kms", "Decrypt", input)
                    .map_err(|refused| refusal(refused, error::decryption))?;
                let key = given.blob("Plaintext").map(AsRef::as_ref);
                let key = key
                    .and_then(|key| Opened::try_from(key).ok())
                    .ok_or_else(lost)?;
                sealer(&key).open(&purpose(arn, version), &self.sealed)
            }
        };
        let mut whole = opened.map_err(|_| lost())?;
        let mark = whole.drain(..whole.len().min(1)).next();
        match mark {
            Some(b's') => String::from_utf8(whole)
                .map(Plain::Text)
                .map_err(|_| lost()),
            Some(b'b') => Ok(Plain::Binary(whole.into())),
            _ => Err(lost()),
        }
    }

    /// The same, as far as the root key has a part in it, sealed with the sealer's current key.
    fn reseal(
        &self,
        sealer: &Sealer,
        random: &dyn Random,
        arn: &str,
        version: &str,
    ) -> Result<Option<Self>, ApiError> {
        Ok(match &self.with {
            DataKey::Kms(_) => None,
            DataKey::None => {
                let purpose = purpose(arn, version);
                let plain = sealer.open(&purpose, &self.sealed);
                let plain = plain.map_err(|_| lost(arn, version))?;
                Some(Self {
                    sealed: sealer.seal(random, &purpose, &plain)?,
                    with: DataKey::None,
                })
            }
            DataKey::Root(wrapped) => {
                let key = unwrap(sealer, arn, version, wrapped)?;
                let wrapped = sealer.seal(random, &key_purpose(arn, version), &key)?;
                Some(Self {
                    sealed: self.sealed.clone(),
                    with: DataKey::Root(wrapped),
                })
            }
        })
    }
}

/// Seals anew what the root key sealed of secrets' values. Returns how many there are.
///
/// # Errors
/// When some of it was sealed with a key that is not at hand, or the store fails.
pub fn reseal(tx: &mut dyn Write, sealer: &Sealer, random: &dyn Random) -> Result<usize, ApiError> {
    let all = tx.scan::<SealedValue>(&Scan::under(&Key::new([] as [&str; 0])))?;
    let mut done = 0;
    for entry in all {
        let parts = entry.key.parts();
        let [arn, version] = parts.as_slice() else {
            return Err(ApiError::internal(
                "a secret's value under a key that is none",
            ));
        };
        if let Some(new) = entry.value.reseal(sealer, random, arn, version)? {
            tx.put(&entry.key, &new)?;
            done += 1;
        }
    }
    Ok(done)
}

/// The value of a version, for whoever calls. It must not be called in a write transaction.
pub(super) fn open(
    call: &Call<'_>,
    tx: &dyn Read,
    secret: &Secret,
    version: &str,
) -> Result<Plain, ApiError> {
    let stored = tx.shared::<SealedValue>(&SealedValue::key(&secret.arn, version))?;
    let missing = || ApiError::internal(format!("`{}` lost version `{version}`", secret.arn));
    stored.ok_or_else(missing)?.open(call, &secret.arn, version)
}

/// Refuses those of other accounts what is sealed under the default key, which nobody else can be given
/// (Secrets Manager User Guide, "Access secrets from a different account").
pub(super) fn within_reach(call: &Call<'_>, secret: &Secret) -> Result<(), ApiError> {
    if secret.kms_key.is_some() || secret.account() == call.account().as_str() {
        return Ok(());
    }
    Err(error::request(
        "You can't access a secret from a different AWS account if you encrypt the secret with the \
         default KMS service key.",
    ))
}

/// What KMS refused, in the words of Secrets Manager.
fn refusal(refused: ApiError, otherwise: fn() -> ApiError) -> ApiError {
    match refused.fault() {
        Fault::AccessDenied => ApiError::access_denied("Access to KMS is not allowed"),
        Fault::Internal => refused,
        _ => otherwise(),
    }
}

/// The pairs that bind a data key to its version.
fn context(arn: &str, version: &str) -> Map {
    Map::new()
        .with("SecretARN", arn)
        .with("SecretVersionId", version)
}

fn sealer(key: &Opened) -> Sealer {
    Sealer::new(SealingKey::new(key), Vec::new())
}

fn unwrap(sealer: &Sealer, arn: &str, version: &str, wrapped: &str) -> Result<Opened, ApiError> {
    let key = sealer.open(&key_purpose(arn, version), wrapped);
    key.ok()
        .and_then(|key| Opened::try_from(key).ok())
        .ok_or_else(|| lost(arn, version))
}

fn lost(arn: &str, version: &str) -> ApiError {
    ApiError::internal(format!(
        "version `{version}` of the secret `{arn}` cannot be opened: start with the root key that \
         sealed it"
    ))
}

/// Neither ARNs of secrets nor version ids can be taken for one another's end: the ARN ends with six
/// letters behind the last hyphen, and has no colon behind `secret:`.
fn purpose(arn: &str, version: &str) -> String {
    ["secret:", arn, ":", version].concat()
}

fn key_purpose(arn: &str, version: &str) -> String {
    format!("secret-key:{arn}:{version}")
}

//! Sealing everything anew under another root key.

use platform::identity;
use platform::seal::Sealer;
use platform::{ApiError, Random};
use store::{Key, Scan, Write};

/// How much was sealed anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets of long-term access keys.
    pub access_keys: usize,
    /// KMS keys with all their material.
    pub kms_keys: usize,
    /// Values of secrets that the root key keeps by itself.
    pub secret_values: usize,
    /// Keys of S3's own, with which objects are sealed.
    pub object_keys: usize,
    /// Keys that sign digests of trails.
    pub digest_keys: usize,
}

/// Seals all that the state keeps sealed with the sealer's current key, whichever of its keys sealed it.
/// Afterwards the earlier keys open nothing more of the state; what they still open are sessions and
/// tokens that were given out before.
///
/// # Errors
/// When something was sealed with a key that the sealer does not have, or is left that no service sealed
/// anew. The transaction must not be committed then.
pub fn reseal(
    tx: &mut dyn Write,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<Resealed, ApiError> {
    let resealed = Resealed {
        access_keys: identity::reseal(tx, sealer, random)?,
        kms_keys: kms::reseal(tx, sealer, random)?,
        secret_values: secretsmanager::reseal(tx, sealer, random)?,
        object_keys: s3::reseal(tx, sealer, random)?,
        digest_keys: cloudtrail::reseal(tx, sealer, random)?,
    };
    nothing_left(tx, sealer)?;
    Ok(resealed)
}

/// Looks through every record, so that a kind of record that was forgotten here is not lost with the key.
fn nothing_left(tx: &mut dyn Write, sealer: &Sealer) -> Result<(), ApiError> {
    let everything = Scan::under(&Key::new([] as [&str; 0]));
    for kind in tx.kinds()? {
        for (_, stored) in tx.scan_bytes(&kind, &everything)? {
            let value: serde_json::Value =
                serde_json::from_slice(&stored.json).map_err(ApiError::internal)?;
            if has_earlier(&value, sealer) {
                return Err(ApiError::internal(format!(
                    "a record of kind `{kind}` is still sealed with an earlier root key: this program \
                     does not know how to seal it anew, keep that key"
                )));
            }
        }
    }
    Ok(())
}

fn has_earlier(value: &serde_json::Value, sealer: &Sealer) -> bool {
    match value {
        serde_json::Value::String(text) => sealer.is_by_earlier(text),
        serde_json::Value::Array(values) => values.iter().any(|it| has_earlier(it, sealer)),
        serde_json::Value::Object(members) => members.values().any(|it| has_earlier(it, sealer)),
        _ => false,
    }
}

//! Keys in KMS (Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys").
//!
//! The encryption context of an object's data key is what the request gives, and `aws:s3:arn`: the ARN of
//! the object or, with a bucket key, of its bucket. A bucket key spares calls of KMS at AWS; here KMS is
//! asked all the same, so that a permission that was taken away counts at once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use platform::{ApiError, Call, Fault, KeyAlias};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Read;
use wire::value::{Map, Value};

use super::sealing::DataKey;
use crate::error;
use crate::record::Bucket;

/// The alias of the key of an object that names none.
const DEFAULT_KEY: &str = "alias/aws/s3";
/// The pair of the context that is S3's own.
const ARN: &str = "aws:s3:arn";

/// What is kept of an object's data key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KmsKey {
    /// The ARN of the key in KMS.
    pub(super) arn: String,
    /// The data key as KMS gave it, encrypted, in base 64.
    data_key: String,
    /// The whole encryption context.
    context: BTreeMap<String, String>,
    pub(super) bucket_key: bool,
}

/// What a request asks for.
pub(super) struct Asked {
    key: String,
    context: BTreeMap<String, String>,
    bucket_key: bool,
}

/// Whether a request says something of a key in KMS.
pub(super) fn is_named(input: &Value) -> bool {
    input.get("SSEKMSKeyId").is_some() || input.get("SSEKMSEncryptionContext").is_some()
}

impl Asked {
    pub(super) fn read(
        call: &Call<'_>,
        bucket: &Bucket,
        key: Option<&str>,
    ) -> Result<Self, ApiError> {
        signed(call)?;
        let input = call.input();
        let bucket_key = input.bool("BucketKeyEnabled");
        let bucket_key = bucket_key.unwrap_or(bucket.encryption.bucket_key);
        let within = format!("arn:{}:s3:::{}", call.platform().partition(), bucket.name);
        let bound = if bucket_key {
            within
        } else {
            format!("{within}/{}", call.text("Key")?)
        };
        let mut context = match input.str("SSEKMSEncryptionContext") {
            Some(text) => context(text)?,
            None => BTreeMap::new(),
        };
        if context.get(ARN).is_some_and(|given| *given != bound) {
            let text =
                format!("The encryption context cannot have another `{ARN}` than S3 gives it.");
            return Err(error::invalid_argument(CONTEXT, ARN, text));
        }
        context.insert(ARN.to_owned(), bound);
        Ok(Self {
            key: key.unwrap_or(DEFAULT_KEY).to_owned(),
            context,
            bucket_key,
        })
    }
}

const CONTEXT: &str = "x-amz-server-side-encryption-context";

fn context(text: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let read = STANDARD.decode(text).ok();
    let read = read.and_then(|json| serde_json::from_slice(&json).ok());
    read.ok_or_else(|| {
        let reason = "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 \
                      string holding JSON which represents a string-string map";
        error::invalid_argument(CONTEXT, text, reason)
    })
}

/// KMS is asked for those alone who sign by version 4.
fn signed(call: &Call<'_>) -> Result<(), ApiError> {
    if !call.caller().is_nobody() && call.signature_version() != Some("AWS") {
        return Ok(());
    }
    let text = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS \
                Signature Version 4.";
    Err(error::invalid_argument("Authorization", "null", text))
}

impl KmsKey {
    /// A new data key.
    pub(super) fn make(
        call: &Call<'_>,
        bucket: &Bucket,
        asked: &Asked,
    ) -> Result<(Self, DataKey), ApiError> {
        let input = Value::map()
            .with("KeyId", asked.key.as_str())
            .with("KeySpec", "AES_256")
            .with("EncryptionContext", as_map(&asked.context));
        let made = call
            .forward_in(&bucket.region, "kms", "GenerateDataKey", input)
            .map_err(refusal)?;
        let (Some(arn), Some(blob)) = (made.str("KeyId"), made.blob("CiphertextBlob")) else {
            return Err(ApiError::internal("KMS gave no data key"));
        };
        let kept = Self {
            arn: arn.to_owned(),
            data_key: STANDARD.encode(blob),
            context: asked.context.clone(),
            bucket_key: asked.bucket_key,
        };
        Ok((kept, plain(&made)?))
    }

    /// The data key, if KMS gives it to the caller.
    pub(super) fn open(&self, call: &Call<'_>, bucket: &Bucket) -> Result<DataKey, ApiError> {
        signed(call)?;
        let blob = STANDARD.decode(&self.data_key);
        let blob = blob.map_err(|_| ApiError::internal("an object's data key cannot be read"))?;
        let input = Value::map()
            .with("KeyId", self.arn.as_str())
            .with("CiphertextBlob", Bytes::from(blob))
            .with("EncryptionContext", as_map(&self.context));
        let given = call
            .forward_in(&bucket.region, "kms", "Decrypt", input)
            .map_err(refusal)?;
        plain(&given)
    }
}

fn as_map(context: &BTreeMap<String, String>) -> Map {
    let pairs = context.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.as_str()))
        .collect()
}

fn plain(answer: &Value) -> Result<DataKey, ApiError> {
    let key = answer.blob("Plaintext").map(AsRef::as_ref);
    key.and_then(|key| <[u8; 32]>::try_from(key).ok())
        .map(DataKey::new)
        .ok_or_else(|| ApiError::internal("KMS gave no data key"))
}

/// What KMS refused, in the words of S3.
fn refusal(refused: ApiError) -> ApiError {
    let code = match refused.fault() {
        Fault::AccessDenied => return ApiError::access_denied(refused.message()),
        Fault::Internal | Fault::Unsupported => return refused,
        Fault::Validation => "InvalidArgument",
        Fault::Service { code, .. } => match code {
            "NotFoundException" | "InvalidArnException" => "KMS.NotFoundException",
            "DisabledException" => "KMS.DisabledException",
            "KMSInvalidStateException" => "KMS.KMSInvalidStateException",
            "InvalidKeyUsageException" => "KMS.InvalidKeyUsageException",
            _ => return ApiError::internal(format!("KMS: {code}: {}", refused.message())),
        },
    };
    ApiError::new(code, 400, refused.message())
}

/// The ARN of the key that a request names, as of `tx`: what condition keys say. What names no key stays
/// as it is.
///
/// # Errors
/// When the state fails.
pub(crate) fn key_arn(call: &Call<'_>, tx: &dyn Read, named: &str) -> Result<String, ApiError> {
    let partition = call.platform().partition();
    let (region, account) = (call.region(), call.account());
    let own = |id: &str| format!("arn:{partition}:kms:{region}:{account}:key/{id}");
    let (of, alias) = match named.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "kms", _, of, resource] => ((*of).to_owned(), *resource),
        _ => (account.to_string(), named),
    };
    if !alias.starts_with("alias/") {
        return Ok(match named.starts_with("arn:") {
            true => named.to_owned(),
            false => own(named),
        });
    }
    let found: Option<KeyAlias> = tx.get(&KeyAlias::key(&of, region, alias))?;
    Ok(found.map_or_else(
        || named.to_owned(),
        |found| format!("arn:{partition}:kms:{region}:{of}:key/{}", found.key),
    ))
}

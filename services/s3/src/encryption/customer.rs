//! Keys that customers bring (Amazon S3 User Guide, "Using server-side encryption with
//! customer-provided keys").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use platform::{ApiError, Call, Platform};
use ring::hmac;
use serde::{Deserialize, Serialize};
use wire::value::{Map, Value};

use super::sealing::DataKey;
use super::{HEADER, S3};
use crate::error;
use crate::record::Bucket;

/// Bytes of the salt of a key's code.
const SALT: usize = 16;

/// A customer's key in the open.
pub(super) struct Key([u8; 32]);

/// What is kept of a customer's key: enough to tell it from others, and not to find it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CustomerKey {
    /// In base 64.
    salt: String,
    /// The HMAC of the salt with the key, in base 64.
    code: String,
}

/// Whether a request brings anything of a key.
pub(super) fn is_given(input: &Value, prefix: &str) -> bool {
    let is_of_key = |name: &str| {
        let name = name.strip_prefix(prefix);
        let member = name.and_then(|name| name.strip_prefix("SSECustomer"));
        matches!(member, Some("Algorithm" | "Key" | "KeyMD5"))
    };
    let mut members = input.as_map().into_iter().flat_map(Map::iter);
    members.any(|(name, value)| is_of_key(name) && !value.is_null())
}

/// The key in a request, if it brings one.
///
/// # Errors
/// AWS's, when something of it is missing or wrong.
pub(super) fn read(call: &Call<'_>, prefix: &str) -> Result<Option<Key>, ApiError> {
    let Some(key) = bytes(call, prefix)? else {
        return Ok(None);
    };
    let key = <[u8; 32]>::try_from(key).map_err(|_| {
        error::invalid_argument(
            HEADER,
            "null",
            "The secret key was invalid for the specified algorithm.",
        )
    })?;
    Ok(Some(Key(key)))
}

/// The same of a request to read something: what cannot be the key is only the wrong one.
pub(super) fn read_for(call: &Call<'_>, prefix: &str) -> Result<Option<Key>, ApiError> {
    match bytes(call, prefix)? {
        None => Ok(None),
        Some(key) => <[u8; 32]>::try_from(key)
            .map(|key| Some(Key(key)))
            .map_err(|_| wrong()),
    }
}

fn bytes(call: &Call<'_>, prefix: &str) -> Result<Option<Vec<u8>>, ApiError> {
    let input = call.input();
    if !is_given(input, prefix) {
        return Ok(None);
    }
    let member = |name: &str| input.str(&format!("{prefix}SSECustomer{name}"));
    let refuse = |value: &str, text: &str| Err(error::invalid_argument(HEADER, value, text));
    let lacks = |what: &str| {
        let text = format!(
            "Requests specifying Server Side Encryption with Customer provided keys must provide {what}."
        );
        error::invalid_argument(HEADER, "null", text)
    };
    match member("Algorithm") {
        None => return Err(lacks("a valid encryption algorithm")),
        Some(S3) => {}
        Some(other) => {
            let text =
                "The Encryption request you specified is not valid. Supported value: AES256.";
            return Err(ApiError::new("InvalidEncryptionAlgorithmError", 400, text)
                .with("ArgumentName", HEADER)
                .with("ArgumentValue", other));
        }
    }
    let key = member("Key").ok_or_else(|| lacks("an appropriate secret key"))?;
    let sum = member("KeyMD5");
    let sum = sum.ok_or_else(|| lacks("the client calculated MD5 of the secret key"))?;
    let Ok(key) = STANDARD.decode(key) else {
        return refuse(
            "null",
            "The secret key was invalid for the specified algorithm.",
        );
    };
    if STANDARD.encode(Md5::digest(&key)) != sum {
        let text = "The calculated MD5 hash of the key did not match the hash that was provided.";
        return refuse("null", text);
    }
    Ok(Some(key))
}

impl CustomerKey {
    /// What to keep of a new object's key, and the key to seal its bytes with.
    pub(super) fn make(platform: &Platform, key: &Key) -> Result<(Self, DataKey), ApiError> {
        let mut salt = [0; SALT];
        platform.random().fill(&mut salt)?;
        let kept = Self {
            salt: STANDARD.encode(salt),
            code: STANDARD.encode(hmac::sign(
                &key.hmac(),
                &[b"code", salt.as_slice()].concat(),
            )),
        };
        Ok((kept, key.data_key(&salt)))
    }

    /// The key that the bytes are sealed with, if `key` is the one that this was made of.
    pub(super) fn open(&self, key: &Key) -> Option<DataKey> {
        let (salt, code) = (STANDARD.decode(&self.salt), STANDARD.decode(&self.code));
        let (salt, code) = (salt.ok()?, code.ok()?);
        let said = [b"code", salt.as_slice()].concat();
        hmac::verify(&key.hmac(), &said, &code).ok()?;
        Some(key.data_key(&salt))
    }
}

impl Key {
    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    fn data_key(&self, salt: &[u8]) -> DataKey {
        DataKey::derived(&self.hmac(), &[b"data", salt].concat())
    }
}

/// A request for an object does not bring the key that it takes.
pub(super) fn missing() -> ApiError {
    error::invalid_request(
        "The object was stored using a form of Server Side Encryption. The correct parameters must be \
         provided to retrieve the object.",
    )
}

/// A request for an object brings another key.
pub(super) fn wrong() -> ApiError {
    ApiError::access_denied(
        "Requests specifying Server Side Encryption with Customer provided keys must provide the \
         correct secret key.",
    )
}

/// A part comes with a key and its upload was begun without, or the other way round.
pub(super) fn other_parts() -> ApiError {
    error::invalid_request(
        "The multipart upload initiate requested encryption. Subsequent part requests must include the \
         appropriate encryption parameters.",
    )
}

/// The bucket takes no customers' keys.
pub(super) fn blocked(call: &Call<'_>, bucket: &Bucket) -> ApiError {
    let (partition, key) = (call.platform().partition(), call.input().str("Key"));
    ApiError::access_denied(format!(
        "User: {} is not authorized to perform: s3:{} on resource: \"arn:{partition}:s3:::{}/{}\" because \
         this bucket has blocked upload requests that specify Server Side Encryption with Customer provided \
         keys (SSE-C). Please specify a different server-side encryption type",
        call.caller().arn(),
        call.operation(),
        bucket.name,
        key.unwrap_or_default(),
    ))
}

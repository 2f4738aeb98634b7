//! How new objects of a bucket are encrypted where a request does not say (Amazon S3 User Guide, "Setting
//! default server-side encryption behavior for Amazon S3 buckets").

use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::settings::{ByDefault, Encryption};
use super::{check, config, error};

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let Encryption {
        bucket_key,
        by_default,
        blocks_customer_keys,
    } = &bucket.encryption;
    let by_default = match by_default {
        ByDefault::S3 => Value::map().with("SSEAlgorithm", "AES256"),
        ByDefault::Kms(key) => Value::map()
            .with("SSEAlgorithm", "aws:kms")
            .with_some("KMSMasterKeyID", key.as_deref()),
    };
    let blocked = blocks_customer_keys.map(|blocks| {
        let kind = if blocks { "SSE-C" } else { "NONE" };
        Value::map().with("EncryptionType", vec![Value::from(kind)])
    });
    let rule = Value::map()
        .with("ApplyServerSideEncryptionByDefault", by_default)
        .with("BucketKeyEnabled", *bucket_key)
        .with_some("BlockedEncryptionTypes", blocked);
    let rules = Value::map().with("Rules", vec![rule]);
    Ok(Outcome::new(
        Value::map().with("ServerSideEncryptionConfiguration", rules),
    ))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("ServerSideEncryptionConfiguration");
    let rules = asked.map(|it| it.list("Rules")).unwrap_or_default();
    let [rule] = rules else {
        return Err(error::malformed_xml());
    };
    let by_default = match rule.get("ApplyServerSideEncryptionByDefault") {
        Some(by_default) => read(by_default)?,
        None => ByDefault::S3,
    };
    let blocks = blocks(rule)?;
    let bucket_key = rule.bool("BucketKeyEnabled") == Some(true);
    config::change(call, |bucket| {
        bucket.encryption = Encryption {
            bucket_key,
            by_default,
            // What a configuration does not speak of stays.
            blocks_customer_keys: blocks.or(bucket.encryption.blocks_customer_keys),
        };
        Ok(())
    })
}

/// Whether a key is one is not asked: it may be made later, or be another account's.
fn read(by_default: &Value) -> Result<ByDefault, ApiError> {
    let key = by_default.str("KMSMasterKeyID");
    match by_default.str("SSEAlgorithm") {
        Some("AES256") if key.is_some() => {
            let text = "a KMSMasterKeyID is not applicable if the default sse algorithm is not \
                        aws:kms or aws:kms:dsse";
            Err(ApiError::new("InvalidArgument", 400, text)
                .with("ArgumentName", "ApplyServerSideEncryptionByDefault"))
        }
        Some("AES256") => Ok(ByDefault::S3),
        Some("aws:kms") => Ok(ByDefault::Kms(key.map(str::to_owned))),
        Some(other @ "aws:kms:dsse") => Err(error::not_built(&format!("encryption by `{other}`"))),
        _ => Err(error::malformed_xml()),
    }
}

/// Whether a rule turns keys of customers away.
fn blocks(rule: &Value) -> Result<Option<bool>, ApiError> {
    let Some(blocked) = rule.get("BlockedEncryptionTypes") else {
        return Ok(None);
    };
    let kinds: Vec<&str> = blocked
        .list("EncryptionType")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    match kinds.as_slice() {
        ["SSE-C"] => Ok(Some(true)),
        ["NONE"] | [] => Ok(Some(false)),
        _ => Err(error::malformed_xml()),
    }
}

/// Back to what every bucket has: `AES256`.
pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    config::change(call, |bucket| {
        bucket.encryption = Encryption {
            blocks_customer_keys: bucket.encryption.blocks_customer_keys,
            ..Encryption::default()
        };
        Ok(())
    })
}

//! The settings of a bucket: each has an action of its own to read it and one to change it.
//!
//! What AWS has and this server does not build is answered by what AWS answers for a bucket that
//! never used it; setting it is refused.

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use std::sync::Arc;
use store::{Read, Write};
use wire::value::Value;

use super::record::Bucket;
use super::settings::{Ownership, Versioning};
use super::{acl, body, check, error};
use platform::tags;

/// The most tags of a bucket (Amazon S3 User Guide, "Using cost allocation S3 bucket tags").
const MOST_TAGS: usize = 50;

/// The actions that are not called as their operations (Service Authorization Reference, "Amazon
/// S3").
const ACTIONS: &[(&str, &str)] = &[
    ("DeleteBucketCors", "PutBucketCORS"),
    ("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    (
        "DeleteBucketOwnershipControls",
        "PutBucketOwnershipControls",
    ),
    ("DeleteBucketReplication", "PutReplicationConfiguration"),
    ("DeleteBucketTagging", "PutBucketTagging"),
    ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    (
        "GetBucketAccelerateConfiguration",
        "GetAccelerateConfiguration",
    ),
    ("GetBucketCors", "GetBucketCORS"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketLifecycle", "GetLifecycleConfiguration"),
    (
        "GetBucketLifecycleConfiguration",
        "GetLifecycleConfiguration",
    ),
    (
        "GetBucketNotificationConfiguration",
        "GetBucketNotification",
    ),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    (
        "GetObjectLockConfiguration",
        "GetBucketObjectLockConfiguration",
    ),
    (
        "PutObjectLockConfiguration",
        "PutBucketObjectLockConfiguration",
    ),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    (
        "ListBucketAnalyticsConfigurations",
        "GetAnalyticsConfiguration",
    ),
    (
        "ListBucketIntelligentTieringConfigurations",
        "GetIntelligentTieringConfiguration",
    ),
    (
        "ListBucketInventoryConfigurations",
        "GetInventoryConfiguration",
    ),
    ("ListBucketMetricsConfigurations", "GetMetricsConfiguration"),
    (
        "PutBucketAccelerateConfiguration",
        "PutAccelerateConfiguration",
    ),
    ("PutBucketCors", "PutBucketCORS"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    (
        "PutBucketLifecycleConfiguration",
        "PutLifecycleConfiguration",
    ),
    (
        "PutBucketNotificationConfiguration",
        "PutBucketNotification",
    ),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// The action of the operation on the bucket that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let operation = call.operation();
    let named = ACTIONS.iter().find(|(known, _)| *known == operation);
    let action = named.map_or(operation, |(_, action)| action);
    check::on_bucket(call, &format!("s3:{action}"))
}

/// Changes the bucket that the input names.
pub(super) fn change(
    call: &Permitted<Call<'_>>,
    set: impl FnOnce(&mut Bucket) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    change_in(call, |_, bucket| set(bucket))
}

/// The same with the transaction at hand.
pub(super) fn change_in(
    call: &Permitted<Call<'_>>,
    set: impl FnOnce(&dyn Read, &mut Bucket) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    call.write(|tx| {
        let mut bucket = Arc::unwrap_or_clone(check::bucket_in(call, &*tx)?);
        set(&*tx, &mut bucket)?;
        store(tx, &bucket)?;
        Ok(Outcome::empty())
    })
}

fn store(tx: &mut dyn Write, bucket: &Bucket) -> Result<(), ApiError> {
    Ok(tx.put(&Bucket::key(&bucket.name), bucket)?)
}

/// A setting that is not there.
pub(super) fn absent(code: &'static str, text: &str, bucket: &Bucket) -> ApiError {
    ApiError::new(code, 404, text).with("BucketName", bucket.name.as_str())
}

pub(super) fn get_versioning(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let status = match check::bucket(call)?.versioning {
        Versioning::Off => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    Ok(Outcome::new(Value::map().with_some("Status", status)))
}

pub(super) fn put_versioning(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("VersioningConfiguration");
    if call.input().str("MFA").is_some()
        || asked.and_then(|it| it.str("MFADelete")) == Some("Enabled")
    {
        return Err(error::not_built("deletion with MFA"));
    }
    let versioning = match asked.and_then(|it| it.str("Status")) {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => {
            let text = "The Versioning element must be specified";
            return Err(ApiError::new(
                "IllegalVersioningConfigurationException",
                400,
                text,
            ));
        }
    };
    change(call, |bucket| {
        if bucket.lock.is_some() && versioning != Versioning::Enabled {
            let text = "An Object Lock configuration is present on this bucket, so the versioning \
                        state cannot be changed.";
            return Err(ApiError::new("InvalidBucketState", 409, text));
        }
        bucket.versioning = versioning;
        Ok(())
    })
}

pub(super) fn get_ownership(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let Some(ownership) = bucket.ownership else {
        let text = "The bucket ownership controls were not found";
        return Err(absent("OwnershipControlsNotFoundError", text, &bucket));
    };
    let rule = Value::map().with("ObjectOwnership", ownership.as_str());
    let rules = Value::map().with("Rules", vec![rule]);
    Ok(Outcome::new(Value::map().with("OwnershipControls", rules)))
}

pub(super) fn put_ownership(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("OwnershipControls");
    let rules = asked.map(|it| it.list("Rules")).unwrap_or_default();
    let [rule] = rules else {
        return Err(error::malformed_xml());
    };
    let ownership = rule.str("ObjectOwnership").and_then(Ownership::parse);
    let ownership = ownership.ok_or_else(error::malformed_xml)?;
    change(call, |bucket| {
        if ownership == Ownership::BucketOwnerEnforced && !bucket.acl.is_empty() {
            return Err(acl::invalid_with_ownership());
        }
        bucket.ownership = Some(ownership);
        Ok(())
    })
}

pub(super) fn delete_ownership(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |bucket| {
        bucket.ownership = None;
        Ok(())
    })
}

pub(super) fn get_tagging(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    if bucket.tags.is_empty() {
        return Err(absent("NoSuchTagSet", "The TagSet does not exist", &bucket));
    }
    Ok(Outcome::new(
        Value::map().with("TagSet", tags::write(&bucket.tags)),
    ))
}

pub(super) fn put_tagging(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = call.input().get("Tagging");
    let tags = given.map(|it| tags::read(it, "TagSet")).unwrap_or_default();
    if tags.len() > MOST_TAGS {
        let text = "Bucket tag count cannot be greater than 50";
        return Err(ApiError::new("BadRequest", 400, text));
    }
    super::tagging::check_each(&tags)?;
    let outcome = change(call, |bucket| {
        bucket.tags = tags;
        Ok(())
    })?;
    Ok(outcome.status(204))
}

pub(super) fn delete_tagging(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |bucket| {
        bucket.tags = Vec::new();
        Ok(())
    })
}

//! Public access: the settings that block it.
//!
//! Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".

use platform::{ApiError, Call, Outcome, Permitted};
use policy::{Document, PolicyType};
use store::Read;
use wire::value::Value;

use super::record::Bucket;
use super::settings::PublicAccess;
use super::{check, config, control, error};

/// The member that holds the settings.
pub(super) const MEMBER: &str = "PublicAccessBlockConfiguration";

/// Whether a bucket policy gives something to an unknown public.
///
/// # Errors
/// When the text is no policy; it was checked when it was stored.
pub(super) fn is_public(text: &str) -> Result<bool, ApiError> {
    let document = Document::parse(text, PolicyType::Resource)
        .map_err(|_| ApiError::internal("the stored bucket policy cannot be read"))?;
    Ok(platform::public::is_public(&document))
}

/// What is blocked of a bucket, as of `tx`: what it is set to, and what its account is.
///
/// # Errors
/// When the state fails.
pub(super) fn of(tx: &dyn Read, bucket: &Bucket) -> Result<PublicAccess, ApiError> {
    let own = bucket.public_access.unwrap_or(PublicAccess::OPEN);
    Ok(own.or(control::blocked(tx, &bucket.account)?))
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let Some(set) = bucket.public_access else {
        let text = "The public access block configuration was not found";
        let code = "NoSuchPublicAccessBlockConfiguration";
        return Err(config::absent(code, text, &bucket));
    };
    Ok(Outcome::new(Value::map().with(MEMBER, shown(set))))
}

/// The settings as answers show them.
pub(super) fn shown(set: PublicAccess) -> Value {
    Value::map()
        .with("BlockPublicAcls", set.block_acls)
        .with("IgnorePublicAcls", set.ignore_acls)
        .with("BlockPublicPolicy", set.block_policy)
        .with("RestrictPublicBuckets", set.restrict_buckets)
}

/// The settings in a request.
///
/// # Errors
/// When there are none.
pub(super) fn asked(call: &Call<'_>) -> Result<PublicAccess, ApiError> {
    let asked = call.input().get(MEMBER);
    let asked = asked.ok_or_else(error::malformed_xml)?;
    let on = |name: &str| asked.bool(name) == Some(true);
    Ok(PublicAccess {
        block_acls: on("BlockPublicAcls"),
        ignore_acls: on("IgnorePublicAcls"),
        block_policy: on("BlockPublicPolicy"),
        restrict_buckets: on("RestrictPublicBuckets"),
    })
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let set = asked(call)?;
    config::change(call, |bucket| {
        bucket.public_access = Some(set);
        Ok(())
    })
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    config::change(call, |bucket| {
        bucket.public_access = None;
        Ok(())
    })
}

/// Whether the bucket is public by its policy.
pub(super) fn policy_status(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let Some(policy) = &bucket.policy else {
        let text = "The bucket policy does not exist";
        return Err(config::absent("NoSuchBucketPolicy", text, &bucket));
    };
    let status = Value::map().with("IsPublic", is_public(policy.text())?);
    Ok(Outcome::new(Value::map().with("PolicyStatus", status)))
}

/// Refuses a policy that the bucket's settings keep out.
///
/// # Errors
/// AWS's denial.
pub(super) fn may_hold(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
    text: &str,
) -> Result<(), ApiError> {
    if !of(tx, bucket)?.block_policy || !is_public(text)? {
        return Ok(());
    }
    Err(blocked(call, bucket, "policies", "BlockPublicPolicy"))
}

/// The denial of something public by a setting.
pub(super) fn blocked(call: &Call<'_>, bucket: &Bucket, what: &str, setting: &str) -> ApiError {
    let partition = call.platform().partition();
    ApiError::access_denied(format!(
        "User: {} is not authorized to perform: s3:{} on resource: \"arn:{partition}:s3:::{}\" \
         because public {what} are prevented by the {setting} setting in S3 Block Public Access.",
        call.caller().arn(),
        call.operation(),
        bucket.name,
    ))
}

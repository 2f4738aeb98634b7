//! The access-control list of a bucket.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};

use super::{acl, check, config, error};

/// The keys of what a request grants.
const KEYS: [(&str, &str); 6] = [
    ("ACL", "s3:x-amz-acl"),
    ("GrantFullControl", "s3:x-amz-grant-full-control"),
    ("GrantRead", "s3:x-amz-grant-read"),
    ("GrantReadACP", "s3:x-amz-grant-read-acp"),
    ("GrantWrite", "s3:x-amz-grant-write"),
    ("GrantWriteACP", "s3:x-amz-grant-write-acp"),
];

/// Adds the condition keys of what a request grants.
pub(super) fn keys(call: &Call<'_>, check: Check) -> Check {
    KEYS.iter().fold(check, |check, (member, key)| {
        check.key_if(*key, call.input().str(member))
    })
}

/// Whether a request grants something by headers.
pub(super) fn grants(call: &Call<'_>) -> bool {
    KEYS.iter()
        .skip(1)
        .any(|(member, _)| call.input().get(member).is_some())
}

pub(super) fn may_put(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let target = check::bucket_target(call, &bucket)?;
    Ok(keys(call, check::ask(call, "s3:PutBucketAcl", target, &bucket)?).into())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    Ok(Outcome::new(acl::shown(
        &bucket,
        &bucket.account,
        &bucket.acl,
    )))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    config::change_in(call, |tx, bucket| {
        let asked = acl::asked(call, tx, bucket, &bucket.account)?;
        bucket.acl = asked.ok_or_else(acl::missing)?;
        if acl::grants_delivery(&bucket.acl) {
            return Err(error::not_built("access logging"));
        }
        Ok(())
    })
}

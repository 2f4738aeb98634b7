//! The access-control list of an object.

use platform::{ApiError, Call, Checks, Identity, Outcome, Permitted};
use std::sync::Arc;
use store::Read;

use super::record::{Bucket, Standing};
use super::settings::Ownership;
use super::{acl, body, bucket_acl, check, lock, object, tagging, versions};

/// `GetObjectAcl`, `PutObjectAcl`, and the same of a version.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let version = call.input().str("VersionId");
    let held = versions::object(call.state(), &bucket, key, version)?;
    let action = match version {
        Some(_) => call.operation().replace("Object", "ObjectVersion"),
        None => call.operation().to_owned(),
    };
    let target = check::held_target(call, &bucket, key, held.as_deref())?;
    let check =
        check::ask(call, &format!("s3:{action}"), target, &bucket)?.key_if("s3:versionid", version);
    let check = tagging::existing(bucket_acl::keys(call, check), held.as_deref());
    Ok(check.into())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let object = object::named(call, call.state(), &bucket, key)?;
    let owner = acl::owner_of(&bucket, &object);
    Ok(Outcome::new(acl::shown(
        &bucket,
        owner,
        &object.standing.acl,
    )))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify_document(call)?;
    call.write(|tx| {
        let (bucket, key) = (check::bucket_in(call, &*tx)?, call.text("Key")?);
        let mut object = Arc::unwrap_or_clone(object::named(call, &*tx, &bucket, key)?);
        let asked = acl::asked(call, &*tx, &bucket, acl::owner_of(&bucket, &object))?;
        object.standing.acl = asked.ok_or_else(acl::missing)?;
        versions::change(tx, &bucket, key, object)?;
        Ok(Outcome::empty())
    })
}

/// Whose a new object is, the list that the request asks for, and what it is to be locked by.
///
/// # Errors
/// As [`acl::asked`] and [`lock::asked`].
pub(super) fn of_new(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
) -> Result<Standing, ApiError> {
    let owner = owner_of_new(call, bucket);
    let named = owner.as_deref().unwrap_or(&bucket.account);
    Ok(Standing {
        acl: acl::asked(call, tx, bucket, named)?.unwrap_or_default(),
        owner,
        lock: lock::asked(call, bucket)?,
        ..Standing::default()
    })
}

/// The account that owns a new object, where that is another than the bucket's (Amazon S3 User Guide,
/// "Controlling ownership of objects"). What services and those who do not sign leave is the bucket's.
fn owner_of_new(call: &Call<'_>, bucket: &Bucket) -> Option<String> {
    if matches!(
        call.caller().identity(),
        Identity::Nobody | Identity::Service(_)
    ) {
        return None;
    }
    let given = call.input().str("ACL") == Some("bucket-owner-full-control");
    let writers = match bucket.ownership {
        Some(Ownership::BucketOwnerEnforced) => false,
        Some(Ownership::BucketOwnerPreferred) => !given,
        Some(Ownership::ObjectWriter) | None => true,
    };
    let writer = call.account().to_string();
    Some(writer).filter(|writer| writers && *writer != bucket.account)
}

//! The access-control list of an object.

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use store::Read;

use super::record::{Bucket, Object};
use super::settings::Grant;
use super::{acl, body, bucket_acl, check, object, tagging, versions};

/// `GetObjectAcl`, `PutObjectAcl`, and the same of a version.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let version = call.input().str("VersionId");
    let held = versions::object(call.state(), &bucket, key, version)?;
    let action = match version {
        Some(_) => call.operation().replace("Object", "ObjectVersion"),
        None => call.operation().to_owned(),
    };
    let target = check::held_target(call, &bucket, key, held.as_ref())?;
    let check =
        check::ask(call, &format!("s3:{action}"), target, &bucket)?.key_if("s3:versionid", version);
    let check = tagging::existing(bucket_acl::keys(call, check), held.as_ref());
    Ok(check.into())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let object = object::named(call, call.state(), &bucket, key)?;
    Ok(Outcome::new(acl::shown(&bucket, &object.standing.acl)))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify_document(call)?;
    call.write(|tx| {
        let (bucket, key) = (check::bucket_in(call, &*tx)?, call.text("Key")?);
        let mut object: Object = object::named(call, &*tx, &bucket, key)?;
        object.standing.acl = acl::asked(call, &*tx, &bucket)?.ok_or_else(acl::missing)?;
        versions::change(tx, &bucket, key, object)?;
        Ok(Outcome::empty())
    })
}

/// The list that a request to make an object asks for; empty when it grants nothing to others.
///
/// # Errors
/// As [`acl::asked`].
pub(super) fn of_new(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
) -> Result<Vec<Grant>, ApiError> {
    Ok(acl::asked(call, tx, bucket)?.unwrap_or_default())
}

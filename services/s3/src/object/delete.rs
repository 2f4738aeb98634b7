//! Deleting objects.

use platform::identity::to_second;
use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted};
use std::sync::Arc;
use store::{Read, Write};
use wire::value::Value;

use super::get::check_get_of;
use crate::bytes::ObjectBytes;
use crate::record::{Bucket, Object};
use crate::versions::{Deleted, Found};
use crate::{body, check, condition, error, lock, versions};

/// The most keys in one call (Amazon S3 API Reference, "DeleteObjects").
const MOST: usize = 1_000;

pub(crate) fn may_delete(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let asked = single(call)?;
    let checks = Checks::from(check_delete(call, &bucket, &asked)?);
    let more = [
        check_compared(call, &bucket, &asked)?,
        check_bypass(call, call.state(), &bucket, &asked)?,
    ];
    Ok(checks.and_all(more.into_iter().flatten()))
}

/// What is there to be deleted. What is no id of a version holds nothing; it is refused where it is to be
/// removed.
fn held(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Option<Arc<Object>>, ApiError> {
    match versions::object(tx, bucket, key, version) {
        Err(error) if error.fault() != Fault::Internal => Ok(None),
        found => found,
    }
}

/// Whoever removes a version that governance holds must be allowed to pass over that.
fn check_bypass(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
    asked: &Asked<'_>,
) -> Result<Option<Check>, ApiError> {
    let Some(version) = asked.version else {
        return Ok(None);
    };
    let held = held(tx, bucket, asked.key, Some(version))?;
    let bypass = || lock::check_bypass(call, bucket, asked.key, Some(version));
    lock::passes_over(call, held.as_deref())
        .then(bypass)
        .transpose()
}

fn check_delete(call: &Call<'_>, bucket: &Bucket, asked: &Asked<'_>) -> Result<Check, ApiError> {
    let action = match asked.version {
        Some(_) => "s3:DeleteObjectVersion",
        None => "s3:DeleteObject",
    };
    let target = check::object_target(call, bucket, asked.key)?;
    Ok(check::ask(call, action, target, bucket)?
        .key_if("s3:versionid", asked.version)
        .key_if("s3:if-match", asked.etag))
}

/// Whoever compares an entity tag must be allowed to read the object (Amazon S3 User Guide, "How to
/// perform conditional deletes").
fn check_compared(
    call: &Call<'_>,
    bucket: &Bucket,
    asked: &Asked<'_>,
) -> Result<Option<Check>, ApiError> {
    let reading = || {
        let held = held(call.state(), bucket, asked.key, asked.version)?;
        check_get_of(call, bucket, (asked.key, asked.version), held.as_deref())
    };
    asked.is_compared().then(reading).transpose()
}

/// Conditions of a delete that objects of directory buckets alone have, with their headers (Amazon S3 API
/// Reference, "DeleteObject"). One that is not kept must not pass for one that holds.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("IfMatchSize", "x-amz-if-match-size"),
    (
        "IfMatchLastModifiedTime",
        "x-amz-if-match-last-modified-time",
    ),
    ("Size", "Size"),
    ("LastModifiedTime", "LastModifiedTime"),
];

fn supported(asked: &Value) -> Result<(), ApiError> {
    let mut names = UNSUPPORTED.iter();
    match names.find(|(member, _)| asked.get(member).is_some()) {
        Some((_, name)) => Err(error::not_implemented(name)),
        None => Ok(()),
    }
}

pub(crate) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call.input())?;
    let asked = single(call)?;
    let gone = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        remove(call, tx, &bucket, &asked)
    })?;
    let bytes: &ObjectBytes = call.platform().part()?;
    bytes.forget(gone.gone);
    Ok(Outcome::new(
        Value::map()
            .with_some("VersionId", gone.version)
            .with_some("DeleteMarker", gone.marker.then_some(true)),
    ))
}

/// What is to be deleted.
struct Asked<'t> {
    key: &'t str,
    version: Option<&'t str>,
    etag: Option<&'t str>,
}

impl Asked<'_> {
    /// Whether an entity tag of its own is demanded of the object.
    fn is_compared(&self) -> bool {
        self.etag.is_some_and(|tags| tags != condition::ANY)
    }
}

/// What a call for one object asks.
fn single<'t>(call: &Call<'t>) -> Result<Asked<'t>, ApiError> {
    let input = call.input();
    Ok(Asked {
        key: call.text("Key")?,
        version: input.str("VersionId"),
        etag: input.str("IfMatch"),
    })
}

/// Removes an object, or puts a delete marker in its place. That there is none is no error.
fn remove(
    call: &Call<'_>,
    tx: &mut dyn Write,
    bucket: &Bucket,
    asked: &Asked<'_>,
) -> Result<Deleted, ApiError> {
    if let Some(etag) = asked.etag {
        match versions::find(&*tx, bucket, asked.key, asked.version)? {
            None => return Err(error::no_such_key(asked.key)),
            Some(Found::Object(held)) if condition::lists(etag, &held.etag) => {}
            Some(_) => return Err(error::precondition("If-Match")),
        }
    }
    match asked.version {
        Some(version) => {
            if let Some(held) = versions::object(&*tx, bucket, asked.key, Some(version))? {
                lock::may_remove(call, &held)?;
            }
            versions::delete_version(tx, bucket, asked.key, version)
        }
        None => {
            let (random, time) = (call.platform().random(), to_second(call.time()));
            versions::delete_current(tx, random, bucket, asked.key, time)
        }
    }
}

fn listed<'t>(call: &Call<'t>) -> &'t [Value] {
    call.input()
        .get("Delete")
        .map(|delete| delete.list("Objects"))
        .unwrap_or_default()
}

fn asked(value: &Value) -> Option<Asked<'_>> {
    let key = value.str("Key")?;
    Some(Asked {
        key,
        version: value.str("VersionId"),
        etag: value.str("ETag"),
    })
}

/// The decisions on each key, by themselves: to delete it and, where an entity tag is compared, to read
/// it.
pub(crate) fn may_delete_many(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    if listed(call).len() > MOST || listed(call).is_empty() {
        let text = "The XML you provided was not well-formed or did not validate against our \
                    published schema";
        return Err(ApiError::new("MalformedXML", 400, text));
    }
    let mut checks = Vec::new();
    for asked in listed(call).iter().filter_map(asked) {
        checks.push(check_delete(call, &bucket, &asked)?);
        checks.extend(check_compared(call, &bucket, &asked)?);
        checks.extend(check_bypass(call, call.state(), &bucket, &asked)?);
    }
    Ok(Checks::each(checks))
}

pub(crate) fn delete_many(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    listed(call).iter().try_for_each(supported)?;
    let results = call.write_each(|tx, verdicts| {
        let bucket = check::bucket_in(call, &*tx)?;
        let mut results = Vec::with_capacity(listed(call).len());
        let mut verdicts = verdicts.iter().cloned();
        // As the decisions were asked for: before anything is gone.
        let bypass = |asked| Ok(check_bypass(call, &*tx, &bucket, &asked)?.is_some());
        let bypass = listed(call).iter().filter_map(asked).map(bypass);
        let bypass: Vec<bool> = bypass.collect::<Result<_, ApiError>>()?;
        let none = || Err(ApiError::internal("a key that nobody decided on"));
        for (asked, bypass) in listed(call).iter().filter_map(asked).zip(bypass) {
            let deleting = verdicts.next().unwrap_or_else(none);
            let reading = match asked.is_compared() {
                true => verdicts.next().unwrap_or_else(none),
                false => Ok(()),
            };
            let bypassing = match bypass {
                true => verdicts.next().unwrap_or_else(none),
                false => Ok(()),
            };
            let result = deleting
                .and(reading)
                .and(bypassing)
                .and_then(|()| remove(call, tx, &bucket, &asked));
            // What is an error of this key alone is told of it; a failure of the platform is not.
            if let Err(error) = &result
                && error.fault() == Fault::Internal
            {
                return Err(error.clone());
            }
            results.push((asked, result));
        }
        Ok(results)
    })?;
    let bytes: &ObjectBytes = call.platform().part()?;
    let gone = results
        .iter()
        .filter_map(|(_, result)| result.as_ref().ok())
        .flat_map(|deleted| &deleted.gone);
    bytes.forget(gone.cloned().collect());
    Ok(Outcome::new(report(call, &results)))
}

fn report(call: &Call<'_>, results: &[(Asked<'_>, Result<Deleted, ApiError>)]) -> Value {
    let quiet = call
        .input()
        .get("Delete")
        .and_then(|delete| delete.bool("Quiet"))
        == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (asked, result) in results {
        let entry = Value::map()
            .with("Key", asked.key)
            .with_some("VersionId", asked.version);
        match result {
            Ok(_) if quiet => {}
            Ok(it) if it.marker => {
                let entry = entry.with("DeleteMarker", true);
                deleted.push(entry.with_some("DeleteMarkerVersionId", it.version.as_deref()));
            }
            Ok(_) => deleted.push(entry),
            Err(error) => {
                let code = match error.fault() {
                    Fault::Service { code, .. } => code.to_string(),
                    _ => "AccessDenied".to_owned(),
                };
                errors.push(entry.with("Code", code).with("Message", error.message()));
            }
        }
    }
    let some = |list: Vec<Value>| (!list.is_empty()).then_some(list);
    Value::map()
        .with_some("Deleted", some(deleted))
        .with_some("Errors", some(errors))
}

//! Reading objects.

use jiff::Timestamp;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use std::ops::Range;
use std::sync::Arc;
use store::Read;
use wire::value::{Map, Value};

use crate::bytes::ObjectBytes;
use crate::condition::Preconditions;
use crate::content::Reader;
use crate::record::{Bucket, Object};
use crate::versions::{Found, Version};
use crate::{check, error, lifecycle, lock, multipart, range, tagging, versions};

/// Members of a request that set a header of the answer.
const OVERRIDES: &[(&str, &str)] = &[
    ("ResponseCacheControl", "CacheControl"),
    ("ResponseContentDisposition", "ContentDisposition"),
    ("ResponseContentEncoding", "ContentEncoding"),
    ("ResponseContentLanguage", "ContentLanguage"),
    ("ResponseContentType", "ContentType"),
];

/// The one among them that is an instant.
const EXPIRES: &str = "ResponseExpires";

/// How often an object is read anew that changes meanwhile.
const ATTEMPTS: usize = 8;

pub(crate) fn may_get(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let key = call.text("Key")?;
    Ok(check_get(call, &bucket, key, call.input().str("VersionId"))?.into())
}

/// `s3:GetObject` on a key, or `s3:GetObjectVersion` where a version is named.
pub(crate) fn check_get(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Check, ApiError> {
    let held = versions::object(call.state(), bucket, key, version)?;
    check_get_of(call, bucket, (key, version), held.as_deref())
}

/// The same, of what is `held` there.
pub(crate) fn check_get_of(
    call: &Call<'_>,
    bucket: &Bucket,
    (key, version): (&str, Option<&str>),
    held: Option<&Object>,
) -> Result<Check, ApiError> {
    let action = if version.is_some() {
        "s3:GetObjectVersion"
    } else {
        "s3:GetObject"
    };
    let target = check::held_target(call, bucket, key, held)?;
    let check = check::ask(call, action, target, bucket)?.key_if("s3:versionid", version);
    Ok(tagging::existing(check, held))
}

/// The object that the input names by its key and perhaps its version, as of `tx`.
///
/// # Errors
/// There is none, or it is a delete marker.
pub(crate) fn named(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
) -> Result<Arc<Object>, ApiError> {
    let version = call.input().str("VersionId");
    let marked = |error: ApiError, marker: &Version| {
        error
            .header("x-amz-delete-marker", "true")
            .header("x-amz-version-id", marker.shown_id())
    };
    match versions::find(tx, bucket, key, version)? {
        Some(Found::Object(object)) => Ok(object),
        Some(Found::CurrentMarker(marker)) => match check::missing(call, bucket, key) {
            denied if denied.is_denial() => Err(denied),
            missing => Err(marked(missing, &marker)),
        },
        Some(Found::Marker(marker)) => {
            let text = "The specified method is not allowed against this resource.";
            let refused = ApiError::new("MethodNotAllowed", 405, text)
                .with("Method", method(call))
                .with("ResourceType", "DeleteMarker")
                .header("allow", "DELETE")
                .header("last-modified", http_date(marker.made));
            Err(marked(refused, &marker))
        }
        None => Err(match version {
            Some(version) => check::missing_version(call, bucket, key, version),
            None => check::missing(call, bucket, key),
        }),
    }
}

/// The method of HTTP that asks for an operation on an object.
fn method(call: &Call<'_>) -> &'static str {
    let operation = call.operation();
    let methods = [
        ("Get", "GET"),
        ("Head", "HEAD"),
        ("Put", "PUT"),
        ("Delete", "DELETE"),
    ];
    let found = methods
        .into_iter()
        .find(|(begin, _)| operation.starts_with(begin));
    found.map_or("POST", |(_, method)| method)
}

fn http_date(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The object that the input names, as of `tx`, with its bucket, if its version and preconditions are right.
pub(crate) fn found(
    call: &Call<'_>,
    tx: &dyn Read,
) -> Result<(Arc<Bucket>, Arc<Object>), ApiError> {
    let (bucket, key) = (check::bucket_in(call, tx)?, call.text("Key")?);
    let input = call.input();
    let object = named(call, tx, &bucket, key)?;
    if input.get("PartNumber").is_some() && input.get("Range").is_some() {
        let text = "Cannot specify both Range header and partNumber query parameter";
        return Err(error::invalid_request(text));
    }
    object.encryption.unlock(call, "")?;
    if call.caller().is_nobody()
        && OVERRIDES
            .iter()
            .map(|(member, _)| *member)
            .chain([EXPIRES])
            .any(|member| input.get(member).is_some())
    {
        let text = "Request specific response headers cannot be used for anonymous GET requests.";
        return Err(error::invalid_request(text));
    }
    Preconditions::read(input, "").check(&object.etag, object.modified)?;
    Ok((bucket, object))
}

/// The bytes of the object that the input asks for; `None` when it asks for all of them.
fn span(call: &Call<'_>, object: &Object) -> Result<Option<Range<u64>>, ApiError> {
    let input = call.input();
    let Some(number) = input.int("PartNumber") else {
        return range::read(input.str("Range"), object.size());
    };
    if !(1..=i64::from(multipart::MOST_PARTS)).contains(&number) {
        return Err(multipart::no_number(number));
    }
    let part = match &object.content.parts {
        Some(parts) => u32::try_from(number)
            .ok()
            .and_then(|number| multipart::range_of(parts, number)),
        None => (number == 1).then(|| 0..object.size()),
    };
    match part {
        None => {
            let text = "The requested partnumber is not satisfiable";
            Err(ApiError::new("InvalidPartNumber", 416, text))
        }
        // Of no bytes there is no range.
        Some(part) => Ok(Some(part).filter(|part| !part.is_empty())),
    }
}

pub(crate) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, object) = found(call, call.state())?;
    let asked = span(call, &object)?;
    let wanted = asked.clone().unwrap_or(0..object.size());
    let key = object.encryption.open(call, &bucket, "")?;
    let key = key.as_ref();
    if let Some(reader) = Reader::at_once(call, call.state(), &object.content, &wanted, key)? {
        return answer(call, (&bucket, &object), asked.as_ref(), Some(reader));
    }
    // Other bytes are there only as long as somebody is known to read them, and the state may have
    // changed since this call was authorized.
    let bytes: &ObjectBytes = call.platform().part()?;
    let reading = bytes.reading();
    let tx = call.platform().store().begin_read()?;
    if found(call, &*tx).is_ok_and(|(_, now)| now == object) {
        let reader = Reader::guarded(call, &*tx, &object.content, &wanted, reading, key)?;
        return answer(call, (&bucket, &object), asked.as_ref(), Some(reader));
    }
    drop(tx);
    drop(reading);
    changed_meanwhile(call)
}

/// Reads an object that changed since the call was authorized. Within a transaction that asks every check
/// again, it cannot; but within one, KMS cannot be asked for its key, which is therefore the one of the
/// object as it was just before.
fn changed_meanwhile(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bytes: &ObjectBytes = call.platform().part()?;
    for _ in 0..ATTEMPTS {
        let reading = bytes.reading();
        let (bucket, before) = call.platform().store().read(|tx| found(call, tx))?;
        let key = before.encryption.open(call, &bucket, "")?;
        let read = call.write(|tx| {
            let (bucket, object) = found(call, &*tx)?;
            if object.encryption != before.encryption {
                return Ok(None);
            }
            let asked = span(call, &object)?;
            let wanted = asked.clone().unwrap_or(0..object.size());
            let key = key.as_ref();
            let reader = Reader::guarded(call, &*tx, &object.content, &wanted, reading, key)?;
            Ok(Some((bucket, object, asked, reader)))
        })?;
        if let Some((bucket, object, asked, reader)) = read {
            return answer(call, (&bucket, &object), asked.as_ref(), Some(reader));
        }
    }
    Err(ApiError::new(
        "SlowDown",
        503,
        "Please reduce your request rate.",
    ))
}

pub(crate) fn head(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, object) = found(call, call.state())?;
    let asked = span(call, &object)?;
    if wants_checksum(call) {
        object.encryption.reveal(call, &bucket)?;
    }
    answer(call, (&bucket, &object), asked.as_ref(), None)
}

fn wants_checksum(call: &Call<'_>) -> bool {
    call.input().str("ChecksumMode") == Some("ENABLED")
}

fn answer(
    call: &Call<'_>,
    (bucket, object): (&Bucket, &Object),
    asked: Option<&Range<u64>>,
    body: Option<Reader>,
) -> Result<Outcome, ApiError> {
    let length = asked.map_or(object.size(), |range| range.end - range.start);
    let mut output = Value::map()
        .with("AcceptRanges", "bytes")
        .with("LastModified", object.modified)
        .with("ContentLength", i64::try_from(length).unwrap_or(i64::MAX))
        .with("ETag", object.quoted_etag())
        .with_some(
            "ContentRange",
            asked.map(|range| content_range(range, object.size())),
        );
    if let (Some(parts), Some(_)) = (&object.content.parts, call.input().get("PartNumber")) {
        output = output.with("PartsCount", i64::from(multipart::count(parts)));
    }
    for (name, value) in &object.headers {
        output = output.with(name.clone(), value.as_str());
    }
    if !object.headers.contains_key("ContentType") {
        output = output.with("ContentType", "binary/octet-stream");
    }
    for (member, header) in OVERRIDES {
        output = output.with_some(*header, call.input().str(member));
    }
    output = output.with_some("Expires", call.input().timestamp(EXPIRES));
    let metadata: Map = object
        .metadata
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str()))
        .collect();
    output = output.with("Metadata", metadata);
    output = output.with_some("VersionId", object.shown_version(bucket));
    output = object.encryption.show(call, output);
    output = lock::show(call, bucket, object, output)?;
    if object.shown_version(bucket).is_none() || call.input().get("VersionId").is_none() {
        let key = call.text("Key")?;
        output = output.with_some("Expiration", lifecycle::of(bucket, key, object));
    }
    if !object.tags.is_empty() && tagging::may_count(call, bucket, object)? {
        output = output.with(
            "TagCount",
            i64::try_from(object.tags.len()).unwrap_or(i64::MAX),
        );
    }
    let whole = length == object.size();
    if wants_checksum(call) && whole {
        output = object.checksum.show(output);
    }
    let outcome = match body.map(Reader::answer).transpose()? {
        None => Outcome::new(output),
        Some(Ok(bytes)) => Outcome::new(output.with("Body", bytes)),
        Some(Err(flow)) => Outcome::new(output).flow(flow),
    };
    Ok(match asked {
        Some(_) => outcome.status(206),
        None => outcome,
    })
}

fn content_range(range: &Range<u64>, size: u64) -> String {
    format!(
        "bytes {}-{}/{size}",
        range.start,
        range.end.saturating_sub(1)
    )
}

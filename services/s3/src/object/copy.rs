//! Copying objects: a read of the source and a write of the target, each with its own permission.

use bytes::Bytes;
use platform::identity::to_second;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use std::collections::BTreeMap;
use wire::value::Value;

use super::get::{check_get, read};
use super::put::{check_put, find, headers, metadata, store, supported};
use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Checksum, md5_hex};
use crate::condition::Preconditions;
use crate::record::{Bucket, Object, Piece};
use crate::{check, error, tagging};

/// What is copied.
struct Source {
    bucket: Bucket,
    key: String,
    version: Option<String>,
}

/// Reads `x-amz-copy-source`: `BUCKET/KEY`, percent-encoded, perhaps with a version.
fn source(call: &Call<'_>) -> Result<Source, ApiError> {
    let text = call.text("CopySource")?;
    let wrong = || {
        let reason = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
        error::invalid_argument("x-amz-copy-source", text, reason)
    };
    let (path, version) = match text.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (text, None),
    };
    let path = String::from_utf8(wire::uri::decode(path)).map_err(|_| wrong())?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, key) = path.split_once('/').ok_or_else(wrong)?;
    if bucket.is_empty() || key.is_empty() {
        return Err(wrong());
    }
    let bucket = check::source_bucket(call, bucket)?;
    Ok(Source {
        bucket,
        key: key.to_owned(),
        version,
    })
}

pub(crate) fn may_copy(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (source, target) = (source(call)?, check::bucket(call)?);
    // What the header says counts only where it replaces; policies see what the copy will have.
    let held = find(call.state(), &source.bucket, &source.key)?;
    let copied = copied_tags(call, held.as_ref())?;
    let named = format!("{}/{}", source.bucket.name, source.key);
    let put = check_put(call, &target, &copied)?
        .key("s3:x-amz-copy-source", named)
        .key_if(
            "s3:x-amz-metadata-directive",
            call.input().str("MetadataDirective"),
        );
    let get = check_get(call, &source.bucket, &source.key, source.version.as_deref())?;
    let checks = Checks::from(get).and(put);
    if copied.is_empty() {
        return Ok(checks);
    }
    let place = check::object_target(call, &target, call.text("Key")?)?;
    let tagging = check::ask(call, "s3:PutObjectTagging", place, &target)?;
    let checks = checks.and(tagging::keys(tagging, &copied));
    if call.input().str("TaggingDirective") == Some("REPLACE") {
        return Ok(checks);
    }
    let place = check::object_target(call, &source.bucket, &source.key)?;
    let reading = check::ask(call, "s3:GetObjectTagging", place, &source.bucket)?;
    Ok(checks.and(tagging::existing(reading, held.as_ref())))
}

fn copied_tags(
    call: &Call<'_>,
    held: Option<&Object>,
) -> Result<Vec<platform::identity::Tag>, ApiError> {
    if call.input().str("TaggingDirective") == Some("REPLACE") {
        return tagging::from_header(call);
    }
    Ok(held.map(|object| object.tags.clone()).unwrap_or_default())
}

pub(crate) fn copy(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call)?;
    let (source, input) = (source(call)?, call.input());
    if let Some(version) = source
        .version
        .as_deref()
        .filter(|version| *version != "null")
    {
        return Err(error::no_such_version(&source.key, version));
    }
    let held = find(call.state(), &source.bucket, &source.key)?
        .ok_or_else(|| check::missing(call, &source.bucket, &source.key))?;
    let preconditions = Preconditions::read(input, "CopySource");
    preconditions
        .check(&held.etag, held.modified)
        .map_err(|_| {
            // A copy has no `304 Not Modified`.
            error::precondition("x-amz-copy-source-If-Match")
        })?;
    let replaces = input.str("MetadataDirective") == Some("REPLACE");
    let same = input.str("Bucket") == Some(source.bucket.name.as_str())
        && input.str("Key") == Some(source.key.as_str());
    if same && !replaces {
        return Err(error::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without \
             changing the object's metadata, storage class, website redirect location or \
             encryption attributes.",
        ));
    }
    let body = read(call, &held, None)?
        .ok_or_else(|| ApiError::internal(format!("the bytes of `{}` are gone", held.etag)))?;
    let kept = if replaces {
        (headers(input), metadata(input)?)
    } else {
        (held.headers.clone(), held.metadata.clone())
    };
    let object = copied(call, &held, &body, kept)?;
    store(call, &object)?;
    let result = Value::map()
        .with("ETag", object.quoted_etag())
        .with("LastModified", object.modified)
        .with(
            object.checksum.algorithm.member(),
            object.checksum.sum.as_str(),
        )
        .with("ChecksumType", "FULL_OBJECT");
    Ok(Outcome::new(Value::map().with("CopyObjectResult", result)))
}

/// The copy, whose bytes are its own.
fn copied(
    call: &Call<'_>,
    held: &Object,
    body: &Bytes,
    (headers, metadata): (BTreeMap<String, String>, BTreeMap<String, String>),
) -> Result<Object, ApiError> {
    let wanted = call.input().str("ChecksumAlgorithm");
    let algorithm = Algorithm::ALL
        .into_iter()
        .find(|algorithm| Some(algorithm.name()) == wanted)
        .unwrap_or(held.checksum.algorithm);
    let bytes: &ObjectBytes = call.platform().part()?;
    let name = bytes.put(call.platform().random(), body.clone())?;
    Ok(Object {
        pieces: vec![Piece {
            name,
            size: body.len() as u64,
        }],
        etag: md5_hex(body),
        modified: to_second(call.time()),
        headers,
        metadata,
        checksum: Checksum::of(algorithm, body),
        tags: copied_tags(call, Some(held))?,
    })
}

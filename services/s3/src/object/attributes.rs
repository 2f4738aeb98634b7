//! What there is to know of an object beside its bytes.

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use wire::value::Value;

use super::get::{check_get, found};
use super::place;
use crate::checksum::Kind;
use crate::multipart::{self, each, page};
use crate::record::{Object, Parts};
use crate::{check, error, tagging, versions};

/// What can be asked for.
const KNOWN: [&str; 5] = [
    "ETag",
    "Checksum",
    "ObjectParts",
    "StorageClass",
    "ObjectSize",
];

/// Both to read the object and to read its attributes (Amazon S3 API Reference,
/// "GetObjectAttributes").
pub(crate) fn may_get_attributes(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let version = call.input().str("VersionId");
    let action = match version {
        Some(_) => "s3:GetObjectVersionAttributes",
        None => "s3:GetObjectAttributes",
    };
    let target = check::object_target(call, &bucket, key)?;
    let held = versions::object(call.state(), &bucket, key, version)?;
    let attributes = check::ask(call, action, target, &bucket)?.key_if("s3:versionid", version);
    let attributes = tagging::existing(attributes, held.as_deref());
    Ok(Checks::from(check_get(call, &bucket, key, version)?).and(attributes))
}

pub(crate) fn attributes(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, object) = found(call, call.state())?;
    let asked: Vec<&str> = call
        .input()
        .list("ObjectAttributes")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if asked.is_empty() || asked.iter().any(|name| !KNOWN.contains(name)) {
        let text = "Invalid attribute name specified.";
        let asked = asked.join(",");
        return Err(error::invalid_argument(
            "x-amz-object-attributes",
            &asked,
            text,
        ));
    }
    let wants = |name: &str| asked.contains(&name);
    if wants("Checksum") {
        object.encryption.reveal(call, &bucket)?;
    }
    let mut output = Value::map()
        .with("LastModified", object.modified)
        .with_some("VersionId", object.shown_version(&bucket));
    if wants("ETag") {
        output = output.with("ETag", object.etag.as_str());
    }
    if wants("Checksum") {
        output = output.with("Checksum", object.checksum.show(Value::map()));
    }
    if let Some(parts) = object
        .content
        .parts
        .as_ref()
        .filter(|_| wants("ObjectParts"))
    {
        output = output.with("ObjectParts", shown(call, &object, parts)?);
    }
    if wants("StorageClass") {
        output = output.with("StorageClass", place::class(&object.headers));
    }
    if wants("ObjectSize") {
        let size = i64::try_from(object.size()).unwrap_or(i64::MAX);
        output = output.with("ObjectSize", size);
    }
    Ok(Outcome::new(output))
}

/// The parts. Each is listed where it has a checksum of its own.
fn shown(call: &Call<'_>, object: &Object, parts: &Parts) -> Result<Value, ApiError> {
    let output = Value::map().with("TotalPartsCount", i64::from(multipart::count(parts)));
    if object.checksum.kind != Kind::Composite {
        return Ok(output);
    }
    let (max, size) = page(call, "MaxParts", "x-amz-max-parts")?;
    let marker = call.input().int("PartNumberMarker").unwrap_or(0);
    let algorithm = object.checksum.algorithm;
    let mut rest = each(parts).filter(|(number, _)| i64::from(*number) > marker);
    let (mut listed, mut last) = (Vec::new(), marker);
    for (number, range) in rest.by_ref().take(size) {
        let part = multipart::part(call.state(), parts, number)?;
        last = i64::from(number);
        let size = i64::try_from(range.end - range.start).unwrap_or(i64::MAX);
        listed.push(
            Value::map()
                .with("PartNumber", last)
                .with("Size", size)
                .with_some(algorithm.member(), part.sum(algorithm)),
        );
    }
    Ok(output
        .with("PartNumberMarker", marker)
        .with("NextPartNumberMarker", last)
        .with("MaxParts", max)
        .with("IsTruncated", rest.next().is_some())
        .with("Parts", listed))
}

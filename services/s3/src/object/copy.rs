//! Copying objects: a read of the source and a write of the target, each with its own permission.

use platform::identity::to_second;
use platform::{ApiError, Call, Checks, Fault, Outcome, Permitted};
use store::Read;
use wire::value::Value;

use super::get::check_get;
use super::put::{check_put, find, headers, metadata, store, supported};
use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Declared, Digests, Sums};
use crate::condition::Preconditions;
use crate::content::{Intake, Reader, Staged};
use crate::record::{Bucket, Content, Object};
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
    // A source that changes meanwhile is copied anew, as it is by then.
    for _ in 0..ATTEMPTS {
        let tx = call.platform().store().begin_read()?;
        let copied = copy_as_of(call, &*tx);
        match copied {
            Err(error) if matches!(error.fault(), Fault::Service { code: CHANGED, .. }) => {}
            copied => return copied,
        }
    }
    let tx = call.platform().store().begin_read()?;
    copy_as_of(call, &*tx)
}

/// How often a source is copied anew.
const ATTEMPTS: usize = 8;

fn copy_as_of(call: &Permitted<Call<'_>>, tx: &dyn Read) -> Result<Outcome, ApiError> {
    let (source, input) = (source(call)?, call.input());
    if let Some(version) = source
        .version
        .as_deref()
        .filter(|version| *version != "null")
    {
        return Err(error::no_such_version(&source.key, version));
    }
    let held = find(tx, &source.bucket, &source.key)?
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
    let object = Object {
        content: Content::default(),
        etag: String::new(),
        modified: to_second(call.time()),
        headers: if replaces {
            headers(input)
        } else {
            held.headers.clone()
        },
        metadata: if replaces {
            metadata(input)?
        } else {
            held.metadata.clone()
        },
        checksum: held.checksum.clone(),
        tags: copied_tags(call, Some(&held))?,
    };
    let staged = staged(call, &source, &held)?;
    let object = Object {
        etag: staged.sums.md5.clone(),
        checksum: staged.sums.checksum.clone(),
        ..object
    };
    // What was copied must still be the source when the copy is allowed and made.
    let object = store(call, staged, object, |tx| unchanged(tx, &source, &held))?;
    let result = Value::map()
        .with("ETag", object.quoted_etag())
        .with("LastModified", object.modified);
    let result = object.checksum.show(result);
    Ok(Outcome::new(Value::map().with("CopyObjectResult", result)))
}

/// The source was changed while it was copied.
const CHANGED: &str = "OperationAborted";

fn unchanged(tx: &dyn Read, source: &Source, held: &Object) -> Result<(), ApiError> {
    let now = find(tx, &source.bucket, &source.key)?;
    if now.as_ref() == Some(held) {
        return Ok(());
    }
    let text = "A conflicting conditional operation is currently in progress against this \
                resource. Please try again.";
    Err(ApiError::new(CHANGED, 409, text))
}

/// The bytes of the source once more. They are read only where their sums are not known.
fn staged(call: &Call<'_>, source: &Source, held: &Object) -> Result<Staged, ApiError> {
    let wanted = call.input().str("ChecksumAlgorithm");
    let algorithm = wanted
        .and_then(Algorithm::named)
        .unwrap_or(held.checksum.algorithm);
    let bytes: &ObjectBytes = call.platform().part()?;
    let reading = bytes.reading();
    let tx = call.platform().store().begin_read()?;
    unchanged(&*tx, source, held)?;
    if held.content.parts.is_none() && algorithm == held.checksum.algorithm {
        let sums = Sums {
            md5: held.etag.clone(),
            checksum: held.checksum.clone(),
        };
        if let Some(staged) = Staged::again(call, &*tx, &held.content, sums)? {
            return Ok(staged);
        }
    }
    let whole = 0..held.size();
    let mut reader = Reader::guarded(call, &*tx, &held.content, &whole, reading)?;
    drop(tx);
    Intake::new(
        call.platform(),
        Digests::new(Declared::default(), algorithm),
    )?
    .drain(&mut reader)
}

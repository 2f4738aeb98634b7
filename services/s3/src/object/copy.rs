//! Copying objects: a read of the source and a write of the target, each with its own permission.

use platform::identity::to_second;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use wire::value::Value;

use super::place;
use super::put::{check_put, headers, metadata, store, supported, with_comparison, with_list};
use super::source::{self, Source};
use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Declared, Digests, Sums};
use crate::content::{Intake, Reader, Staged};
use crate::encryption::Encryption;
use crate::record::{Content, Object};
use crate::{check, content, error, lock, object_acl, tagging, versions};

/// Members that give an object something else, so that it may be copied onto itself.
const CHANGES: &[&str] = &[
    "ServerSideEncryption",
    "SSECustomerAlgorithm",
    "StorageClass",
    "WebsiteRedirectLocation",
];

pub(crate) fn may_copy(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (source, target) = (Source::read(call)?, check::bucket(call)?);
    // What the header says counts only where it replaces; policies see what the copy will have.
    let version = source.version.as_deref();
    let held = versions::object(call.state(), &source.bucket, &source.key, version)?;
    let copied = copied_tags(call, held.as_deref())?;
    let put = check_put(call, &target, &copied, true)?
        .key("s3:x-amz-copy-source", source.named())
        .key_if(
            "s3:x-amz-metadata-directive",
            call.input().str("MetadataDirective"),
        );
    let get = source.check(call)?;
    let checks = with_comparison(call, &target, Checks::from(get).and(put))?;
    let checks = lock::with_lock(call, &target, with_list(call, &target, checks)?)?;
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
    let action = match version {
        Some(_) => "s3:GetObjectVersionTagging",
        None => "s3:GetObjectTagging",
    };
    let reading = check::ask(call, action, place, &source.bucket)?.key_if("s3:versionid", version);
    Ok(checks.and(tagging::existing(reading, held.as_deref())))
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
    supported(call, &*check::bucket(call)?)?;
    source::until_unchanged(|| copy_once(call))
}

fn copy_once(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (source, input) = (Source::read(call)?, call.input());
    let held = source.held(call)?;
    if held.size() > content::MOST {
        return Err(error::invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: \
             {}",
            content::MOST
        )));
    }
    let replaces = input.str("MetadataDirective") == Some("REPLACE");
    let same = input.str("Bucket") == Some(source.bucket.name.as_str())
        && input.str("Key") == Some(source.key.as_str());
    let changes = CHANGES.iter().any(|member| input.get(member).is_some());
    // An older version may be copied to where it was: so it becomes the current one again.
    if same && !replaces && !changes && source.version.is_none() {
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
            place::copied(&held.headers, input)
        },
        metadata: if replaces {
            metadata(input)?
        } else {
            held.metadata.clone()
        },
        checksum: held.checksum.clone(),
        tags: copied_tags(call, Some(&held))?,
        // Lists are not copied.
        standing: object_acl::of_new(call, call.state(), &*check::bucket(call)?)?,
        encryption: Encryption::default(),
    };
    let staged = staged(call, &source, &held)?;
    let object = Object {
        etag: staged.sums.md5.clone(),
        checksum: staged.sums.checksum.clone(),
        encryption: staged.encryption.clone(),
        ..object
    };
    // What was copied must still be the source when the copy is allowed and made.
    let (bucket, object) = store(call, staged, object, |tx| source.is_still(tx, &held))?;
    let result = Value::map()
        .with("ETag", object.quoted_etag())
        .with("LastModified", object.modified);
    let result = object.checksum.show(result);
    let output = Value::map()
        .with("CopyObjectResult", result)
        .with_some("CopySourceVersionId", held.shown_version(&source.bucket))
        .with_some("VersionId", object.shown_version(&bucket));
    Ok(Outcome::new(object.encryption.show_begun(call, output)))
}

/// The bytes of the source once more. They are read only where their sums are not known.
fn staged(call: &Call<'_>, source: &Source, held: &Object) -> Result<Staged, ApiError> {
    let wanted = call.input().str("ChecksumAlgorithm");
    let algorithm = wanted
        .and_then(Algorithm::named)
        .unwrap_or(held.checksum.algorithm);
    let key = source.key(call, held)?;
    let (encryption, own_key) = Encryption::begin(call, &*check::bucket(call)?)?;
    let bytes: &ObjectBytes = call.platform().part()?;
    let reading = bytes.reading();
    let tx = call.platform().store().begin_read()?;
    source.is_still(&*tx, held)?;
    let shared = encryption.shares_bytes_with(&held.encryption);
    if shared && held.content.parts.is_none() && algorithm == held.checksum.algorithm {
        let sums = Sums {
            md5: held.etag.clone(),
            checksum: held.checksum.clone(),
            also: None,
        };
        if let Some(staged) = Staged::again(call, &*tx, (&held.content, encryption.clone()), sums)?
        {
            return Ok(staged);
        }
    }
    let whole = 0..held.size();
    let mut reader = Reader::guarded(call, &*tx, &held.content, &whole, reading, key.as_ref())?;
    drop(tx);
    Intake::new(
        call.platform(),
        Digests::new(Declared::default(), algorithm),
    )?
    .encrypted(encryption, own_key.as_ref())?
    .drain(&mut reader)
}

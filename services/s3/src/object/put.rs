//! Putting objects.

use platform::identity::{Tag, to_second};
use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted, Receive};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Read, Write};
use wire::value::{Map, Value};

use super::get::check_get;
use super::place;
use crate::bytes::ObjectBytes;
use crate::checksum::{self, Algorithm};
use crate::content::{Intake, Staged};
use crate::encryption::{self, Encryption};
use crate::multipart::Upload;
use crate::record::{Bucket, Content, Object};
use crate::{
    acl, bucket_acl, check, condition, error, lifecycle, lock, object_acl, tagging, versions,
};

/// The most bytes of user metadata, names and values (Amazon S3 User Guide, "Working with object
/// metadata").
const METADATA: usize = 2 * 1024;

/// Headers that an object keeps for its readers: members of the inputs and outputs.
const KEPT: &[&str] = &[
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    // Any text: it is a date only for who reads it.
    "Expires",
];

/// Members that ask for what is not built, with the headers that they stand in.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ObjectLockEventHold", "x-amz-object-lock-event-hold"),
    (
        "ObjectLockEventHoldDurationDays",
        "x-amz-object-lock-event-hold-duration-days",
    ),
    (
        "ObjectLockEventHoldDurationYears",
        "x-amz-object-lock-event-hold-duration-years",
    ),
    ("WriteOffsetBytes", "x-amz-write-offset-bytes"),
];

pub(crate) fn may_put(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let tags = tagging::from_header(call)?;
    let checks = Checks::from(check_put(call, &bucket, &tags, true)?);
    let checks = with_list(call, &bucket, with_comparison(call, &bucket, checks)?)?;
    let checks = lock::with_lock(call, &bucket, checks)?;
    with_tagging(call, &bucket, checks, &tags)
}

/// Whoever compares an entity tag must be allowed to read the object (Amazon S3 User Guide, "How to
/// prevent object overwrites with conditional writes").
pub(crate) fn with_comparison(
    call: &Call<'_>,
    bucket: &Bucket,
    checks: Checks,
) -> Result<Checks, ApiError> {
    match call.input().str("IfMatch") {
        Some(tags) if tags != condition::ANY => {
            Ok(checks.and(check_get(call, bucket, call.text("Key")?, None)?))
        }
        _ => Ok(checks),
    }
}

/// Whoever gives an object a list must be allowed to.
pub(super) fn with_list(
    call: &Call<'_>,
    bucket: &Bucket,
    checks: Checks,
) -> Result<Checks, ApiError> {
    let granted = call.input().get("ACL").is_some() || bucket_acl::grants(call);
    if !granted || !acl::counts(bucket) {
        return Ok(checks);
    }
    let target = check::object_target(call, bucket, call.text("Key")?)?;
    let listing = check::ask(call, "s3:PutObjectAcl", target, bucket)?;
    Ok(checks.and(bucket_acl::keys(call, listing)))
}

/// Whoever gives an object tags must be allowed to.
fn with_tagging(
    call: &Call<'_>,
    bucket: &Bucket,
    checks: Checks,
    tags: &[Tag],
) -> Result<Checks, ApiError> {
    if tags.is_empty() {
        return Ok(checks);
    }
    let target = check::object_target(call, bucket, call.text("Key")?)?;
    let tagging = check::ask(call, "s3:PutObjectTagging", target, bucket)?;
    Ok(checks.and(tagging::keys(tagging, tags)))
}

/// The checks of an upload that is begun: those of [`may_put`], except that no object is made yet.
pub(crate) fn may_begin(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let tags = tagging::from_header(call)?;
    let checks = Checks::from(check_put(call, &bucket, &tags, false)?);
    let checks = lock::with_lock(call, &bucket, with_list(call, &bucket, checks)?)?;
    with_tagging(call, &bucket, checks, &tags)
}

/// `s3:PutObject` on the key that the input names, with the keys of that action; `creates` says whether
/// the call makes an object or only a part of one.
pub(crate) fn check_put(
    call: &Call<'_>,
    bucket: &Bucket,
    tags: &[Tag],
    creates: bool,
) -> Result<Check, ApiError> {
    let input = call.input();
    let target = check::object_target(call, bucket, call.text("Key")?)?;
    let mut check = check::ask(call, "s3:PutObject", target, bucket)?
        .key("s3:ObjectCreationOperation", creates);
    for (member, key) in [
        (
            "SSECustomerAlgorithm",
            "s3:x-amz-server-side-encryption-customer-algorithm",
        ),
        ("IfMatch", "s3:if-match"),
        ("IfNoneMatch", "s3:if-none-match"),
    ] {
        check = check.key_if(key, input.str(member));
    }
    for (key, value) in keys_of(call)? {
        check = check.key(&key, value);
    }
    check = lock::keys(call, check);
    Ok(tagging::keys(check, tags))
}

/// Condition keys of what an object shall be. Of one that is uploaded in parts they come from where that
/// was begun: no other request of it can say such things.
pub(crate) fn keys_of(call: &Call<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let input = call.input();
    if let Some(id) = input.str("UploadId") {
        let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
        let upload: Option<Upload> = call.state().get(&Upload::place(&bucket, key, id))?;
        return Ok(upload.map(|upload| upload.keys).unwrap_or_default());
    }
    let said = [
        ("ACL", "s3:x-amz-acl"),
        ("GrantFullControl", "s3:x-amz-grant-full-control"),
        ("GrantRead", "s3:x-amz-grant-read"),
        ("GrantReadACP", "s3:x-amz-grant-read-acp"),
        ("GrantWriteACP", "s3:x-amz-grant-write-acp"),
        ("StorageClass", "s3:x-amz-storage-class"),
        ("ServerSideEncryption", "s3:x-amz-server-side-encryption"),
        (
            "WebsiteRedirectLocation",
            "s3:x-amz-website-redirect-location",
        ),
    ];
    let mut keys: BTreeMap<String, String> = said
        .into_iter()
        .filter_map(|(member, key)| Some((key.to_owned(), input.str(member)?.to_owned())))
        .collect();
    if let Some(named) = input.str("SSEKMSKeyId") {
        let key = "s3:x-amz-server-side-encryption-aws-kms-key-id".to_owned();
        keys.insert(key, encryption::key_arn(call, call.state(), named)?);
    }
    Ok(keys)
}

/// Refuses what objects cannot have here.
pub(crate) fn supported(call: &Call<'_>, bucket: &Bucket) -> Result<(), ApiError> {
    let input = call.input();
    object_acl::of_new(call, call.state(), bucket)?;
    encryption::supported(call, bucket)?;
    place::check(input)?;
    if input
        .str("ChecksumAlgorithm")
        .is_some_and(|name| Algorithm::named(name).is_none())
    {
        return Err(error::not_implemented("x-amz-sdk-checksum-algorithm"));
    }
    match UNSUPPORTED
        .iter()
        .find(|(member, _)| input.get(member).is_some())
    {
        Some((_, header)) => Err(error::not_implemented(header)),
        None => Ok(()),
    }
}

/// Takes the body of an object, unless the head already shows that it will not be one.
pub(crate) fn receive(call: &Permitted<Call<'_>>) -> Result<Box<dyn Receive>, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    supported(call, &bucket)?;
    metadata(call.input())?;
    tagging::from_header(call)?;
    if is_conditional(call.input()) {
        let held = find(call.state(), &bucket, key)?;
        may_replace(call.input(), key, held.as_deref())?;
    }
    let wanted = call.input().str("ChecksumAlgorithm");
    let algorithm = wanted.and_then(Algorithm::named);
    let intake = Intake::of(call, algorithm.unwrap_or(Algorithm::Crc64Nvme))?;
    let headers = call.headers().keys().map(|name| name.as_str());
    checksum::agree(headers, wanted, intake.declared())?;
    let (encryption, data_key) = Encryption::begin(call, &bucket)?;
    Ok(Box::new(intake.encrypted(encryption, data_key.as_ref())?))
}

pub(crate) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let staged = *call.received::<Staged>()?;
    let object = Object {
        content: Content::default(),
        etag: staged.sums.md5.clone(),
        modified: to_second(call.time()),
        headers: headers(call.input()),
        metadata: metadata(call.input())?,
        checksum: staged.sums.checksum.clone(),
        tags: tagging::from_header(call)?,
        standing: object_acl::of_new(call, call.state(), &*check::bucket(call)?)?,
        encryption: staged.encryption.clone(),
    };
    let (bucket, object) = store(call, staged, object, |_| Ok(()))?;
    let output = Value::map()
        .with("ETag", object.quoted_etag())
        .with_some("VersionId", object.shown_version(&bucket))
        .with_some(
            "Expiration",
            lifecycle::of(&bucket, call.text("Key")?, &object),
        );
    let output = object.encryption.show_begun(call, output);
    Ok(Outcome::new(object.checksum.show(output)))
}

/// Makes `object` with the bytes in `staged` the one under the key that the input names, if `holds`
/// within the transaction, and forgets the bytes that nothing names any more: those of the object
/// before it or, when it cannot be stored, its own. Returns the bucket in which it was stored: whoever
/// answers reads nothing more, for once the object is there, nothing may fail.
pub(crate) fn store(
    call: &Permitted<Call<'_>>,
    staged: Staged,
    mut object: Object,
    holds: impl FnOnce(&dyn Read) -> Result<(), ApiError>,
) -> Result<(Arc<Bucket>, Object), ApiError> {
    let bytes: &ObjectBytes = call.platform().part()?;
    let key = call.text("Key")?;
    let stored = call.write(|tx| {
        holds(&*tx)?;
        object.encryption.is_still(call, &*tx)?;
        let bucket = check::bucket_in(call, &*tx)?;
        let before: Option<Object> = tx.get(&Object::key(&bucket, key))?;
        let replaced = before
            .as_ref()
            .filter(|before| !versions::stays(&bucket, before));
        object.content = staged.put(tx, replaced.map(|before| &before.content))?;
        let gone = replace(call, tx, (&bucket, key), before, &mut object)?;
        Ok((bucket, gone))
    });
    match stored {
        Ok((bucket, gone)) => {
            staged.keep();
            bytes.forget(gone);
            Ok((bucket, object))
        }
        Err(error) => {
            // Of a failure it is not known whether the object was stored after all: then its bytes
            // are left to the next sweep.
            if error.fault() == Fault::Internal {
                staged.keep();
            }
            Err(error)
        }
    }
}

/// Makes `object` the one under a key where `before` is, if the conditions of the input let it. Returns the
/// pieces to forget when that is committed.
pub(crate) fn replace(
    call: &Call<'_>,
    tx: &mut dyn Write,
    (bucket, key): (&Bucket, &str),
    before: Option<Object>,
    object: &mut Object,
) -> Result<Vec<String>, ApiError> {
    may_replace(call.input(), key, before.as_ref())?;
    object.standing.lock = lock::of_new(bucket, object.standing.lock, object.modified)?;
    versions::put(tx, call.platform().random(), bucket, key, before, object)
}

fn is_conditional(input: &Value) -> bool {
    input.get("IfMatch").is_some() || input.get("IfNoneMatch").is_some()
}

/// Conditional writes (Amazon S3 User Guide, "How to prevent object overwrites").
fn may_replace(input: &Value, key: &str, before: Option<&Object>) -> Result<(), ApiError> {
    match (input.str("IfNoneMatch"), before) {
        (Some("*"), Some(_)) => return Err(error::precondition("If-None-Match")),
        (Some("*") | None, _) => {}
        (Some(_), _) => return Err(error::not_implemented("If-None-Match")),
    }
    match (input.str("IfMatch"), before) {
        (Some(_), None) => Err(error::no_such_key(key)),
        (Some(tags), Some(before)) if !condition::lists(tags, &before.etag) => {
            Err(error::precondition("If-Match"))
        }
        _ => Ok(()),
    }
}

/// The headers in an input that an object keeps.
pub(crate) fn headers(input: &Value) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), input.str(name)?.to_owned())))
        .collect();
    // `aws-chunked` was the way here, not what the object is.
    if let Some(encoding) = kept.remove("ContentEncoding") {
        let rest: Vec<&str> = encoding
            .split(',')
            .map(str::trim)
            .filter(|part| *part != "aws-chunked")
            .collect();
        if !rest.is_empty() {
            kept.insert("ContentEncoding".to_owned(), rest.join(","));
        }
    }
    place::add(input, &mut kept);
    kept
}

/// The user metadata in an input.
///
/// # Errors
/// When it is too long.
pub(crate) fn metadata(input: &Value) -> Result<BTreeMap<String, String>, ApiError> {
    let given = input.get("Metadata").and_then(Value::as_map);
    let metadata: BTreeMap<String, String> = given
        .into_iter()
        .flat_map(Map::iter)
        .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
        .collect();
    let size: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > METADATA {
        let text = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(ApiError::new("MetadataTooLarge", 400, text)
            .with("Size", size.to_string())
            .with("MaxSizeAllowed", METADATA.to_string()));
    }
    Ok(metadata)
}

/// The object under a key, as of `tx`.
pub(crate) fn find(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
) -> Result<Option<Arc<Object>>, ApiError> {
    Ok(tx.shared(&Object::key(bucket, key))?)
}

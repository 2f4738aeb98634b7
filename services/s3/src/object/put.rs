//! Putting objects.

use platform::identity::{Tag, to_second};
use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted};
use std::collections::BTreeMap;
use store::Read;
use wire::value::{Map, Value};

use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Checksum, md5_hex};
use crate::record::{Bucket, Object, Piece};
use crate::{body, check, condition, error, tagging};

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
];

/// Members that ask for what is not built, with the headers that they stand in.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("GrantFullControl", "x-amz-grant-full-control"),
    ("GrantRead", "x-amz-grant-read"),
    ("GrantReadACP", "x-amz-grant-read-acp"),
    ("GrantWriteACP", "x-amz-grant-write-acp"),
    ("ServerSideEncryption", "x-amz-server-side-encryption"),
    (
        "SSECustomerAlgorithm",
        "x-amz-server-side-encryption-customer-algorithm",
    ),
    (
        "SSECustomerKey",
        "x-amz-server-side-encryption-customer-key",
    ),
    ("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"),
    (
        "SSEKMSEncryptionContext",
        "x-amz-server-side-encryption-context",
    ),
    ("ObjectLockMode", "x-amz-object-lock-mode"),
    (
        "ObjectLockRetainUntilDate",
        "x-amz-object-lock-retain-until-date",
    ),
    ("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold"),
    ("WebsiteRedirectLocation", "x-amz-website-redirect-location"),
    ("WriteOffsetBytes", "x-amz-write-offset-bytes"),
];

pub(crate) fn may_put(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let tags = tagging::from_header(call)?;
    let checks = Checks::from(check_put(call, &bucket, &tags)?);
    if tags.is_empty() {
        return Ok(checks);
    }
    let target = check::object_target(call, &bucket, call.text("Key")?)?;
    let tagging = check::ask(call, "s3:PutObjectTagging", target, &bucket)?;
    Ok(checks.and(tagging::keys(tagging, &tags)))
}

/// `s3:PutObject` on the key that the input names, with the keys of that action.
pub(crate) fn check_put(call: &Call<'_>, bucket: &Bucket, tags: &[Tag]) -> Result<Check, ApiError> {
    let input = call.input();
    let target = check::object_target(call, bucket, call.text("Key")?)?;
    let mut check =
        check::ask(call, "s3:PutObject", target, bucket)?.key("s3:ObjectCreationOperation", true);
    for (member, key) in [
        ("ACL", "s3:x-amz-acl"),
        ("GrantFullControl", "s3:x-amz-grant-full-control"),
        ("GrantRead", "s3:x-amz-grant-read"),
        ("GrantReadACP", "s3:x-amz-grant-read-acp"),
        ("GrantWriteACP", "s3:x-amz-grant-write-acp"),
        ("StorageClass", "s3:x-amz-storage-class"),
        ("ServerSideEncryption", "s3:x-amz-server-side-encryption"),
        (
            "SSEKMSKeyId",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
        ),
        (
            "SSECustomerAlgorithm",
            "s3:x-amz-server-side-encryption-customer-algorithm",
        ),
        (
            "WebsiteRedirectLocation",
            "s3:x-amz-website-redirect-location",
        ),
        ("ObjectLockMode", "s3:object-lock-mode"),
        ("ObjectLockLegalHoldStatus", "s3:object-lock-legal-hold"),
        ("IfMatch", "s3:if-match"),
        ("IfNoneMatch", "s3:if-none-match"),
    ] {
        check = check.key_if(key, input.str(member));
    }
    Ok(tagging::keys(check, tags))
}

/// Refuses what objects cannot have here.
pub(crate) fn supported(call: &Call<'_>) -> Result<(), ApiError> {
    let input = call.input();
    if input
        .str("ACL")
        .is_some_and(|acl| acl != "bucket-owner-full-control")
    {
        let text = "The bucket does not allow ACLs";
        return Err(ApiError::new("AccessControlListNotSupported", 400, text));
    }
    if input
        .str("StorageClass")
        .is_some_and(|class| class != "STANDARD")
    {
        return Err(error::not_implemented("x-amz-storage-class"));
    }
    match UNSUPPORTED
        .iter()
        .find(|(member, _)| input.get(member).is_some())
    {
        Some((_, header)) => Err(error::not_implemented(header)),
        None => Ok(()),
    }
}

pub(crate) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call)?;
    let (body, given) = body::verified(call)?;
    let (headers, metadata) = (headers(call.input()), metadata(call.input())?);
    let tags = tagging::from_header(call)?;
    let bytes: &ObjectBytes = call.platform().part()?;
    let piece = Piece {
        name: bytes.put(call.platform().random(), body.clone())?,
        size: body.len() as u64,
    };
    let object = Object {
        etag: md5_hex(body),
        modified: to_second(call.time()),
        headers,
        metadata,
        checksum: given.unwrap_or_else(|| Checksum::of(Algorithm::Crc64Nvme, body)),
        tags,
        pieces: vec![piece],
    };
    store(call, &object)?;
    Ok(Outcome::new(
        Value::map()
            .with("ETag", object.quoted_etag())
            .with(
                object.checksum.algorithm.member(),
                object.checksum.sum.as_str(),
            )
            .with("ChecksumType", "FULL_OBJECT"),
    ))
}

/// Makes `object` the one under the key that the input names, and forgets the bytes that nothing
/// names any more: those of the object before it or, when it cannot be stored, its own.
pub(crate) fn store(call: &Permitted<Call<'_>>, object: &Object) -> Result<Bucket, ApiError> {
    let bytes: &ObjectBytes = call.platform().part()?;
    let key = call.text("Key")?;
    let stored = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        let place = Object::key(&bucket, key);
        let before: Option<Object> = tx.get(&place)?;
        may_replace(call.input(), key, before.as_ref())?;
        tx.put(&place, object)?;
        Ok((bucket, before))
    });
    match stored {
        Ok((bucket, before)) => {
            bytes.forget(before.iter().flat_map(Object::piece_names));
            Ok(bucket)
        }
        Err(error) => {
            // Of a failure it is not known whether the object was stored after all: then its bytes
            // are left to the next sweep.
            if error.fault() != Fault::Internal {
                bytes.forget(object.piece_names());
            }
            Err(error)
        }
    }
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
    if let Some(expires) = input.timestamp("Expires") {
        kept.insert("Expires".to_owned(), expires.to_string());
    }
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
pub(crate) fn find(tx: &dyn Read, bucket: &Bucket, key: &str) -> Result<Option<Object>, ApiError> {
    Ok(tx.get(&Object::key(bucket, key))?)
}

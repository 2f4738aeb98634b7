//! The beginning of an upload in parts, and its end without an object.

use platform::identity::to_second;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, id};
use std::sync::Arc;
use wire::value::Value;

use super::{Upload, remove_parts, upload};
use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Kind};
use crate::encryption::Encryption;
use crate::object;
use crate::record::Bucket;
use crate::{check, error, object_acl, tagging};

/// Letters of an upload's id behind its time.
const ID: usize = 26;

pub(crate) fn begin(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    object::supported(call, &bucket)?;
    let (key, input) = (call.text("Key")?, call.input());
    let (algorithm, kind, chosen) = algorithm(input)?;
    let caller = call.caller();
    let standing = object_acl::of_new(call, call.state(), &bucket)?;
    let upload = Upload {
        // In the order of their beginnings, as listings show them.
        id: format!(
            "{:012x}{}",
            call.time().as_millisecond(),
            id::lower(call.platform().random(), ID)?
        ),
        key: key.to_owned(),
        begun: call.time(),
        by: initiator(caller.arn()),
        headers: object::headers(input),
        metadata: object::metadata(input)?,
        tags: tagging::from_header(call)?,
        algorithm,
        kind,
        chosen,
        acl: standing.acl,
        owner: standing.owner,
        lock: standing.lock,
        encryption: Encryption::begin(call, &bucket)?.0,
        keys: object::keys_of(call)?,
    };
    let bucket = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        upload.encryption.is_still(call, &*tx)?;
        tx.put(&Upload::place(&bucket, key, &upload.id), &upload)?;
        Ok(bucket)
    })?;
    let chosen = chosen.then_some((algorithm.name(), kind.name()));
    let output = Value::map()
        .with("Bucket", bucket.name.as_str())
        .with("Key", key)
        .with("UploadId", upload.id)
        .with_some("ChecksumAlgorithm", chosen.map(|(algorithm, _)| algorithm))
        .with_some("ChecksumType", chosen.map(|(_, kind)| kind));
    Ok(Outcome::new(upload.encryption.show_begun(call, output)))
}

/// Who begins an upload, as listings show it: an ARN, and what stands behind its last slash.
fn initiator(arn: &str) -> (String, String) {
    let name = arn.rsplit(['/', ':']).next().unwrap_or(arn);
    (arn.to_owned(), name.to_owned())
}

/// The algorithm and kind of the object's checksum, and whether the client chose them (Amazon S3 User
/// Guide, "Checking object integrity", the table of supported types).
fn algorithm(input: &Value) -> Result<(Algorithm, Kind, bool), ApiError> {
    let kind = input.str("ChecksumType");
    let Some(name) = input.str("ChecksumAlgorithm") else {
        if kind.is_some() {
            return Err(error::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm \
                 header.",
            ));
        }
        return Ok((Algorithm::Crc64Nvme, Kind::FullObject, false));
    };
    let algorithm = Algorithm::named(name).ok_or_else(|| {
        error::invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with \
                                any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        )
    })?;
    let (full, composite) = match algorithm {
        Algorithm::Crc64Nvme => (true, false),
        Algorithm::Crc32 | Algorithm::Crc32c => (true, true),
        Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Sha512 | Algorithm::Md5 => (false, true),
    };
    let kind = match kind {
        None if composite => Kind::Composite,
        None => Kind::FullObject,
        Some("FULL_OBJECT") if full => Kind::FullObject,
        Some("COMPOSITE") if composite => Kind::Composite,
        Some(kind @ ("FULL_OBJECT" | "COMPOSITE")) => {
            return Err(error::invalid_request(format!(
                "The {kind} checksum type cannot be used with the {} checksum algorithm.",
                algorithm.name().to_ascii_lowercase()
            )));
        }
        Some(_) => {
            return Err(error::invalid_request(
                "Value for x-amz-checksum-type header is invalid.",
            ));
        }
    };
    Ok((algorithm, kind, true))
}

pub(crate) fn may_abort(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(on_upload(call, "s3:AbortMultipartUpload")?.1.into())
}

/// An action on the object that an upload would make.
pub(super) fn on_upload(call: &Call<'_>, action: &str) -> Result<(Arc<Bucket>, Check), ApiError> {
    let bucket = check::bucket(call)?;
    let target = check::object_target(call, &bucket, call.text("Key")?)?;
    let check = check::ask(call, action, target, &bucket)?;
    Ok((bucket, check))
}

pub(crate) fn abort(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let gone = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        let upload = upload(call, &*tx, &bucket)?;
        if let Some(begun) = call.input().timestamp("IfMatchInitiatedTime")
            && begun.as_second() != upload.begun.as_second()
        {
            return Err(error::precondition("x-amz-if-match-initiated-time"));
        }
        tx.delete::<Upload>(&Upload::place(&bucket, &upload.key, &upload.id))?;
        remove_parts(tx, &upload.id)
    })?;
    let bytes: &ObjectBytes = call.platform().part()?;
    bytes.forget(gone);
    Ok(Outcome::empty())
}

/// The time as listings show it.
pub(super) fn shown(upload: &Upload) -> jiff::Timestamp {
    to_second(upload.begun)
}

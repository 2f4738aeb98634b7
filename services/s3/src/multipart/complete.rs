//! Making an object of the parts of an upload.

use platform::identity::to_second;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use std::collections::BTreeMap;
use store::{Key, Scan, Write};
use wire::value::Value;

use super::{Part, Upload, no_such_upload};
use crate::bytes::ObjectBytes;
use crate::checksum::{Algorithm, Checksum, Kind, combine, etag_of_parts};
use crate::record::{Bucket, Content, Object, Parts, Run, Standing};
use crate::{body, check, content, error, object};

/// The fewest bytes of a part that is not the last, and the most of an object (Amazon S3 User Guide,
/// "Amazon S3 multipart upload limits").
const LEAST_PART: u64 = 5 << 20;
const MOST_OBJECT: u64 = 5 << 40;

pub(crate) fn may_complete(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    let check = object::check_put(call, &bucket, &[], true)?;
    object::with_comparison(call, &bucket, check.into())
}

/// A part as the client lists it.
struct Listed<'t> {
    number: u32,
    etag: &'t str,
    value: &'t Value,
}

/// The parts that the input lists, in their order.
fn listed<'t>(call: &Call<'t>) -> Result<Vec<Listed<'t>>, ApiError> {
    let list = call
        .input()
        .get("MultipartUpload")
        .map(|upload| upload.list("Parts"))
        .unwrap_or_default();
    if list
        .iter()
        .any(|part| part.int("PartNumber").is_some_and(|number| number < 1))
    {
        let text = "PartNumber must be >= 1";
        return Err(ApiError::new("InvalidArgument", 400, text));
    }
    let malformed = || {
        let text = "The XML you provided was not well-formed or did not validate against our \
                    published schema";
        ApiError::new("MalformedXML", 400, text)
    };
    let parts: Vec<Listed<'t>> = list
        .iter()
        .map(|value| {
            Some(Listed {
                number: u32::try_from(value.int("PartNumber")?).ok()?,
                etag: value.str("ETag")?.trim_matches('"'),
                value,
            })
        })
        .collect::<Option<_>>()
        .ok_or_else(malformed)?;
    if parts.is_empty() {
        return Err(malformed());
    }
    if !parts.is_sorted_by(|a, b| a.number < b.number) {
        let text = "The list of parts was not in ascending order. Parts must be ordered by part \
                    number.";
        return Err(ApiError::new("InvalidPartOrder", 400, text));
    }
    Ok(parts)
}

pub(crate) fn complete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify_document(call)?;
    let (key, id) = (call.text("Key")?, call.text("UploadId")?);
    let listed = listed(call)?;
    with_key(call)?;
    let (bucket, object, gone) = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        let found: Option<Upload> = tx.get(&Upload::place(&bucket, key, id))?;
        let Some(upload) = found else {
            let object = completed_before(tx, &bucket, (key, id), &listed)?;
            return Ok((bucket, object, Vec::new()));
        };
        let mut held: BTreeMap<u32, Part> = tx
            .scan::<Part>(&Scan::under(&Key::new([id])))?
            .into_iter()
            .map(|entry| (entry.value.number, entry.value))
            .collect();
        let parts = chosen(&upload, &listed, &mut held)?;
        let mut object = made(call, upload, &parts)?;
        let before: Option<Object> = tx.get(&Object::key(&bucket, key))?;
        let mut gone = object::replace(call, tx, (&bucket, key), before, &mut object)?;
        // What was uploaded and not listed is no part of the object.
        for part in held.into_values() {
            gone.extend(content::remove(tx, &part.content)?);
            tx.delete::<Part>(&Part::place(id, part.number))?;
        }
        tx.delete::<Upload>(&Upload::place(&bucket, key, id))?;
        Ok((bucket, object, gone))
    })?;
    let bytes: &ObjectBytes = call.platform().part()?;
    bytes.forget(gone);
    let location = call.object_url(&bucket.name, key);
    let version = object.shown_version(&bucket).map(str::to_owned);
    let output = Value::map()
        .with_some("VersionId", version)
        .with("Location", location)
        .with("Bucket", bucket.name.as_str())
        .with("Key", key)
        .with("ETag", object.quoted_etag());
    let output = match object.encryption.is_customers() {
        true => output,
        false => object.encryption.show(call, output),
    };
    Ok(Outcome::new(object.checksum.show(output)))
}

/// What an upload whose parts have checksums takes beside the permission to complete it: its key, as for a
/// part (Amazon S3 API Reference, "CompleteMultipartUpload").
fn with_key(call: &Call<'_>) -> Result<(), ApiError> {
    let (bucket, key, id) = (
        check::bucket(call)?,
        call.text("Key")?,
        call.text("UploadId")?,
    );
    let found: Option<Upload> = call.state().get(&Upload::place(&bucket, key, id))?;
    let Some(upload) = found else {
        return Ok(());
    };
    let brings = call.input().get("SSECustomerAlgorithm").is_some();
    if upload.chosen || brings {
        upload.encryption.resume(call, &bucket)?;
    }
    Ok(())
}

/// The object that the same call made before: completing is repeated by clients that did not hear
/// that it was done.
fn completed_before(
    tx: &dyn Write,
    bucket: &Bucket,
    (key, id): (&str, &str),
    listed: &[Listed<'_>],
) -> Result<Object, ApiError> {
    let object: Option<Object> = tx.get(&Object::key(bucket, key))?;
    let etag = etag_of_parts(listed.iter().map(|part| part.etag));
    object
        .filter(|object| {
            let parts = object.content.parts.as_ref();
            parts.is_some_and(|parts| parts.upload == id) && Some(&object.etag) == etag.as_ref()
        })
        .ok_or_else(|| no_such_upload(id))
}

/// Takes the listed parts out of those that there are.
fn chosen(
    upload: &Upload,
    listed: &[Listed<'_>],
    held: &mut BTreeMap<u32, Part>,
) -> Result<Vec<Part>, ApiError> {
    let invalid = |listed: &Listed<'_>| {
        let text = "One or more of the specified parts could not be found.  The part may not have \
                    been uploaded, or the specified entity tag may not match the part's entity tag.";
        ApiError::new("InvalidPart", 400, text)
            .with("UploadId", upload.id.as_str())
            .with("PartNumber", i64::from(listed.number))
            .with("ETag", listed.etag)
    };
    let mut parts = Vec::with_capacity(listed.len());
    for (place, one) in listed.iter().enumerate() {
        let part = held
            .remove(&one.number)
            .filter(|part| part.etag == one.etag)
            .ok_or_else(|| invalid(one))?;
        for algorithm in Algorithm::ALL {
            let claimed = one.value.str(algorithm.member());
            if claimed.is_some() && claimed != part.sum(algorithm) {
                return Err(invalid(one));
            }
        }
        if upload.kind == Kind::Composite && one.value.str(upload.algorithm.member()).is_none() {
            let name = upload.algorithm.name().to_ascii_lowercase();
            return Err(error::invalid_request(format!(
                "The upload was created using a {name} checksum. The complete request must include \
                 the checksum for each part. It was missing for part {} in the request.",
                one.number
            )));
        }
        let size = part.content.size();
        if size < LEAST_PART && place + 1 < listed.len() {
            let text = "Your proposed upload is smaller than the minimum allowed size";
            return Err(ApiError::new("EntityTooSmall", 400, text)
                .with("ProposedSize", size.to_string())
                .with("MinSizeAllowed", LEAST_PART.to_string())
                .with("PartNumber", i64::from(one.number))
                .with("ETag", one.etag));
        }
        parts.push(part);
    }
    Ok(parts)
}

/// The object of these parts, if it is what the client says of it.
fn made(call: &Call<'_>, upload: Upload, parts: &[Part]) -> Result<Object, ApiError> {
    let lost = || ApiError::internal(format!("the sums of `{}` cannot be combined", upload.id));
    let sums: Vec<(String, u64)> = parts
        .iter()
        .map(|part| {
            let sum = part.sum(upload.algorithm)?.to_owned();
            Some((sum, part.content.size()))
        })
        .collect::<Option<_>>()
        .ok_or_else(lost)?;
    let checksum = Checksum {
        algorithm: upload.algorithm,
        sum: combine(upload.algorithm, upload.kind, &sums).ok_or_else(lost)?,
        kind: upload.kind,
    };
    agrees(call.input(), &upload, &checksum)?;
    let size: u64 = sums.iter().map(|(_, size)| size).sum();
    if let Some(said) = call.input().int("MpuObjectSize")
        && u64::try_from(said) != Ok(size)
    {
        return Err(error::invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {said} does not match what was \
             computed: {size}"
        )));
    }
    if size > MOST_OBJECT {
        let text = "Your proposed upload exceeds the maximum allowed size";
        return Err(ApiError::new("EntityTooLarge", 400, text)
            .with("ProposedSize", size.to_string())
            .with("MaxSizeAllowed", MOST_OBJECT.to_string()));
    }
    Ok(Object {
        content: Content {
            parts: Some(Parts {
                upload: upload.id.clone(),
                runs: runs(parts),
            }),
            ..Content::default()
        },
        etag: etag_of_parts(parts.iter().map(|part| part.etag.as_str())).ok_or_else(lost)?,
        modified: to_second(call.time()),
        headers: upload.headers,
        metadata: upload.metadata,
        checksum,
        tags: upload.tags,
        standing: Standing {
            acl: upload.acl,
            owner: upload.owner,
            lock: upload.lock,
            ..Standing::default()
        },
        encryption: upload.encryption,
    })
}

/// Whether what the client says of the whole object's checksum is so.
fn agrees(input: &Value, upload: &Upload, checksum: &Checksum) -> Result<(), ApiError> {
    let kind = input.str("ChecksumType");
    if kind.is_some_and(|kind| kind != upload.kind.name()) {
        let kind = upload.kind.name();
        return Err(error::invalid_request(format!(
            "The upload was created using the {kind} checksum mode. The complete request must use \
             the same checksum mode."
        )));
    }
    for algorithm in Algorithm::ALL {
        let Some(said) = input.str(algorithm.member()) else {
            continue;
        };
        if algorithm != checksum.algorithm {
            return Err(error::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum \
                 Type: {}",
                checksum.algorithm.name().to_ascii_lowercase(),
                algorithm.name().to_ascii_lowercase()
            )));
        }
        let bare = checksum.sum.split('-').next();
        if said != checksum.sum && Some(said) != bare {
            return Err(error::bad_digest(format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            )));
        }
    }
    Ok(())
}

fn runs(parts: &[Part]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for part in parts {
        let size = part.content.size();
        match runs.last_mut() {
            Some(run) if run.first + run.count == part.number && run.size == size => {
                run.count += 1;
            }
            _ => runs.push(Run {
                first: part.number,
                count: 1,
                size,
            }),
        }
    }
    runs
}

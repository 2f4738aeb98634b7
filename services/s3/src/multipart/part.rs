//! Parts of uploads.

use platform::identity::to_second;
use platform::{ApiError, Call, Checks, Fault, Outcome, Permitted, Receive};
use std::ops::Range;
use store::Read;
use wire::value::Value;

use super::{MOST_PARTS, Part, Upload, upload};
use crate::bytes::ObjectBytes;
use crate::checksum::{self, Algorithm, Declared, Digests, Kind};
use crate::content::{self, Intake, Reader, Staged};
use crate::object::{self, Source, until_unchanged};
use crate::record::{Bucket, Object};
use crate::{check, error};

pub(crate) fn may_put_part(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    Ok(object::check_put(call, &bucket, &[], false)?.into())
}

/// Takes the body of a part.
pub(crate) fn receive_part(call: &Permitted<Call<'_>>) -> Result<Box<dyn Receive>, ApiError> {
    let bucket = check::bucket(call)?;
    number(call)?;
    let upload = upload(call, call.state(), &bucket)?;
    let intake = Intake::of(call, upload.algorithm)?;
    let chosen = call.input().str("ChecksumAlgorithm");
    let headers = call.headers().keys().map(|name| name.as_str());
    checksum::agree(headers, chosen, intake.declared())?;
    fits(&upload, intake.declared())?;
    let intake = intake.apart().and(upload.algorithm);
    let key = upload.encryption.resume(call, &bucket)?;
    let intake = intake.encrypted(upload.encryption, key.as_ref())?;
    Ok(Box::new(intake))
}

/// Whether the sum that a client sends with a part is one that the upload was begun for.
fn fits(upload: &Upload, declared: Option<Algorithm>) -> Result<(), ApiError> {
    let same = match declared {
        Some(algorithm) => algorithm == upload.algorithm,
        None => upload.kind == Kind::FullObject,
    };
    if same || !upload.chosen {
        return Ok(());
    }
    let name = |algorithm: Algorithm| algorithm.name().to_ascii_lowercase();
    Err(error::invalid_request(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        name(upload.algorithm),
        declared.map_or_else(|| "null".to_owned(), name)
    )))
}

fn number(call: &Call<'_>) -> Result<u32, ApiError> {
    let given = call.input().int("PartNumber").unwrap_or(0);
    let number = u32::try_from(given).ok();
    number
        .filter(|number| (1..=MOST_PARTS).contains(number))
        .ok_or_else(|| no_number(given))
}

/// What is no number of a part.
pub(crate) fn no_number(given: i64) -> ApiError {
    error::invalid_argument(
        "partNumber",
        &given.to_string(),
        "Part number must be an integer between 1 and 10000, inclusive",
    )
}

pub(crate) fn put_part(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let staged = *call.received::<Staged>()?;
    let (told, encryption) = (staged.sums.checksum.clone(), staged.encryption.clone());
    let part = store(call, staged, |_| Ok(()))?;
    let output = Value::map()
        .with("ETag", format!("\"{}\"", part.etag))
        .with(told.algorithm.member(), told.sum);
    Ok(Outcome::new(encryption.show(call, output)))
}

/// Makes the bytes in `staged` the part that the input names, if `holds` within the transaction.
fn store(
    call: &Permitted<Call<'_>>,
    staged: Staged,
    holds: impl FnOnce(&dyn Read) -> Result<(), ApiError>,
) -> Result<Part, ApiError> {
    let bytes: &ObjectBytes = call.platform().part()?;
    let number = number(call)?;
    let stored = call.write(|tx| {
        holds(&*tx)?;
        let bucket = check::bucket_in(call, &*tx)?;
        let upload = upload(call, &*tx, &bucket)?;
        let place = Part::place(&upload.id, number);
        let before: Option<Part> = tx.get(&place)?;
        let gone = match before {
            Some(before) => content::remove(tx, &before.content)?,
            None => Vec::new(),
        };
        let sums = std::iter::once(&staged.sums.checksum).chain(&staged.sums.also);
        let part = Part {
            number,
            content: staged.put(tx, None)?,
            etag: staged.sums.md5.clone(),
            modified: to_second(call.time()),
            sums: sums.cloned().collect(),
        };
        tx.put(&place, &part)?;
        Ok((part, gone))
    });
    match stored {
        Ok((part, gone)) => {
            staged.keep();
            bytes.forget(gone);
            Ok(part)
        }
        Err(error) => {
            if error.fault() == Fault::Internal {
                staged.keep();
            }
            Err(error)
        }
    }
}

pub(crate) fn may_copy_part(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (source, bucket) = (Source::read(call)?, check::bucket(call)?);
    let put =
        object::check_put(call, &bucket, &[], false)?.key("s3:x-amz-copy-source", source.named());
    Ok(Checks::from(source.check(call)?).and(put))
}

pub(crate) fn copy_part(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    number(call)?;
    let bucket = check::bucket(call)?;
    until_unchanged(|| copy_once(call, &bucket))
}

fn copy_once(call: &Permitted<Call<'_>>, bucket: &Bucket) -> Result<Outcome, ApiError> {
    let upload = upload(call, call.state(), bucket)?;
    let source = Source::read(call)?;
    let held = source.held(call)?;
    let range = range(call, held.size())?;
    if range.end - range.start > content::MOST {
        return Err(error::invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: \
             5368709120",
        ));
    }
    let staged = staged(call, &source, &held, &range, (bucket, &upload))?;
    let part = store(call, staged, |tx| source.is_still(tx, &held))?;
    let shown = upload.chosen.then(|| part.sum(upload.algorithm)).flatten();
    let result = Value::map()
        .with("ETag", format!("\"{}\"", part.etag))
        .with("LastModified", part.modified)
        .with_some(upload.algorithm.member(), shown);
    let output = Value::map().with("CopyPartResult", result);
    Ok(Outcome::new(upload.encryption.show(call, output)))
}

/// The bytes of the source as a part's own.
fn staged(
    call: &Call<'_>,
    source: &Source,
    held: &Object,
    range: &Range<u64>,
    (bucket, upload): (&Bucket, &Upload),
) -> Result<Staged, ApiError> {
    let key = source.key(call, held)?;
    let own_key = upload.encryption.resume(call, bucket)?;
    let bytes: &ObjectBytes = call.platform().part()?;
    let reading = bytes.reading();
    let tx = call.platform().store().begin_read()?;
    source.is_still(&*tx, held)?;
    let mut reader = Reader::guarded(call, &*tx, &held.content, range, reading, key.as_ref())?;
    drop(tx);
    let digests = Digests::new(Declared::default(), upload.algorithm);
    Intake::new(call.platform(), digests)?
        .apart()
        .encrypted(upload.encryption.clone(), own_key.as_ref())?
        .drain(&mut reader)
}

/// The bytes of the source that are asked for.
fn range(call: &Call<'_>, size: u64) -> Result<Range<u64>, ApiError> {
    let Some(text) = call.input().str("CopySourceRange") else {
        return Ok(0..size);
    };
    let wrong = |reason: String| {
        Err(error::invalid_argument(
            "x-amz-copy-source-range",
            text,
            reason,
        ))
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| digits)
    };
    let bounds = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some((number(first)?, number(last)?)));
    match bounds {
        Some((first, last)) if first <= last && last < size => Ok(first..last + 1),
        Some((first, last)) if first <= last => wrong(format!(
            "Range specified is not valid for source object of size: {size}"
        )),
        _ => wrong(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and \
             last are the zero-based offsets of the first and last bytes to copy"
                .to_owned(),
        ),
    }
}

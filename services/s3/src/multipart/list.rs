//! Listing uploads and their parts.

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use store::{Key, Read, Scan};
use wire::value::Value;

use super::begin::{on_upload, shown};
use super::{MOST_PARTS, Part, Upload, upload};
use crate::bucket;
use crate::list::Encoding;
use crate::record::Bucket;
use crate::{check, error, object};

/// The most entries on a page.
const PAGE: usize = 1_000;

pub(crate) fn may_list_parts(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(on_upload(call, "s3:ListMultipartUploadParts")?.1.into())
}

/// How many entries the input wants, and how many it gets.
pub(crate) fn page(call: &Call<'_>, member: &str, header: &str) -> Result<(i64, usize), ApiError> {
    let asked = call.input().int(member).unwrap_or(1_000);
    match usize::try_from(asked) {
        Ok(size) if asked <= i64::from(i32::MAX) => Ok((asked.min(1_000), size.min(PAGE))),
        _ => Err(error::invalid_argument(
            header,
            &asked.to_string(),
            format!("Argument {header} must be an integer between 0 and 2147483647"),
        )),
    }
}

pub(crate) fn list_parts(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, input) = (check::bucket(call)?, call.input());
    let upload = upload(call, call.state(), &bucket)?;
    upload.encryption.reveal(call, &bucket)?;
    let (max, size) = page(call, "MaxParts", "max-parts")?;
    let marker = input.int("PartNumberMarker").unwrap_or(0);
    let after = u32::try_from(marker).map_err(|_| {
        error::invalid_argument(
            "part-number-marker",
            &marker.to_string(),
            "Argument part-number-marker must be an integer between 0 and 2147483647",
        )
    })?;
    let scan = Scan::under(&Key::new([upload.id.as_str()]))
        .after(&Part::place(&upload.id, after.min(MOST_PARTS)))
        .limit(size + 1);
    let mut parts = call.state().scan::<Part>(&scan)?;
    let truncated = parts.len() > size;
    parts.truncate(size);
    let last = parts.last().map_or(after, |entry| entry.value.number);
    let show = |part: &Part| {
        let sum = part.sum(upload.algorithm).filter(|_| upload.chosen);
        Value::map()
            .with("PartNumber", i64::from(part.number))
            .with("LastModified", part.modified)
            .with("ETag", format!("\"{}\"", part.etag))
            .with(
                "Size",
                i64::try_from(part.content.size()).unwrap_or(i64::MAX),
            )
            .with_some(upload.algorithm.member(), sum)
    };
    let listed: Vec<Value> = parts.iter().map(|entry| show(&entry.value)).collect();
    let chosen = |name: &'static str| upload.chosen.then_some(name);
    Ok(Outcome::new(
        Value::map()
            .with("Bucket", bucket.name.as_str())
            .with("Key", upload.key.as_str())
            .with("UploadId", upload.id.as_str())
            .with("PartNumberMarker", marker)
            .with("NextPartNumberMarker", i64::from(last))
            .with("MaxParts", max)
            .with("IsTruncated", truncated)
            .with_some("Parts", (!listed.is_empty()).then_some(listed))
            .with("Initiator", initiator(&upload))
            .with("Owner", bucket::owner(&bucket.account))
            .with("StorageClass", object::class(&upload.headers))
            .with_some("ChecksumAlgorithm", chosen(upload.algorithm.name()))
            .with_some("ChecksumType", chosen(upload.kind.name())),
    ))
}

fn initiator(upload: &Upload) -> Value {
    let (id, name) = &upload.by;
    Value::map()
        .with("ID", id.as_str())
        .with("DisplayName", name.as_str())
}

pub(crate) fn may_list_uploads(call: &Call<'_>) -> Result<Checks, ApiError> {
    check::on_bucket(call, "s3:ListBucketMultipartUploads")
}

/// What is asked for.
struct Query<'t> {
    prefix: &'t str,
    delimiter: Option<&'t str>,
    /// After this key; or, with an id, after this upload of it.
    after: Option<(&'t str, Option<&'t str>)>,
    size: usize,
}

#[derive(Default)]
struct Found {
    uploads: Vec<Upload>,
    prefixes: Vec<String>,
    truncated: bool,
    /// What was listed last: a key with an upload's id, or a common prefix.
    last: Option<(String, Option<String>)>,
}

/// Walks over the uploads in the order of their keys, those of a key in the order of their beginnings.
fn walk(tx: &dyn Read, bucket: &Bucket, query: &Query<'_>) -> Result<Found, ApiError> {
    let root = Key::new([bucket.id.as_str()]);
    let mut found = Found::default();
    let mut scan = Scan::stem(&root, query.prefix);
    if let Some((key, id)) = query.after {
        // Behind everything of the key, or behind one upload of it.
        let place = root.clone().child(key).child(id.unwrap_or("~"));
        scan = scan.after(&place);
        if query.delimiter.is_some_and(|it| key.ends_with(it)) && id.is_none() {
            scan = scan.past_stem(&root, key);
        }
    }
    loop {
        let some = tx.scan::<Upload>(&scan.clone().limit(PAGE))?;
        let Some(end) = some.last().map(|entry| entry.key.clone()) else {
            return Ok(found);
        };
        for entry in some {
            let upload = entry.value;
            let common = common(&upload.key, query);
            if let Some(prefix) = &common
                && found.prefixes.last() == Some(prefix)
            {
                continue;
            }
            if found.uploads.len() + found.prefixes.len() >= query.size {
                found.truncated = query.size > 0;
                return Ok(found);
            }
            match common {
                Some(prefix) => {
                    found.last = Some((prefix.clone(), None));
                    found.prefixes.push(prefix);
                }
                None => {
                    found.last = Some((upload.key.clone(), Some(upload.id.clone())));
                    found.uploads.push(upload);
                }
            }
        }
        scan = scan.after(&end);
    }
}

/// The key's beginning up to the first delimiter behind the prefix.
fn common(key: &str, query: &Query<'_>) -> Option<String> {
    let delimiter = query.delimiter?;
    let (start, _) = key.strip_prefix(query.prefix)?.split_once(delimiter)?;
    Some(format!("{}{start}{delimiter}", query.prefix))
}

pub(crate) fn list_uploads(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, input) = (check::bucket(call)?, call.input());
    let encoding = Encoding::of(call)?;
    let (max, size) = page(call, "MaxUploads", "max-uploads")?;
    let some = |member: &str| input.str(member).filter(|text| !text.is_empty());
    let marker = some("KeyMarker");
    let query = Query {
        prefix: input.str("Prefix").unwrap_or(""),
        delimiter: some("Delimiter"),
        after: marker.map(|key| (key, some("UploadIdMarker"))),
        size,
    };
    let found = walk(call.state(), &bucket, &query)?;
    let owner = bucket::owner(&bucket.account);
    let show = |upload: &Upload| {
        let chosen = |name: &'static str| upload.chosen.then_some(name);
        Value::map()
            .with("UploadId", upload.id.as_str())
            .with("Key", encoding.write(&upload.key))
            .with("Initiated", shown(upload))
            .with("StorageClass", object::class(&upload.headers))
            .with("Owner", owner.clone())
            .with("Initiator", initiator(upload))
            .with_some("ChecksumAlgorithm", chosen(upload.algorithm.name()))
            .with_some("ChecksumType", chosen(upload.kind.name()))
    };
    let uploads: Vec<Value> = found.uploads.iter().map(show).collect();
    let prefixes = found.prefixes.iter();
    let prefixes: Vec<Value> = prefixes
        .map(|prefix| Value::map().with("Prefix", encoding.write(prefix)))
        .collect();
    let next = found.last.filter(|_| found.truncated);
    let (next_key, next_id) = next.unzip();
    Ok(Outcome::new(
        Value::map()
            .with("Bucket", bucket.name.as_str())
            .with("KeyMarker", encoding.write(marker.unwrap_or("")))
            .with("UploadIdMarker", some("UploadIdMarker").unwrap_or(""))
            .with_some("NextKeyMarker", next_key.map(|key| encoding.write(&key)))
            .with_some("NextUploadIdMarker", next_id.flatten())
            .with("Prefix", encoding.write(query.prefix))
            .with_some("Delimiter", query.delimiter.map(|it| encoding.write(it)))
            .with("MaxUploads", max)
            .with("IsTruncated", found.truncated)
            .with_some("Uploads", (!uploads.is_empty()).then_some(uploads))
            .with_some("CommonPrefixes", (!prefixes.is_empty()).then_some(prefixes))
            .with_some("EncodingType", input.str("EncodingType")),
    ))
}

//! Uploads in parts (Amazon S3 User Guide, "Uploading and copying objects using multipart upload").
//!
//! The parts of an upload are records of their own, and stay so when the upload is completed: the
//! object then names the upload, so that completing copies nothing.

mod begin;
mod complete;
mod list;
mod part;

pub(super) use begin::{abort, begin, may_abort};
pub(super) use complete::{complete, may_complete};
pub(crate) use list::page;
pub(super) use list::{list_parts, list_uploads, may_list_parts, may_list_uploads};
pub(crate) use part::no_number;
pub(super) use part::{copy_part, may_copy_part, may_put_part, put_part, receive_part};

use jiff::Timestamp;
use platform::identity::Tag;
use platform::{ApiError, Call};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use store::{Key, Read, Record, Scan, Write};

use crate::checksum::{Algorithm, Checksum, Kind};
use crate::content;
use crate::encryption::Encryption;
use crate::lock::Lock;
use crate::record::{Bucket, Content, Parts, Run};
use crate::settings::Grant;

/// The greatest number of a part.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// An upload that is neither completed nor aborted, under its bucket's id, its key and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) begun: Timestamp,
    /// Who began it: id and name.
    pub(crate) by: (String, String),
    /// What the object shall have.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// Whether the client chose the algorithm.
    pub(crate) chosen: bool,
    /// The object's access-control list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acl: Vec<Grant>,
    /// The account that will own the object; none where that is the bucket's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// What the object is to be locked by.
    #[serde(default, skip_serializing_if = "Lock::is_none")]
    pub(crate) lock: Lock,
    #[serde(default)]
    pub(crate) encryption: Encryption,
    /// What condition keys said where it was begun: they say it of its parts, too.
    #[serde(default)]
    pub(crate) keys: BTreeMap<String, String>,
}

impl Record for Upload {
    const KIND: &'static str = "s3-upload";
    const VERSION: u32 = 5;

    /// Version 1 knew no encryption but S3's own, and no keys; version 2 no owner but the bucket's, version 3
    /// no locks, and version 4 no key of S3's own.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version < 5).then(|| serde_json::from_slice(json))
    }
}

impl Upload {
    pub(crate) fn place(bucket: &Bucket, key: &str, id: &str) -> Key {
        Key::new([bucket.id.as_str(), key, id])
    }
}

/// A part, under its upload's id and its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) content: Content,
    /// The MD5 of its bytes, in hexadecimal.
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    /// By the upload's algorithm, and by the client's where that is another.
    pub(crate) sums: Vec<Checksum>,
}

impl Record for Part {
    const KIND: &'static str = "s3-part";
    const VERSION: u32 = 3;

    /// Version 1 was never sealed, and version 2 never for another name.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version < 3).then(|| serde_json::from_slice(json))
    }
}

impl Part {
    pub(crate) fn place(upload: &str, number: u32) -> Key {
        Key::new([upload, &format!("{number:05}")])
    }

    pub(crate) fn sum(&self, algorithm: Algorithm) -> Option<&str> {
        let mut sums = self.sums.iter();
        let found = sums.find(|sum| sum.algorithm == algorithm)?;
        Some(&found.sum)
    }
}

/// The upload that the input names, as of `tx`.
///
/// # Errors
/// `NoSuchUpload`.
fn upload(call: &Call<'_>, tx: &dyn Read, bucket: &Bucket) -> Result<Upload, ApiError> {
    let (key, id) = (call.text("Key")?, call.text("UploadId")?);
    tx.get(&Upload::place(bucket, key, id))?
        .ok_or_else(|| no_such_upload(id))
}

fn no_such_upload(id: &str) -> ApiError {
    let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may \
                have been aborted or completed.";
    ApiError::new("NoSuchUpload", 404, text).with("UploadId", id)
}

/// Removes the parts of an upload. Returns the pieces to forget when that is committed.
///
/// # Errors
/// When the state fails.
pub(crate) fn remove_parts(tx: &mut dyn Write, upload: &str) -> Result<Vec<String>, ApiError> {
    let mut names = Vec::new();
    for entry in tx.scan::<Part>(&Scan::under(&Key::new([upload])))? {
        names.extend(content::remove(tx, &entry.value.content)?);
        tx.delete::<Part>(&entry.key)?;
    }
    Ok(names)
}

/// Removes the uploads of a bucket that begin below a key, or all of them. Returns the pieces to forget
/// when that is committed.
///
/// # Errors
/// When the state fails.
pub(crate) fn remove_uploads(tx: &mut dyn Write, bucket: &Bucket) -> Result<Vec<String>, ApiError> {
    let mut names = Vec::new();
    let under = Scan::under(&Key::new([bucket.id.as_str()]));
    for entry in tx.scan::<Upload>(&under)? {
        names.extend(remove_parts(tx, &entry.value.id)?);
        tx.delete::<Upload>(&entry.key)?;
    }
    Ok(names)
}

/// Where a part lies in its object: its first byte and the one behind its last.
pub(crate) fn range_of(parts: &Parts, number: u32) -> Option<Range<u64>> {
    each(parts)
        .find(|(found, _)| *found == number)
        .map(|(_, range)| range)
}

/// The parts of an object: their numbers and where they lie.
pub(crate) fn each(parts: &Parts) -> impl Iterator<Item = (u32, Range<u64>)> {
    let numbers = parts.runs.iter().flat_map(|run| {
        let Run { first, count, size } = *run;
        (first..first.saturating_add(count)).map(move |number| (number, size))
    });
    numbers.scan(0, |start, (number, size)| {
        let range = *start..*start + size;
        *start = range.end;
        Some((number, range))
    })
}

/// How many parts an object has.
pub(crate) fn count(parts: &Parts) -> u32 {
    parts.runs.iter().map(|run| run.count).sum()
}

/// A part of an object.
///
/// # Errors
/// When the state fails, or does not know it.
pub(crate) fn part(tx: &dyn Read, parts: &Parts, number: u32) -> Result<Part, ApiError> {
    let lost = || ApiError::internal(format!("part {number} of `{}` is gone", parts.upload));
    tx.get(&Part::place(&parts.upload, number))?
        .ok_or_else(lost)
}

/// The parts of an object that a range touches: what each has, and which of its bytes.
///
/// # Errors
/// When the state fails, or does not know a part.
pub(crate) fn within(
    tx: &dyn Read,
    parts: &Parts,
    range: &Range<u64>,
) -> Result<Vec<(Content, Range<u64>)>, ApiError> {
    let mut touched = Vec::new();
    for (number, place) in each(parts) {
        let (from, to) = (range.start.max(place.start), range.end.min(place.end));
        if from < to {
            let content = part(tx, parts, number)?.content;
            touched.push((content, from - place.start..to - place.start));
        }
    }
    Ok(touched)
}

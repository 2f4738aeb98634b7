//! Uploads in parts (Amazon S3 User Guide, "Uploading and copying objects using multipart upload").
//!
//! The parts of an upload are records of their own, and stay so when the upload is completed: the
//! object then names the upload, so that completing copies nothing.

use platform::ApiError;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use store::{Key, Read, Record, Scan, Write};

use crate::bytes::Slice;
use crate::content::{self, cut};
use crate::record::{Content, Parts, Run};

/// A part, under its upload's id and its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) content: Content,
    /// The MD5 of its bytes, in hexadecimal.
    pub(crate) etag: String,
    pub(crate) checksum: crate::checksum::Checksum,
    pub(crate) modified: jiff::Timestamp,
}

impl Record for Part {
    const KIND: &'static str = "s3-part";
    const VERSION: u32 = 1;
}

impl Part {
    pub(crate) fn key(upload: &str, number: u32) -> Key {
        Key::new([upload, &format!("{number:05}")])
    }
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

/// The slices of an object's parts that lie in `range`.
///
/// # Errors
/// When the state fails, or does not know a part.
pub(crate) fn slices(
    tx: &dyn Read,
    parts: &Parts,
    range: &Range<u64>,
) -> Result<Vec<Slice>, ApiError> {
    let mut slices = Vec::new();
    let mut start = 0;
    for run in &parts.runs {
        let Run { first, count, size } = *run;
        for number in first..first.saturating_add(count) {
            let end = start + size;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                let part: Option<Part> = tx.get(&Part::key(&parts.upload, number))?;
                let lost =
                    || ApiError::internal(format!("part {number} of `{}` is gone", parts.upload));
                let content = part.ok_or_else(lost)?.content;
                slices.extend(cut(&content.pieces, &(from - start..to - start)));
            }
            start = end;
        }
    }
    Ok(slices)
}

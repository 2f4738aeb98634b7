//! The format of a segment file, version 1.
//!
//! The first line is `palisade-trail 1 N HASH`: the position and the hash of the record before the
//! segment's first. Each further line is a record:
//!
//! ```text
//! HASH + {"eventVersion":"1.11",…}
//! ```
//!
//! `HASH` is the SHA-256, in hexadecimal, over the 32 bytes of the previous record's hash, the mark
//! and the JSON. The mark is `+` for the first record of a write and `.` for those written together
//! with it. So `cut -c68-` gives the events, one a line, for any tool.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{Error, Head, Position};

pub(super) const FORMAT: u32 = 1;
const MAGIC: &str = "palisade-trail";
const HASH_DIGITS: usize = 64;
/// What stands before the JSON: the hash, a blank, the mark, a blank.
const JSON_AT: usize = HASH_DIGITS + 3;

/// A record's line.
pub(super) struct Line<'a> {
    pub(super) hash: [u8; 32],
    pub(super) first: bool,
    pub(super) json: &'a [u8],
}

/// The head of the chain after a record; `first` if it is the first of a write.
pub(crate) fn chain(previous: &Head, first: bool, json: &[u8]) -> Head {
    let mut hasher = Sha256::new();
    hasher.update(previous.hash);
    hasher.update([mark(first)]);
    hasher.update(json);
    Head {
        position: previous.position.next(),
        hash: hasher.finalize().into(),
    }
}

fn mark(first: bool) -> u8 {
    if first { b'+' } else { b'.' }
}

/// Where the segment after the record at `previous` lies.
pub(super) fn path(dir: &Path, previous: Position) -> PathBuf {
    dir.join(format!("{:020}.jsonl", previous.next().0))
}

/// The position before the first record of the segment with this name; `None` if it is not one.
pub(super) fn previous(name: &OsStr) -> Option<Position> {
    let digits = name.to_str()?.strip_suffix(".jsonl")?;
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let first: u64 = digits.parse().ok().filter(|_| plain)?;
    first.checked_sub(1).map(Position)
}

pub(super) fn header(previous: &Head) -> Vec<u8> {
    let hash = hex::encode(previous.hash);
    format!("{MAGIC} {FORMAT} {} {hash}\n", previous.position).into_bytes()
}

/// Reads the header of the segment at `path`. Gives the head before the segment and the length of
/// the header; `None` when the header was not written to its end.
pub(super) fn parse_header(path: &Path, bytes: &[u8]) -> Result<Option<(Head, usize)>, Error> {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return Ok(None);
    };
    let damaged = |reason: &str| {
        let position = path
            .file_name()
            .and_then(previous)
            .unwrap_or_default()
            .next();
        Error::Damaged {
            path: path.to_owned(),
            position,
            reason: reason.to_owned(),
        }
    };
    let line = bytes
        .get(..end)
        .and_then(|line| str::from_utf8(line).ok())
        .unwrap_or_default();
    let mut words = line.split(' ');
    if words.next() != Some(MAGIC) {
        return Err(damaged("the segment does not begin with a header"));
    }
    match words.next().and_then(|version| version.parse::<u32>().ok()) {
        Some(FORMAT) => {}
        Some(found) if found > FORMAT => {
            return Err(Error::Newer {
                path: path.to_owned(),
                found,
                known: FORMAT,
            });
        }
        _ => return Err(damaged("the header has no version")),
    }
    let position = words
        .next()
        .and_then(|number| number.parse().ok())
        .map(Position);
    let hash = words
        .next()
        .and_then(|digits| parse_hash(digits.as_bytes()));
    match (position, hash, words.next()) {
        (Some(position), Some(hash), None) => Ok(Some((Head { position, hash }, end + 1))),
        _ => Err(damaged("the header is malformed")),
    }
}

/// The length of a record's line.
pub(super) fn line_len(json: &[u8]) -> u64 {
    (JSON_AT + json.len() + 1) as u64
}

pub(super) fn push_line(out: &mut Vec<u8>, head: &Head, first: bool, json: &[u8]) {
    let mut digits = [b'0'; HASH_DIGITS];
    // Two digits a byte: there is room.
    let _room = hex::encode_to_slice(head.hash, &mut digits);
    out.extend_from_slice(&digits);
    out.extend_from_slice(&[b' ', mark(first), b' ']);
    out.extend_from_slice(json);
    out.push(b'\n');
}

/// The JSON of a line that was written whole; empty otherwise.
pub(super) fn json(line: &[u8]) -> &[u8] {
    line.get(JSON_AT..line.len().saturating_sub(1))
        .unwrap_or_default()
}

/// Reads a line with its end; `None` if it is not a record's.
pub(super) fn parse_line(line: &[u8]) -> Option<Line<'_>> {
    let (digits, rest) = line.strip_suffix(b"\n")?.split_at_checked(HASH_DIGITS)?;
    let (first, json) = match rest.strip_prefix(b" + ") {
        Some(json) => (true, json),
        None => (false, rest.strip_prefix(b" . ")?),
    };
    Some(Line {
        hash: parse_hash(digits)?,
        first,
        json,
    })
}

fn parse_hash(digits: &[u8]) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).ok().map(|()| hash)
}

//! Whether what is in the files is what was written.

use std::fs;
use std::path::{Path, PathBuf};

use super::format::{chain, parse_header, parse_line};
use super::index::{self, Blocks};
use super::{Recovery, Segment, forget, format, io, list};
use crate::{Error, Head, Position};

/// Checks every record of the log in `dir` and returns its head.
///
/// `known` are heads that were kept elsewhere: with them it is certain that everything up to the
/// latest of them is as it was; without, only that the log is consistent in itself. Works on a log
/// that is being written, of which it may not see the latest records.
///
/// # Errors
/// When the log cannot be read, a record was altered, removed or inserted, or a known head is not
/// part of the log.
pub fn verify(dir: &Path, known: &[Head]) -> Result<Head, Error> {
    walk(dir, known, |_, _| Ok(()))
}

/// Shows `take` the log in `dir` segment by segment: the name of the file, and its bytes as far as
/// they are whole and fit. Together they are a log that ends with the head that is returned. Works on
/// a log that is being written.
///
/// # Errors
/// As [`verify`], and what `take` returns.
pub fn copy<E: From<Error>>(
    dir: &Path,
    take: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<Head, E> {
    walk(dir, &[], take)
}

fn walk<E: From<Error>>(
    dir: &Path,
    known: &[Head],
    mut take: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<Head, E> {
    let mut segments = list(dir)?;
    let mut head = forget::last(dir)?;
    if head != Head::default() {
        take(forget::NAME, &format::header(&head))?;
    }
    // A removal that was interrupted has left what was to be gone.
    segments.retain(|segment| segment.previous >= head.position);
    let mut missing: Vec<Head> = known.to_vec();
    missing.retain(|known| known.position > head.position);
    for (i, segment) in segments.iter().enumerate() {
        let path = format::path(dir, segment.previous);
        let bytes = fs::read(&path).map_err(|e| io("reading", &path, &e))?;
        let last = i + 1 == segments.len();
        let Some((before, _)) = parse_header(&path, &bytes)? else {
            if last {
                break;
            }
            return Err(damaged(&path, head.position.next(), "the header is incomplete").into());
        };
        if before != head {
            return Err(damaged(
                &path,
                head.position.next(),
                "it does not go on where the segment \
                before ended",
            )
            .into());
        }
        let mut pass = |record: &Head| missing.retain(|known| known != record);
        let checked = check_records(&path, &bytes, &mut pass)?;
        if !last && checked.len < bytes.len() {
            return Err(damaged(
                &path,
                checked.head.position.next(),
                "the record is incomplete",
            )
            .into());
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let whole = bytes.get(..checked.len).unwrap_or_default();
        take(name.unwrap_or_default(), whole)?;
        head = checked.head;
    }
    match missing.first() {
        Some(known) => Err(damaged(
            dir,
            known.position,
            "it is not the record whose hash is known",
        )
        .into()),
        None => Ok(head),
    }
}

/// What is left of a segment after recovery.
pub(super) struct Recovered {
    /// The head at its end; `None` when the segment itself had not come into being.
    pub(super) head: Option<Head>,
    pub(super) recovery: Option<Recovery>,
    /// Where its records lie.
    pub(super) blocks: Blocks,
}

/// Checks the last segment and cuts off a write that was interrupted.
pub(super) fn recover(dir: &Path, segment: &mut Segment, flush: bool) -> Result<Recovered, Error> {
    let path = format::path(dir, segment.previous);
    let bytes = fs::read(&path).map_err(|e| io("reading", &path, &e))?;
    let Some((before, _)) = parse_header(&path, &bytes)? else {
        fs::remove_file(&path).map_err(|e| io("removing", &path, &e))?;
        return Ok(Recovered {
            head: None,
            recovery: None,
            blocks: Blocks::new(),
        });
    };
    if before.position != segment.previous {
        let reason = "the header does not agree with the name of the file";
        return Err(damaged(&path, segment.previous.next(), reason));
    }
    let checked = check_records(&path, &bytes, &mut |_| ())?;
    let (whole, torn) = bytes.split_at_checked(checked.len).unwrap_or((&bytes, &[]));
    let mut recovery = None;
    if !torn.is_empty() {
        let beside = path.with_extension("torn");
        fs::write(&beside, torn).map_err(|e| io("writing", &beside, &e))?;
        cut(&path, checked.len as u64, flush)
            .map_err(|e| io("cutting off the end of", &path, &e))?;
        recovery = Some(Recovery {
            segment: path,
            dropped_bytes: torn.len() as u64,
        });
    }
    segment.len = checked.len as u64;
    Ok(Recovered {
        head: Some(checked.head),
        recovery,
        blocks: index::scan(whole, before.position, false),
    })
}

fn cut(path: &PathBuf, len: u64, flush: bool) -> std::io::Result<()> {
    let file = fs::OpenOptions::new().write(true).open(path)?;
    file.set_len(len)?;
    if flush { file.sync_all() } else { Ok(()) }
}

struct Checked {
    head: Head,
    /// The length up to which all is well.
    len: usize,
}

/// Checks the records of a segment up to its end or to a write that was interrupted, and shows
/// each one's head to `pass`.
///
/// Writes are flushed one after the other, so only the last one can have been interrupted. What
/// does not fit although a later write has begun was altered.
fn check_records(path: &Path, bytes: &[u8], pass: &mut dyn FnMut(&Head)) -> Result<Checked, Error> {
    let Some((mut head, mut len)) = parse_header(path, bytes)? else {
        return Err(damaged(path, Position(1), "the header is incomplete"));
    };
    let mut lines = bytes
        .get(len..)
        .unwrap_or_default()
        .split_inclusive(|byte| *byte == b'\n');
    for line in lines.by_ref() {
        let next = parse_line(line)
            .map(|record| (chain(&head, record.first, record.json), record.hash))
            .filter(|(next, stated)| next.hash == *stated);
        let Some((next, _)) = next else { break };
        head = next;
        len += line.len();
        pass(&head);
    }
    if lines.filter_map(parse_line).any(|record| record.first) {
        return Err(damaged(path, head.position.next(), "its hash does not fit"));
    }
    Ok(Checked { head, len })
}

fn damaged(path: &Path, position: Position, reason: &str) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        position,
        reason: reason.to_owned(),
    }
}

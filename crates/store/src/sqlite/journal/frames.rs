//! A journal's files in bytes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc_fast::CrcAlgorithm;

use super::{Batch, Head, Log, Name, Rows, Tail, damaged};
use crate::{Decoded, Error, Stored};

const MAGIC: &[u8] = b"PALSLOG";
/// The format that this program writes, and knows.
const FORMAT: u8 = 1;
/// The length of a [`Head`]: magic, format, name, marks and checksum.
pub(super) const HEAD: usize = 36;
/// The mark of a journal whose commits are flushed one by one.
const FLUSHED: u32 = 1;

/// The length of what is before a frame's body.
const BEFORE: usize = 12;
/// The most bytes of a frame's body.
const LONGEST: usize = u32::MAX as usize;
const DELETED: u8 = 0;
const RECORD: u8 = 1;

/// What a file begins with.
pub(super) fn head(head: &Head) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(FORMAT);
    bytes.extend(head.name);
    bytes.extend(if head.flushed { FLUSHED } else { 0 }.to_le_bytes());
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// Reads what a file begins with; `None` when it was just being made, so that nothing follows.
fn read_head(path: &Path, rest: &mut &[u8]) -> Result<Option<Head>, Error> {
    let bytes = *rest;
    if let Some([found, ..]) = bytes.strip_prefix(MAGIC)
        && *found != FORMAT
    {
        return Err(newer(path, *found));
    }
    let Some((head, after)) = bytes.split_at_checked(HEAD) else {
        return Ok(None);
    };
    *rest = after;
    match parse_head(head) {
        Some((head, marks)) if marks & !FLUSHED == 0 => Ok(Some(head)),
        Some(_) => Err(newer(path, FORMAT.saturating_add(1))),
        None if after.is_empty() => Ok(None),
        None => {
            let reason = "its beginning is damaged: restore a backup, or move the file away to go \
                          on without the latest changes";
            Err(damaged(path, reason.to_owned()))
        }
    }
}

fn parse_head(head: &[u8]) -> Option<(Head, u32)> {
    let (sealed, mut sum) = head.split_at_checked(HEAD - 8)?;
    if long(&mut sum)? != checksum(sealed) {
        return None;
    }
    let mut rest = sealed.strip_prefix(MAGIC)?.get(1..)?;
    let (name, marks) = rest.split_first_chunk()?;
    rest = marks;
    let marks = number(&mut rest)?;
    let head = Head {
        name: *name,
        flushed: marks & FLUSHED != 0,
    };
    Some((head, marks))
}

fn newer(path: &Path, found: u8) -> Error {
    Error::NewerFile {
        place: path.display().to_string(),
        found: u32::from(found),
        known: u32::from(FORMAT),
    }
}

/// What is in a file.
///
/// # Errors
/// When it was written by a newer program, or is damaged where nothing but its end can be.
pub(super) fn log(path: PathBuf, bytes: &[u8]) -> Result<Log, Error> {
    let mut rest = bytes;
    let head = read_head(&path, &mut rest)?;
    let (mut batches, mut tail) = (Vec::new(), Tail::Nothing);
    if let Some(head) = &head {
        let seed = checksum(&head.name);
        while let Some(body) = frame(seed, &mut rest) {
            let Some(batch) = batch(body) else {
                let reason = "a change in it cannot be understood: start the program that wrote it";
                return Err(damaged(&path, reason.to_owned()));
            };
            batches.push(batch);
        }
        tail = tail_of(seed, rest, batches.last().map(|batch| batch.revision));
    }
    Ok(Log {
        path,
        head,
        batches,
        tail,
    })
}

/// What bytes are that do not begin with a frame, and come after commit `last`.
fn tail_of(seed: u64, rest: &[u8], last: Option<u64>) -> Tail {
    if rest.is_empty() {
        return Tail::Nothing;
    }
    // A commit's number is looked at first: to compute a checksum at each place would take hours.
    let near = |number: u64| last.is_none_or(|last| number.abs_diff(last) < 1 << 32);
    let is_likely = |bytes: &[u8]| {
        let number = bytes.get(BEFORE..).and_then(|mut body| long(&mut body));
        number.is_some_and(|number| number < 1 << 48 && near(number))
    };
    let (mut found, mut at) = (None, 1);
    while let Some(mut after) = rest.get(at..).filter(|after| !after.is_empty()) {
        let body = is_likely(after).then(|| frame(seed, &mut after)).flatten();
        match body.and_then(batch) {
            Some(batch) => {
                found = found.max(Some(batch.revision));
                at = rest.len() - after.len();
            }
            None => at += 1,
        }
    }
    found.map_or(Tail::Torn, Tail::Damaged)
}

/// Takes a frame. Returns its body; `None`, and takes nothing, where there is no whole one.
fn frame<'b>(seed: u64, rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let mut after = *rest;
    let sum = long(&mut after)?;
    let sealed = after;
    let length = number(&mut after)?;
    let body = take(&mut after, length)?;
    let sealed = sealed.get(..sealed.len().checked_sub(after.len())?)?;
    if checksum(sealed) ^ seed != sum {
        return None;
    }
    *rest = after;
    Some(body)
}

fn batch(mut body: &[u8]) -> Option<Batch> {
    let revision = long(&mut body)?;
    let mut rows = Rows::new();
    while !body.is_empty() {
        let length = number(&mut body)?;
        let id = take(&mut body, length)?.to_vec();
        let (what, after) = body.split_first()?;
        body = after;
        let stored = match *what {
            DELETED => None,
            RECORD => {
                let version = number(&mut body)?;
                let length = number(&mut body)?;
                Some(Stored {
                    version,
                    revision,
                    json: Arc::from(take(&mut body, length)?),
                    decoded: Decoded::default(),
                })
            }
            _ => return None,
        };
        rows.insert(id, stored);
    }
    (!rows.is_empty()).then_some(Batch { revision, rows })
}

/// Appends a commit's frame.
///
/// # Errors
/// When it would be too long.
pub(super) fn push(out: &mut Vec<u8>, name: &Name, revision: u64, rows: &Rows) -> io::Result<()> {
    let begin = out.len();
    out.extend([0; BEFORE]);
    out.extend(revision.to_le_bytes());
    for (id, stored) in rows {
        out.extend(sized(id.len())?);
        out.extend(id);
        let Some(stored) = stored else {
            out.push(DELETED);
            continue;
        };
        out.push(RECORD);
        out.extend(stored.version.to_le_bytes());
        out.extend(sized(stored.json.len())?);
        out.extend(&*stored.json);
    }
    let frame = out.get_mut(begin..).unwrap_or_default();
    let length = sized(frame.len().saturating_sub(BEFORE))?;
    let (sum, sealed) = frame.split_at_mut(8);
    sealed
        .iter_mut()
        .zip(length)
        .for_each(|(to, from)| *to = from);
    let found = checksum(sealed) ^ checksum(name);
    sum.iter_mut()
        .zip(found.to_le_bytes())
        .for_each(|(to, from)| *to = from);
    Ok(())
}

fn sized(length: usize) -> io::Result<[u8; 4]> {
    let short = u32::try_from(length).ok().filter(|_| length < LONGEST);
    short
        .map(u32::to_le_bytes)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a change is longer than 4 GiB"))
}

fn checksum(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

fn take<'b>(rest: &mut &'b [u8], length: u32) -> Option<&'b [u8]> {
    let (some, more) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = more;
    Some(some)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, more) = rest.split_first_chunk()?;
    *rest = more;
    Some(u32::from_le_bytes(*bytes))
}

fn long(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, more) = rest.split_first_chunk()?;
    *rest = more;
    Some(u64::from_le_bytes(*bytes))
}

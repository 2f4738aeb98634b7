//! Forgetting the oldest segments, on purpose.
//!
//! What was forgotten last stands in the file `forgotten`, in the form of a segment's header: the
//! position and the hash of the last record that is no longer there. A log whose first segment does
//! not go on from there has lost something else.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::{Segment, format, io};
use crate::{Error, Head, Position};

pub(super) const NAME: &str = "forgotten";

/// Notes that what stands before the segment behind `end` will be gone.
pub(super) fn note(dir: &Path, end: Position) -> Result<(), Error> {
    let next = format::path(dir, end);
    let bytes = fs::read(&next).map_err(|e| io("reading", &next, &e))?;
    let damaged = || Error::Damaged {
        path: next.clone(),
        position: end.next(),
        reason: "the header is incomplete".to_owned(),
    };
    let (head, _) = format::parse_header(&next, &bytes)?.ok_or_else(damaged)?;
    let (path, unfinished) = (dir.join(NAME), dir.join("forgotten-new"));
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(&format::header(&head))?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|e| io("writing", &path, &e))
}

/// The last record that was forgotten on purpose; before the first when none was.
pub(super) fn last(dir: &Path) -> Result<Head, Error> {
    let path = dir.join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Head::default()),
        Err(e) => return Err(io("reading", &path, &e)),
    };
    let head = format::parse_header(&path, &bytes)?;
    Ok(head.map_or_else(Head::default, |(head, _)| head))
}

/// Removes a segment with all that lies beside it.
pub(super) fn remove(dir: &Path, segment: Segment) -> Result<(), Error> {
    let path = format::path(dir, segment.previous);
    fs::remove_file(&path).map_err(|e| io("removing", &path, &e))?;
    // There need not be one.
    drop(fs::remove_file(path.with_extension("index")));
    Ok(())
}

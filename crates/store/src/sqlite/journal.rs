//! Commits that are not in their places yet, in the order in which they were made.
//!
//! To change a few rows of the tables takes SQLite a page for each, many calls of the operating system and
//! locks; to append a commit to a file takes one call. So commits are appended, kept in memory, and put
//! into the tables many at a time.
//!
//! The files stand beside the store's and are numbered: `-changes-1`, `-changes-2`, …. Commits are appended to
//! the last. It is left for the next before its commits are put into the tables, and removed after that. So a
//! file is only ever made, appended to and removed, and whatever is found can be read in the order of the numbers:
//! commits are numbered without a gap, and those that the tables have already are passed over.
//!
//! A file begins with [`Head`]. A commit is a *frame*: a checksum, the length of its body in four bytes, and
//! the body: the commit's number in eight bytes, and for each row its id, with its length before it in four
//! bytes, then a `0` where it was deleted, or a `1`, the version of its record's format in four bytes, and
//! the length of its JSON, in four, with that. Of numbers the least byte comes first. The checksum is the
//! CRC-64/NVME of length and body, combined with that of the journal's name: what another journal left
//! on the disk is not taken for this one's.

mod files;
mod frames;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::kept::Id;
use crate::{Durability, Error, Stored};

pub(super) use files::{flush, forget, pending, set_aside};

/// Which journal it is: the tables say which is theirs.
pub(super) type Name = [u8; 16];

/// Bytes that are kept for the next commit's frame.
const ROOM: usize = 1 << 20;

/// Rows as a commit leaves them; `None` where one was deleted.
pub(super) type Rows = BTreeMap<Id, Option<Stored>>;

/// One commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// Its number.
    pub(super) revision: u64,
    pub(super) rows: Rows,
}

/// What is found in a file.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    /// `None` of a file that was just being made.
    head: Option<Head>,
    batches: Vec<Batch>,
    tail: Tail,
}

/// What a file of commits begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    name: Name,
    /// Whether every commit was on the disk before the next was written, and before it was acknowledged.
    flushed: bool,
}

/// What is behind the last commit that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nothing,
    /// A commit that was not written to its end.
    Torn,
    /// Something that cannot be read, and commits again, up to this one.
    Damaged(u64),
}

/// The commits of all files of the store in `path`.
///
/// Whoever reads the tables afterwards finds every other commit there.
///
/// # Errors
/// When a file cannot be read, is damaged at its beginning, or was written by a newer program.
pub(super) fn read(path: &Path) -> Result<Vec<Log>, Error> {
    let mut logs = Vec::new();
    for (_, file) in files::list(path).map_err(broken(path))? {
        match std::fs::read(&file) {
            Ok(bytes) => logs.push(frames::log(file, &bytes)?),
            // By now its commits are in the tables.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(broken(&file)(error)),
        }
    }
    Ok(logs)
}

/// What of some files is to be put into the tables.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The commits that the tables do not have, without a gap.
    pub(super) batches: Vec<Batch>,
    /// The files of which something is not believed.
    pub(super) doubtful: Vec<PathBuf>,
}

/// What follows commit `latest` of the tables whose journal is called `name`, if they ever had one.
///
/// Files that were not flushed may have lost anything to a loss of power, so what is behind a gap is not
/// believed. Where everything was flushed there can be none.
///
/// # Errors
/// When commits are missing that were acknowledged to survive.
pub(super) fn follow(logs: Vec<Log>, name: Option<&Name>, latest: u64) -> Result<Followed, Error> {
    let (mut followed, mut last) = (Followed::default(), latest);
    // The first file that lacks what is in a later place.
    let mut gap: Option<(PathBuf, bool)> = None;
    for log in logs {
        let Some(head) = log.head else { continue };
        if name != Some(&head.name) {
            followed.doubtful.push(log.path);
            continue;
        }
        for batch in log.batches {
            if batch.revision == last.saturating_add(1) && gap.is_none() {
                last = batch.revision;
                followed.batches.push(batch);
            } else if batch.revision > last && gap.is_none() {
                gap = Some((log.path.clone(), head.flushed));
            }
        }
        if let Tail::Damaged(until) = log.tail
            && until > last
            && gap.is_none()
        {
            gap = Some((log.path.clone(), head.flushed));
        }
        if gap.is_some() {
            followed.doubtful.push(log.path);
        }
    }
    match gap {
        Some((path, true)) => {
            let reason = format!(
                "the change after number {last} is damaged or missing, and there are later ones: \
                 restore a backup, or move the file away to go on without them"
            );
            Err(damaged(&path, reason))
        }
        _ => Ok(followed),
    }
}

fn broken(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |error| damaged(path, error.to_string())
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::Backend {
        doing: "reading",
        place: super::place(path),
        reason,
    }
}

/// The journal of a store, to which commits are appended.
#[derive(Debug)]
pub(super) struct Journal {
    head: Head,
    file: Fresh,
    /// How much of the file counts.
    len: u64,
    /// Whether there may be more in it.
    dirty: bool,
    buffer: Vec<u8>,
}

/// A file without commits.
#[derive(Debug)]
pub(super) struct Fresh {
    file: File,
    pub(super) path: PathBuf,
    number: u64,
}

impl Journal {
    /// Begins a journal for the store in `path`, beside which there must be none.
    ///
    /// # Errors
    /// When its first file cannot be made.
    pub(super) fn begin(path: &Path, name: Name, durability: Durability) -> io::Result<Self> {
        let head = Head {
            name,
            flushed: durability == Durability::PowerLoss,
        };
        Ok(Self {
            head,
            file: files::create(path, 1, &frames::head(&head))?,
            len: frames::HEAD as u64,
            dirty: false,
            buffer: Vec::new(),
        })
    }

    /// What is needed to make the next file: that takes as long as the disk does, and nobody should wait.
    pub(super) fn next(&self, path: &Path) -> impl FnOnce() -> io::Result<Fresh> + use<> {
        let (path, number, head) = (path.to_owned(), self.file.number + 1, self.head);
        move || files::create(&path, number, &frames::head(&head))
    }

    /// Whether nothing was appended to its file.
    pub(super) fn is_empty(&self) -> bool {
        self.len == frames::HEAD as u64
    }

    /// Appends a commit. It is durable then. Returns how many bytes it takes.
    ///
    /// # Errors
    /// When it cannot be written: nothing is left of it then. Should that not be possible, no other
    /// can be appended before it is.
    pub(super) fn append(&mut self, revision: u64, rows: &Rows) -> io::Result<usize> {
        if self.dirty {
            self.cut()?;
        }
        self.buffer.clear();
        frames::push(&mut self.buffer, &self.head.name, revision, rows)?;
        self.dirty = true;
        let mut written = self.file.file.write_all(&self.buffer);
        if self.head.flushed {
            written = written.and_then(|()| self.file.file.sync_data());
        }
        if let Err(error) = written {
            // Tried again before the next.
            drop(self.cut());
            return Err(error);
        }
        self.dirty = false;
        self.len += self.buffer.len() as u64;
        let appended = self.buffer.len();
        self.buffer.shrink_to(ROOM);
        Ok(appended)
    }

    /// Removes what a failed write may have left.
    fn cut(&mut self) -> io::Result<()> {
        self.file.file.set_len(self.len)?;
        if self.head.flushed {
            self.file.file.sync_all()?;
        }
        self.dirty = false;
        Ok(())
    }

    /// Goes on in another file. Returns the one before, which is whole.
    ///
    /// # Errors
    /// When something is left in the one before that does not count. Nothing changed then.
    pub(super) fn turn(&mut self, next: &mut Option<Fresh>) -> io::Result<Option<PathBuf>> {
        if self.dirty {
            self.cut()?;
        }
        let Some(next) = next.take() else {
            return Ok(None);
        };
        self.len = frames::HEAD as u64;
        Ok(Some(std::mem::replace(&mut self.file, next).path))
    }

    /// The file to which commits are appended.
    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }
}

#[cfg(test)]
mod tests;

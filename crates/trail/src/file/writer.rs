//! What writes, for one caller at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::index;
use super::{FileOptions, Segment, Shared, format, guard, io as failure};
use crate::{Error, Head, Submission, entries};

#[derive(Debug)]
pub(super) struct Writer {
    dir: PathBuf,
    options: FileOptions,
    shared: Arc<Mutex<Shared>>,
    path: PathBuf,
    file: File,
    /// How much of the file is durable.
    len: u64,
    head: Head,
    /// Whether the file may hold more than that.
    dirty: bool,
    buffer: Vec<u8>,
}

impl Writer {
    /// Goes on with the last of the shared segments, or begins the first.
    pub(super) fn open(
        dir: &Path,
        options: FileOptions,
        shared: Arc<Mutex<Shared>>,
    ) -> Result<Writer, Error> {
        let (last, head) = {
            let shared = guard(&shared);
            (shared.segments.last().copied(), shared.head)
        };
        let (path, file, len) = match last {
            Some(segment) => {
                let path = format::path(dir, segment.previous);
                let file = append_to(&path).map_err(|e| failure("opening", &path, &e))?;
                (path, file, segment.len)
            }
            None => begin_segment(dir, options, &shared, &head)?,
        };
        let dir = dir.to_owned();
        Ok(Writer {
            dir,
            options,
            shared,
            path,
            file,
            len,
            head,
            dirty: false,
            buffer: Vec::new(),
        })
    }

    /// Writes what was submitted, and tells the submitters.
    pub(super) fn serve(&mut self, submissions: Vec<Submission>) {
        let before = self.head.position;
        let result = self.write(&submissions);
        entries::tell(submissions, before, &result);
    }

    /// Makes all entries durable, or none of them.
    fn write(&mut self, submissions: &[Submission]) -> Result<(), Error> {
        if self.dirty {
            self.cut()
                .map_err(|e| failure("cutting off the end of", &self.path, &e))?;
        }
        if self.len >= self.options.segment_bytes {
            let complete = guard(&self.shared).blocks.clone();
            index::keep(&self.path, &complete);
            let begun = begin_segment(&self.dir, self.options, &self.shared, &self.head)?;
            (self.path, self.file, self.len) = begun;
        }
        let mut head = self.head;
        self.buffer.clear();
        for (i, entry) in entries::all(submissions).enumerate() {
            head = format::chain(&head, i == 0, entry.json);
            format::push_line(&mut self.buffer, &head, i == 0, entry.json);
        }
        self.dirty = true;
        self.append()
            .map_err(|e| failure("writing", &self.path, &e))?;
        self.dirty = false;
        let mut shared = guard(&self.shared);
        let (mut position, mut offset) = (self.head.position, self.len);
        for entry in entries::all(submissions) {
            position = position.next();
            let len = format::line_len(entry.json);
            let line = index::Line {
                position,
                offset,
                len,
                known: Some((entry.time, entry.terms)),
            };
            index::push(&mut shared.blocks, &line);
            offset += len;
        }
        (self.len, self.head) = (offset, head);
        shared.head = head;
        if let Some(segment) = shared.segments.last_mut() {
            segment.len = self.len;
        }
        Ok(())
    }

    fn append(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        if self.options.flush {
            self.file.sync_data()
        } else {
            Ok(())
        }
    }

    /// Removes what a failed write may have left.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.len)?;
        if self.options.flush {
            self.file.sync_all()?;
        }
        self.dirty = false;
        Ok(())
    }
}

/// Creates the segment after `head` and publishes it.
fn begin_segment(
    dir: &Path,
    options: FileOptions,
    shared: &Mutex<Shared>,
    head: &Head,
) -> Result<(PathBuf, File, u64), Error> {
    let path = format::path(dir, head.position);
    let header = format::header(head);
    let create = || -> io::Result<File> {
        // What is there can only be what an earlier attempt has left.
        create_private(&path)?.write_all(&header)?;
        let file = append_to(&path)?;
        if options.flush {
            file.sync_all()?;
            File::open(dir)?.sync_all()?;
        }
        Ok(file)
    };
    let file = create().map_err(|e| failure("creating", &path, &e))?;
    let len = header.len() as u64;
    let mut shared = guard(shared);
    shared.blocks.clear();
    shared.segments.push(Segment {
        previous: head.position,
        len,
    });
    drop(shared);
    Ok((path, file, len))
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

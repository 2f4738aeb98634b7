//! A log in a directory of segment files.
//!
//! One submitter at a time writes. It takes everything that was submitted while the one before it was
//! busy, appends it in one write, flushes once and then tells every submitter: the more callers at
//! once, the fewer flushes for each. A failed write is cut off again before the next one, so a full disk loses nothing that
//! was acknowledged and keeps nothing that was not.

mod check;
mod forget;
mod format;
mod index;
mod writer;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::query::Search;
use crate::{Error, Head, Log, Page, Position, Query, Submission, Visit};

pub use check::{copy, verify};
pub(crate) use format::chain;
pub(crate) use index::add_terms;

use index::{Block, Blocks};
use writer::Writer;

/// How much of the log one look-up reads before it gives what it found so far.
const LOOKUP_BYTES: u64 = 32 << 20;

/// How many complete segments' indexes are held in memory.
const INDEXES: usize = 64;

/// A log in a directory, of which it is the only user.
#[derive(Debug)]
pub struct FileLog {
    dir: PathBuf,
    shared: Arc<Mutex<Shared>>,
    /// Of complete segments.
    indexes: Mutex<HashMap<Position, Arc<Blocks>>>,
    /// What waits to be written.
    queue: Mutex<Vec<Submission>>,
    writer: Mutex<Writer>,
    /// Whether it flushes.
    waits: bool,
    recovery: Option<Recovery>,
    /// Holds the lock on the directory.
    _lock: File,
}

/// How a [`FileLog`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileOptions {
    /// The size from which on a segment gets no further records.
    pub segment_bytes: u64,
    /// Whether to flush to the disk before a record counts as durable. Without, records survive
    /// the end of the process, but not the loss of power.
    pub flush: bool,
}

impl Default for FileOptions {
    fn default() -> FileOptions {
        FileOptions {
            segment_bytes: 16 << 20,
            flush: true,
        }
    }
}

/// What opening found of a write that the end of the process or of power interrupted, none of
/// which had been acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The segment whose end was cut off; what was cut lies beside it with the ending `torn`.
    pub segment: PathBuf,
    /// How many bytes were cut off.
    pub dropped_bytes: u64,
}

/// What the writer publishes: only ever what is durable.
#[derive(Debug)]
struct Shared {
    /// In order; the last is being written.
    segments: Vec<Segment>,
    /// The blocks of the last.
    blocks: Blocks,
    head: Head,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    /// The position before its first record.
    previous: Position,
    len: u64,
}

impl FileLog {
    /// Opens the log in `dir`, creating it when there is none.
    ///
    /// An interrupted write at the end is cut off; see [`recovery`](FileLog::recovery).
    ///
    /// # Errors
    /// When the directory cannot be used, another process writes to it, it was written by a newer
    /// program, or acknowledged records of the last segment are damaged. Earlier segments are not
    /// looked at: that is what [`verify`] does.
    pub fn open(dir: &Path, options: FileOptions) -> Result<FileLog, Error> {
        create_private_dir(dir)?;
        let lock = lock(dir)?;
        let mut segments = list(dir)?;
        let mut recovery = None;
        let mut head = Head::default();
        let mut blocks = Blocks::new();
        while let Some(last) = segments.last_mut() {
            let recovered = check::recover(dir, last, options.flush)?;
            recovery = recovery.or(recovered.recovery);
            if let Some(found) = recovered.head {
                head = found;
                blocks = recovered.blocks;
                break;
            }
            segments.pop();
        }
        let shared = Arc::new(Mutex::new(Shared {
            segments,
            blocks,
            head,
        }));
        let writer = Writer::open(dir, options, Arc::clone(&shared))?;
        Ok(FileLog {
            dir: dir.to_owned(),
            shared,
            indexes: Mutex::default(),
            queue: Mutex::default(),
            writer: Mutex::new(writer),
            waits: options.flush,
            recovery,
            _lock: lock,
        })
    }

    /// What was cut off when the log was opened, if anything.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// The segments that there are now, oldest first, each with its blocks when it is the last.
    fn snapshot(&self) -> Vec<(Segment, Option<Blocks>)> {
        let shared = guard(&self.shared);
        let mut segments: Vec<_> = shared.segments.iter().map(|it| (*it, None)).collect();
        if let Some((_, blocks)) = segments.last_mut() {
            *blocks = Some(shared.blocks.clone());
        }
        segments
    }

    /// The blocks of a complete segment.
    fn index(&self, segment: Segment) -> Result<Arc<Blocks>, Error> {
        if let Some(held) = guard(&self.indexes).get(&segment.previous) {
            return Ok(Arc::clone(held));
        }
        let path = format::path(&self.dir, segment.previous);
        let blocks = match index::load(&path) {
            Some(blocks) => blocks,
            None => {
                let bytes = fs::read(&path).map_err(|e| io("reading", &path, &e))?;
                let blocks = index::scan(&bytes, segment.previous, true);
                index::keep(&path, &blocks);
                blocks
            }
        };
        let blocks = Arc::new(blocks);
        let mut held = guard(&self.indexes);
        if held.len() >= INDEXES {
            held.clear();
        }
        held.insert(segment.previous, Arc::clone(&blocks));
        Ok(blocks)
    }

    /// The blocks of a segment, wherever they are known from.
    fn blocks(&self, segment: Segment, last: Option<Blocks>) -> Result<Arc<Blocks>, Error> {
        match last {
            Some(blocks) => Ok(Arc::new(blocks)),
            None => self.index(segment),
        }
    }

    fn load(&self, segment: Segment, block: &Block) -> Result<Loaded, Error> {
        let path = format::path(&self.dir, segment.previous);
        let bytes = read_at(&path, block).map_err(|e| io("reading", &path, &e))?;
        Ok(Loaded {
            path,
            first: block.first,
            bytes,
        })
    }
}

impl Log for FileLog {
    fn submit(&self, submissions: Vec<Submission>) {
        if submissions.is_empty() {
            return;
        }
        guard(&self.queue).extend(submissions);
        let mut writer = guard(&self.writer);
        // Whoever held the writer before may have written these too.
        let waiting = std::mem::take(&mut *guard(&self.queue));
        if !waiting.is_empty() {
            writer.serve(waiting);
        }
    }

    fn waits(&self) -> bool {
        self.waits
    }

    fn lookup(&self, query: &Query) -> Result<Page, Error> {
        let terms = index::terms_sought(query);
        let mut search = Search::new(query);
        let mut read = 0;
        for (segment, last) in self.snapshot().into_iter().rev() {
            let begins = segment.previous.next();
            if query.before.is_some_and(|before| before <= begins) {
                continue;
            }
            for block in self.blocks(segment, last)?.iter().rev() {
                let behind = query.before.is_some_and(|before| before <= block.first);
                if behind || !block.may_have(query, &terms) {
                    continue;
                }
                if read > LOOKUP_BYTES {
                    search.pause(block.end());
                    return Ok(search.finish());
                }
                read += block.len;
                if self.load(segment, block)?.search(&mut search)? {
                    return Ok(search.finish());
                }
            }
            // Indexes are read, too.
            read += segment.len / 64;
            if read > LOOKUP_BYTES {
                search.pause(begins);
                break;
            }
        }
        Ok(search.finish())
    }

    fn follow(&self, after: Position, visit: &mut Visit<'_>) -> Result<(), Error> {
        let segments = self.snapshot();
        let begin = segments
            .partition_point(|(segment, _)| segment.previous <= after)
            .saturating_sub(1);
        for (segment, last) in segments.into_iter().skip(begin) {
            for block in self.blocks(segment, last)?.iter() {
                if block.end() <= after.next() {
                    continue;
                }
                let loaded = self.load(segment, block)?;
                for (position, json) in loaded.records().skip_while(|(at, _)| *at <= after) {
                    if visit(position, json).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn forget(&self, older: Timestamp, delivered: Position) -> Result<u64, Error> {
        let segments = self.snapshot();
        let following = segments.iter().skip(1).map(|(segment, _)| segment.previous);
        let mut forgotten = 0;
        for ((segment, _), end) in segments.iter().zip(following) {
            let blocks = self.index(*segment)?;
            if end > delivered || !blocks.iter().all(|block| block.is_older(older)) {
                break;
            }
            forget::note(&self.dir, end)?;
            guard(&self.shared)
                .segments
                .retain(|held| held.previous != segment.previous);
            guard(&self.indexes).remove(&segment.previous);
            forget::remove(&self.dir, *segment)?;
            forgotten += end.0.saturating_sub(segment.previous.0);
        }
        Ok(forgotten)
    }

    fn head(&self) -> Head {
        guard(&self.shared).head
    }
}

fn read_at(path: &Path, block: &Block) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(block.offset))?;
    let mut bytes = Vec::new();
    file.take(block.len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A block in memory.
struct Loaded {
    path: PathBuf,
    first: Position,
    bytes: Vec<u8>,
}

impl Loaded {
    /// The records, oldest first.
    fn records(&self) -> impl Iterator<Item = (Position, &[u8])> {
        let lines = self.bytes.split_inclusive(|byte| *byte == b'\n');
        lines.enumerate().map(|(i, line)| {
            let position = Position(self.first.0.saturating_add(i as u64));
            (position, format::json(line))
        })
    }

    /// Offers the records, newest first. Whether the page is complete.
    fn search(&self, search: &mut Search<'_>) -> Result<bool, Error> {
        let records: Vec<_> = self.records().collect();
        for (position, json) in records.into_iter().rev() {
            let offered = search.offer(position, json);
            if offered.map_err(|e| self.damaged(position, &e))?.is_break() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn damaged(&self, position: Position, error: &serde_json::Error) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            position,
            reason: error.to_string(),
        }
    }
}

/// The segments in `dir`, in order.
fn list(dir: &Path) -> Result<Vec<Segment>, Error> {
    let failed = |e: std::io::Error| io("listing", dir, &e);
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if let Some(previous) = format::previous(&entry.file_name()) {
            segments.push(Segment {
                previous,
                len: entry.metadata().map_err(failed)?.len(),
            });
        }
    }
    segments.sort_by_key(|segment| segment.previous);
    Ok(segments)
}

fn create_private_dir(dir: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| io("creating", dir, &e))
}

fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(|e| io("opening", &path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::InUse {
            path: dir.to_owned(),
        }),
        Err(fs::TryLockError::Error(e)) => Err(io("locking", &path, &e)),
    }
}

fn io(doing: &'static str, path: &Path, error: &std::io::Error) -> Error {
    Error::Io {
        doing,
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

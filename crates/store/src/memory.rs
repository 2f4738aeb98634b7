//! A store that forgets everything when it is dropped.
//!
//! Every value is kept with the number of the commit that wrote it. A reader remembers the number
//! of the latest commit at its beginning and overlooks what is newer, so it holds a lock only
//! while it looks something up. What no reader can see any more is thrown away by later commits.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{Decoded, Error, Key, Read, Scan, Store, Stored, Write};

/// A store in memory: for tests, and for platforms that live as long as their process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Held by the one write transaction.
    writer: Mutex<()>,
    state: RwLock<State>,
    /// How many read transactions began at each commit. Locked before `state`, never after it.
    readers: Mutex<BTreeMap<u64, usize>>,
}

#[derive(Debug, Default)]
struct State {
    latest: u64,
    rows: BTreeMap<Vec<u8>, Vec<Version>>,
    /// Rows that got a further version, by commit, until the versions before it are thrown away.
    stale: VecDeque<(u64, Vec<u8>)>,
}

#[derive(Debug, Clone)]
struct Version {
    revision: u64,
    /// `None`: deleted by this commit.
    value: Option<Value>,
}

#[derive(Debug, Clone)]
struct Value {
    version: u32,
    json: Arc<[u8]>,
    decoded: Decoded,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    // A panic elsewhere cannot leave the state half-changed: commits build what they need first.
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        let mut readers = self.readers();
        let at = self.state().latest;
        *readers.entry(at).or_default() += 1;
        Ok(Box::new(MemoryRead { store: self, at }))
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.state().latest;
        Ok(Box::new(MemoryWrite {
            store: self,
            at,
            changes: BTreeMap::new(),
            _writer: writer,
        }))
    }
}

struct MemoryRead<'a> {
    store: &'a MemoryStore,
    at: u64,
}

impl Drop for MemoryRead<'_> {
    fn drop(&mut self) {
        let mut readers = self.store.readers();
        if let Some(count) = readers.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                readers.remove(&self.at);
            }
        }
    }
}

impl Read for MemoryRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        Ok(self.store.state().get(&row(kind, key), self.at))
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        Ok(self
            .store
            .state()
            .scan(kind, scan, self.at, &BTreeMap::new()))
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        Ok(self
            .store
            .state()
            .get(&change(kind), self.at)
            .map_or(0, |mark| mark.revision))
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        Ok(self.store.state().kinds(self.at, &BTreeMap::new()))
    }

    fn as_of(&self) -> Option<u64> {
        Some(self.at)
    }
}

struct MemoryWrite<'a> {
    store: &'a MemoryStore,
    at: u64,
    changes: Changes,
    _writer: MutexGuard<'a, ()>,
}

/// What a transaction has written: the new value, or `None` for a deletion.
type Changes = BTreeMap<Vec<u8>, Option<Value>>;

impl MemoryWrite<'_> {
    fn lookup(&self, row: &[u8]) -> Option<Stored> {
        match self.changes.get(row) {
            Some(value) => value.as_ref().map(|value| value.stored(self.at + 1)),
            None => self.store.state().get(row, self.at),
        }
    }

    fn mark(&mut self, kind: &str) {
        self.changes.insert(
            change(kind),
            Some(Value {
                version: 0,
                json: Arc::default(),
                decoded: Decoded::default(),
            }),
        );
    }
}

impl Read for MemoryWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        Ok(self.lookup(&row(kind, key)))
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        Ok(self.store.state().scan(kind, scan, self.at, &self.changes))
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        Ok(self.lookup(&change(kind)).map_or(0, |mark| mark.revision))
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        Ok(self.store.state().kinds(self.at, &self.changes))
    }

    fn as_of(&self) -> Option<u64> {
        self.changes.is_empty().then_some(self.at)
    }
}

impl Write for MemoryWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        self.changes.insert(
            row(kind, key),
            Some(Value {
                version,
                json: json.into(),
                decoded: Decoded::default(),
            }),
        );
        self.mark(kind);
        Ok(())
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        let row = row(kind, key);
        let existed = self.lookup(&row).is_some();
        if existed {
            self.changes.insert(row, None);
            self.mark(kind);
        }
        Ok(existed)
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let readers = self.store.readers();
        let mut state = self.store.state_mut();
        state.apply(self.changes, self.at + 1);
        let oldest = readers.keys().next().copied().unwrap_or(state.latest);
        state.forget_before(oldest);
        Ok(())
    }
}

impl State {
    fn get(&self, row: &[u8], at: u64) -> Option<Stored> {
        visible(self.rows.get(row)?, at)
    }

    /// The rows of a scan as of commit `at`, with `own` laid over them.
    fn scan(&self, kind: &str, scan: &Scan, at: u64, own: &Changes) -> Vec<(Key, Stored)> {
        self.rows_below(&row(kind, &Key::default()), scan, at, own)
    }

    /// The kinds that were changed up to commit `at`, or in `own`.
    fn kinds(&self, at: u64, own: &Changes) -> Vec<String> {
        let all = Scan::under(&Key::default());
        let marks = self.rows_below(Key::new(["change"]).as_bytes(), &all, at, own);
        marks.into_iter().map(|(kind, _)| kind.name()).collect()
    }

    fn rows_below(&self, base: &[u8], scan: &Scan, at: u64, own: &Changes) -> Vec<(Key, Stored)> {
        let range = scan.range().below(base);
        let Some(bounds) = range.bounds() else {
            return Vec::new();
        };
        let descending = range.descending;
        let mut committed = directed(self.rows.range::<[u8], _>(bounds), descending).peekable();
        let mut changed = directed(own.range::<[u8], _>(bounds), descending).peekable();
        let mut out = Vec::new();
        while out.len() < range.limit {
            let order = match (committed.peek(), changed.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) if descending => b.cmp(a),
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            let below = if order.is_le() {
                committed.next()
            } else {
                None
            };
            let above = if order.is_ge() { changed.next() } else { None };
            let found = match (above, below) {
                (Some((row, value)), _) => (row, value.as_ref().map(|v| v.stored(at + 1))),
                (None, Some((row, versions))) => (row, visible(versions, at)),
                (None, None) => break,
            };
            if let (row, Some(stored)) = found
                && let Some(key) = row.strip_prefix(base).and_then(Key::from_bytes)
            {
                out.push((key, stored));
            }
        }
        out
    }

    fn apply(&mut self, changes: Changes, revision: u64) {
        for (row, value) in changes {
            self.stale.push_back((revision, row.clone()));
            self.rows
                .entry(row)
                .or_default()
                .push(Version { revision, value });
        }
        self.latest = revision;
    }

    /// Throws away what only transactions older than commit `oldest` could see.
    fn forget_before(&mut self, oldest: u64) {
        while let Some((_, row)) = self.stale.pop_front_if(|(revision, _)| *revision <= oldest) {
            let Some(versions) = self.rows.get_mut(&row) else {
                continue;
            };
            let seen = versions
                .iter()
                .rposition(|version| version.revision <= oldest);
            versions.drain(..seen.unwrap_or(0));
            if let [Version { value: None, .. }] = versions.as_slice() {
                self.rows.remove(&row);
            }
        }
    }
}

impl Value {
    fn stored(&self, revision: u64) -> Stored {
        Stored {
            version: self.version,
            revision,
            json: Arc::clone(&self.json),
            decoded: self.decoded.clone(),
        }
    }
}

/// The version that a transaction which began at commit `at` sees.
fn visible(versions: &[Version], at: u64) -> Option<Stored> {
    let version = versions
        .iter()
        .rev()
        .find(|version| version.revision <= at)?;
    version
        .value
        .as_ref()
        .map(|value| value.stored(version.revision))
}

fn directed<'a, I>(rows: I, descending: bool) -> Box<dyn Iterator<Item = I::Item> + 'a>
where
    I: DoubleEndedIterator + 'a,
{
    if descending {
        Box::new(rows.rev())
    } else {
        Box::new(rows)
    }
}

/// Where a record lies among the rows.
fn row(kind: &str, key: &Key) -> Vec<u8> {
    let mut row = Key::new(["record", kind]).as_bytes().to_vec();
    row.extend(key.as_bytes());
    row
}

/// The row that every change of a kind writes, for its revision.
fn change(kind: &str) -> Vec<u8> {
    Key::new(["change", kind]).as_bytes().to_vec()
}

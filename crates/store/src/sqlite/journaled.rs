//! The store of a process that has its file for itself.
//!
//! A commit is appended to a [journal](super::journal) and then stands in memory, over the tables. When there
//! is much of it, [a thread](mover) puts it into the tables, once for every row however often that was changed.
//!
//! A transaction that reads is as of one commit. What stands over the tables is known for each commit. Before
//! anything is put into the tables that a transaction under way must not see, what it does see is kept for it: the tables
//! in a transaction of SQLite's, with what stands over them ([`Past`]). All others read the tables as they are.

mod mover;
mod transactions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::journal::{Journal, Rows};
use super::kept::{self, Id, Kept};
use super::layer::{Layer, changed, merged, needed, own};
use super::lock::Lock;
use super::rows::{get, kinds, last_change, latest, name_journal, scan};
use super::{SqliteStore, View};
use crate::key::keyed;
use crate::{Error, Key, Scan, Stored};

/// How much stands over the tables, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// From here on it is put into them.
    pub(super) much: usize,
    /// From here on those who would write wait, for what was put there takes too long.
    pub(super) most: usize,
    /// So long.
    pub(super) patience: Duration,
}

pub(super) const LIMITS: Limits = Limits {
    much: 8 << 20,
    most: 64 << 20,
    patience: Duration::from_secs(10),
};

/// A [store](SqliteStore) that nobody else changes while it is open; see [`SqliteStore::alone`]. Next to its
/// file are a `-lock` file and one or two `-changes-…` files, readable by their owner only.
#[derive(Debug)]
pub struct JournaledStore {
    inner: Arc<Inner>,
    mover: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Inner {
    tables: SqliteStore,
    /// Held by the one write transaction. Locked before `state`, never after it.
    journal: Mutex<Journal>,
    state: Mutex<State>,
    /// There is something to do for the mover.
    stirred: Condvar,
    /// Less stands over the tables, or it is known that they cannot be written.
    eased: Condvar,
    limits: Limits,
    /// Keeps others out until everything is closed.
    _lock: Lock,
}

#[derive(Debug)]
struct State {
    /// What was changed since the mover last began.
    fresh: Layer,
    /// How long the journal's file is by that, in bytes.
    appended: usize,
    /// What is being put into the tables.
    frozen: Option<Arc<Layer>>,
    /// Whoever reads as of an earlier commit must not see the tables as they are, or as they will be soon.
    floor: u64,
    /// What they see instead, under the first commit that they do not see.
    past: BTreeMap<u64, Arc<Past>>,
    /// Rows of the tables.
    kept: Kept,
    /// The latest change of each kind in the tables.
    marks: BTreeMap<String, u64>,
    /// The number of the latest commit.
    latest: u64,
    /// The commits as of which transactions read, each with how many do.
    reading: BTreeMap<u64, usize>,
    /// Whether the mover waits for those who read.
    awaited: bool,
    /// Why the tables could not be written.
    failure: Option<Error>,
    ending: bool,
}

/// The tables as they were, and what stood over them.
#[derive(Debug)]
struct Past {
    layer: Arc<Layer>,
    /// In a transaction; given back when nobody needs it any more.
    connection: Mutex<Connection>,
}

impl Past {
    fn view<T>(
        &self,
        store: &SqliteStore,
        at: u64,
        look: impl FnOnce(&View<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        look(&View {
            store,
            connection: &connection,
            layer: &self.layer,
            at,
        })
    }
}

impl JournaledStore {
    /// Over tables outside of which nothing is, for the holder of their lock.
    pub(super) fn over(tables: SqliteStore, lock: Lock, limits: Limits) -> Result<Self, Error> {
        let (name, latest, marks) = {
            let mut writer = tables.writer();
            let named = writer
                .pragma_update(None, "synchronous", "FULL")
                .and_then(|()| writer.pragma_update(None, "wal_autocheckpoint", 0))
                .and_then(|()| name_journal(&mut writer))
                .and_then(|name| Ok((name, latest(&writer)?)));
            let (name, latest) = named.map_err(tables.failure("opening"))?;
            let mark = |kind: String| {
                let at = last_change(&tables, &writer, &kind)?;
                Ok((kind, at))
            };
            let marks = kinds(&tables, &writer)?.into_iter().map(mark);
            (name, latest, marks.collect::<Result<_, Error>>()?)
        };
        let journal = Journal::begin(&tables.path, name, tables.durability);
        let journal = journal.map_err(tables.broken("opening"))?;
        let inner = Arc::new(Inner {
            tables,
            journal: Mutex::new(journal),
            state: Mutex::new(State {
                fresh: Layer::default(),
                appended: 0,
                frozen: None,
                floor: 0,
                past: BTreeMap::new(),
                kept: Kept::default(),
                marks,
                latest,
                reading: BTreeMap::new(),
                awaited: false,
                failure: None,
                ending: false,
            }),
            stirred: Condvar::new(),
            eased: Condvar::new(),
            limits,
            _lock: lock,
        });
        let moving = Arc::clone(&inner);
        let mover = thread::Builder::new()
            .name("state".to_owned())
            .spawn(move || moving.keep_moving())
            .map_err(inner.tables.broken("opening"))?;
        Ok(Self {
            inner,
            mover: Some(mover),
        })
    }

    /// The files with changes that were found when the store was opened and not believed, because earlier ones
    /// were lost with the power: under these names they are kept for whoever wants to look at them.
    pub fn set_aside(&self) -> &[PathBuf] {
        &self.inner.tables.aside
    }
}

impl Drop for JournaledStore {
    fn drop(&mut self) {
        self.inner.state().ending = true;
        self.inner.stirred.notify_all();
        if let Some(mover) = self.mover.take() {
            // What it could not do, the next who opens the file does.
            drop(mover.join());
        }
    }
}

/// Where a row is found.
enum Seen {
    Here(Option<Stored>),
    InTables,
    Before(Arc<Past>),
}

impl State {
    /// What a transaction reads that is as of commit `at`: `None` where that is the tables as they are.
    fn past(&self, at: u64) -> Result<Option<Arc<Past>>, Error> {
        if at >= self.floor {
            return Ok(None);
        }
        let after = at.saturating_add(1);
        match self.past.range(after..).next() {
            Some((_, past)) => Ok(Some(Arc::clone(past))),
            // It is kept for as long as anybody needs it.
            None => Err(Error::Backend {
                doing: "reading",
                place: format!("commit {at}"),
                reason: "the transaction has ended".to_owned(),
            }),
        }
    }

    fn find(&mut self, id: &Id, at: u64) -> Result<Seen, Error> {
        if let Some(past) = self.past(at)? {
            return Ok(Seen::Before(past));
        }
        let over = self.fresh.get(id, at);
        let over = over.or_else(|| self.frozen.as_ref()?.get(id, at));
        Ok(match over.or_else(|| self.kept.get(id)) {
            Some(found) => Seen::Here(found),
            None => Seen::InTables,
        })
    }

    /// The latest change of a kind, for whoever sees the tables as they are.
    fn mark(&self, kind: &str, at: u64) -> u64 {
        let over = self.fresh.mark(kind, at);
        let over = over.or_else(|| self.frozen.as_ref()?.mark(kind, at));
        let below = || self.marks.get(kind).copied();
        over.or_else(below).unwrap_or(0)
    }

    /// How much waits to be put into the tables beside what is being put there, in memory or in the journal.
    fn waiting(&self) -> usize {
        self.fresh.size().max(self.appended)
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row as of commit `at`, in whose transaction somebody is.
    fn get(&self, kind: &str, key: &Key, at: u64) -> Result<Option<Stored>, Error> {
        let id = kept::row(kind, key);
        let tables = &self.tables;
        let seen = self.state().find(&id, at)?;
        let before = |past: &Past| past.view(tables, at, |view| view.get(kind, key));
        match seen {
            Seen::Here(found) => return Ok(found),
            Seen::Before(past) => return before(&past),
            Seen::InTables => {}
        }
        let look = |connection: &Connection| get(tables, connection, kind, key);
        let found = tables.readers.look(look)?;
        let mut state = self.state();
        // Meanwhile the row may have been changed there.
        if let Some(past) = state.past(at)? {
            drop(state);
            return before(&past);
        }
        state.kept.put(id, found.clone());
        Ok(found)
    }

    /// The rows in a range as of commit `at`, in whose transaction somebody is; `rows` are changes of that
    /// transaction.
    fn scan(
        &self,
        kind: &str,
        wanted: &Scan,
        at: u64,
        rows: &Rows,
    ) -> Result<Vec<(Key, Stored)>, Error> {
        let range = wanted.range();
        let tables = &self.tables;
        let before = |past: &Past| past.view(tables, at, |view| view.scan(kind, wanted));
        let changed = {
            let state = self.state();
            if let Some(past) = state.past(at)? {
                drop(state);
                return before(&past);
            }
            if state.mark(kind, at) == 0 {
                drop(state);
                // There never was any but its own.
                let own = changed([own(rows, kind, &range)], &range);
                return keyed(kind, merged(&range, own, Vec::new()));
            }
            let nothing = Layer::default();
            let frozen = state.frozen.as_deref().unwrap_or(&nothing);
            let layers = [
                own(rows, kind, &range),
                state.fresh.within(kind, &range, at),
                frozen.within(kind, &range, at),
            ];
            changed(layers, &range)
        };
        let limit = needed(&range, &changed);
        let look = |connection: &Connection| scan(tables, connection, kind, (&range, limit));
        let found = tables.readers.look(look)?;
        // Meanwhile they may have been changed there.
        let past = self.state().past(at)?;
        match past {
            Some(past) => before(&past),
            None => keyed(kind, merged(&range, changed, found)),
        }
    }

    /// The latest change of a kind as of commit `at`, in whose transaction somebody is.
    fn last_change(&self, kind: &str, at: u64) -> Result<u64, Error> {
        let state = self.state();
        let Some(past) = state.past(at)? else {
            return Ok(state.mark(kind, at));
        };
        drop(state);
        past.view(&self.tables, at, |view| view.last_change(kind))
    }

    /// The kinds of which there was ever anything as of commit `at`, in whose transaction somebody is.
    fn kinds(&self, at: u64) -> Result<BTreeSet<String>, Error> {
        let state = self.state();
        if let Some(past) = state.past(at)? {
            drop(state);
            let kinds = past.view(&self.tables, at, |view| view.kinds())?;
            return Ok(kinds.into_iter().collect());
        }
        let mut all: BTreeSet<_> = state.marks.keys().cloned().collect();
        state.fresh.kinds(at, &mut all);
        if let Some(frozen) = &state.frozen {
            frozen.kinds(at, &mut all);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;

//! Transactions of a [`JournaledStore`].

use std::sync::{Arc, MutexGuard, PoisonError};

use super::{Inner, JournaledStore, State};
use crate::sqlite::journal::{Journal, Rows};
use crate::sqlite::{kept, place, text};
use crate::{Decoded, Error, Key, Read, Scan, Store, Stored, Write};

impl Store for JournaledStore {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        let store = &*self.inner;
        let mut state = store.state();
        let at = state.latest;
        *state.reading.entry(at).or_default() += 1;
        drop(state);
        Ok(Box::new(Reading { store, at }))
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        let store = &*self.inner;
        store.wait_for_room()?;
        let journal = store.journal();
        let at = store.state().latest;
        Ok(Box::new(Writing {
            store,
            journal,
            at,
            rows: Rows::new(),
        }))
    }
}

impl Inner {
    /// Waits while so much stands over the tables that no more should. The mover waits for nobody who waits here.
    fn wait_for_room(&self) -> Result<(), Error> {
        let full = |state: &State| state.waiting() >= self.limits.most;
        let state = self.state();
        if !full(&state) {
            return Ok(());
        }
        let in_vain = |state: &mut State| full(state) && state.failure.is_none();
        let waited = self
            .eased
            .wait_timeout_while(state, self.limits.patience, in_vain);
        let state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if !full(&state) {
            return Ok(());
        }
        Err(state.failure.clone().unwrap_or_else(|| Error::Backend {
            doing: "writing to",
            place: place(&self.tables.path),
            reason: "the disk is too slow for what has been changed".to_owned(),
        }))
    }
}

/// A transaction that reads.
struct Reading<'a> {
    store: &'a Inner,
    /// The commit that it sees.
    at: u64,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut state = self.store.state();
        let Some(count) = state.reading.get_mut(&self.at) else {
            return;
        };
        *count = count.saturating_sub(1);
        if *count > 0 {
            return;
        }
        state.reading.remove(&self.at);
        let past = state.forget_past(self.at);
        let awaited = state.awaited;
        drop(state);
        if awaited {
            self.store.stirred.notify_all();
        }
        // Whoever has it still looks into it.
        if let Some(past) = past.and_then(Arc::into_inner) {
            let connection = past.connection.into_inner();
            let connection = connection.unwrap_or_else(PoisonError::into_inner);
            self.store.tables.readers.end(connection);
        }
    }
}

impl State {
    /// Takes what nobody needs any more, now that nobody reads as of commit `at`.
    fn forget_past(&mut self, at: u64) -> Option<Arc<super::Past>> {
        let until = *self.past.range(at.saturating_add(1)..).next()?.0;
        let from = self.past.range(..until).next_back();
        let from = from.map_or(0, |(before, _)| *before);
        match self.reading.range(from..until).next() {
            Some(_) => None,
            None => self.past.remove(&until),
        }
    }
}

impl Read for Reading<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.store.get(kind, key, self.at)
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.store.scan(kind, range, self.at, &Rows::new())
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.store.last_change(kind, self.at)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        Ok(self.store.kinds(self.at)?.into_iter().collect())
    }

    fn as_of(&self) -> Option<u64> {
        Some(self.at)
    }
}

/// The transaction that may change the state: nobody else commits while it is there.
struct Writing<'a> {
    store: &'a Inner,
    journal: MutexGuard<'a, Journal>,
    /// The latest commit. Nothing later can be put into the tables.
    at: u64,
    /// What it changed.
    rows: Rows,
}

impl Writing<'_> {
    /// The number that the commit will have.
    fn revision(&self) -> u64 {
        self.at.saturating_add(1)
    }

    fn has_changed(&self, kind: &str) -> bool {
        let first = kept::row(kind, &Key::default());
        let mut later = self.rows.range(first..);
        let next = later.next();
        next.is_some_and(|(id, _)| kept::parts(id).0 == kind)
    }
}

impl Read for Writing<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        if !self.rows.is_empty()
            && let Some(own) = self.rows.get(&kept::row(kind, key))
        {
            return Ok(own.clone());
        }
        self.store.get(kind, key, self.at)
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.store.scan(kind, range, self.at, &self.rows)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        match self.has_changed(kind) {
            true => Ok(self.revision()),
            false => self.store.last_change(kind, self.at),
        }
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        let mut kinds = self.store.kinds(self.at)?;
        kinds.extend(self.rows.keys().map(|id| kept::parts(id).0.into_owned()));
        Ok(kinds.into_iter().collect())
    }

    fn as_of(&self) -> Option<u64> {
        self.rows.is_empty().then_some(self.at)
    }
}

impl Write for Writing<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        text(kind, key, json)?;
        let stored = Stored {
            version,
            revision: self.revision(),
            json: Arc::from(json),
            decoded: Decoded::default(),
        };
        self.rows.insert(kept::row(kind, key), Some(stored));
        Ok(())
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        let there = self.get_bytes(kind, key)?.is_some();
        if there {
            self.rows.insert(kept::row(kind, key), None);
        }
        Ok(there)
    }

    fn commit(mut self: Box<Self>) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let revision = self.revision();
        let appended = self.journal.append(revision, &rows);
        let appended = appended.map_err(self.store.tables.broken("committing to"))?;
        let mut state = self.store.state();
        // Whoever reads as of an earlier one does not look here.
        let oldest = state.reading.range(state.floor..).next();
        let oldest = oldest.map_or(revision, |(at, _)| *at);
        state.fresh.push(revision, rows, oldest);
        state.appended += appended;
        state.latest = revision;
        let much = state.waiting() >= self.store.limits.much && state.frozen.is_none();
        drop(state);
        if much {
            self.store.stirred.notify_all();
        }
        Ok(())
    }
}

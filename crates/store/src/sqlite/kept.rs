//! Rows that need not be looked for again, where nobody else changes the file.
//!
//! A row, or that there is none, is kept with the commit as of which it was read, until a commit changes
//! it. What is kept is therefore what every transaction sees that began at that commit or later; an
//! earlier one looks for itself. Rows are forgotten before the commit that changes them, and none is
//! kept while it is under way, so that no moment is left in which one could be wrong.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Error, Key, Stored};

/// Bytes of one generation. Two are kept; what was not asked for during a whole one is forgotten.
const GENERATION: usize = 4 << 20;
/// Rows above this size are not kept, in bytes.
const LONGEST: usize = 64 << 10;
/// What a row takes beside its key and value, about, in bytes.
const OVERHEAD: usize = 160;

/// A row's kind and key in one.
pub(super) type Id = Vec<u8>;

/// The row of a record.
pub(super) fn row(kind: &str, key: &Key) -> Id {
    let key = key.as_bytes();
    let mut id = Vec::with_capacity(kind.len() + key.len() + 1);
    id.extend(kind.as_bytes());
    // No string has this byte.
    id.push(0xFF);
    id.extend(key);
    id
}

/// The row of the latest change to records of a kind.
pub(super) fn mark(kind: &str) -> Id {
    kind.as_bytes().to_vec()
}

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The number of the latest commit; `None` while one is under way, or may have failed halfway.
    latest: Option<u64>,
    current: Generation,
    previous: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    rows: HashMap<Id, Row>,
    size: usize,
}

#[derive(Debug)]
struct Row {
    /// The commit as of which it was read.
    since: u64,
    value: Value,
}

/// What stands in a row.
#[derive(Debug, Clone)]
enum Value {
    /// A record, or that there is none.
    Record(Option<Stored>),
    /// The number of a commit.
    Change(u64),
}

impl Kept {
    /// Nothing yet; `latest` is the number of the latest commit.
    pub(super) fn new(latest: u64) -> Self {
        Self(Mutex::new(State {
            latest: Some(latest),
            ..State::default()
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the latest commit, if it is certain.
    pub(super) fn latest(&self) -> Option<u64> {
        self.state().latest
    }

    /// The record in a row, as a transaction sees it that began at commit `at` and can `look` for itself.
    ///
    /// # Errors
    /// Those of looking.
    pub(super) fn record(
        &self,
        id: Id,
        at: u64,
        look: impl FnOnce() -> Result<Option<Stored>, Error>,
    ) -> Result<Option<Stored>, Error> {
        if let Some(Value::Record(found)) = self.get(&id, at) {
            return Ok(found);
        }
        let found = look()?;
        self.put(id, at, Value::Record(found.clone()));
        Ok(found)
    }

    /// The same of a latest change.
    ///
    /// # Errors
    /// Those of looking.
    pub(super) fn change(
        &self,
        id: Id,
        at: u64,
        look: impl FnOnce() -> Result<u64, Error>,
    ) -> Result<u64, Error> {
        if let Some(Value::Change(found)) = self.get(&id, at) {
            return Ok(found);
        }
        let found = look()?;
        self.put(id, at, Value::Change(found));
        Ok(found)
    }

    /// What a transaction that began at commit `at` finds in a row; `None` when it has to look.
    fn get(&self, id: &[u8], at: u64) -> Option<Value> {
        let mut state = self.state();
        if let Some(row) = state.current.rows.get(id) {
            return (row.since <= at).then(|| row.value.clone());
        }
        let (id, row) = state.previous.rows.remove_entry(id)?;
        let found = (row.since <= at).then(|| row.value.clone());
        state.insert(id, row);
        found
    }

    /// Keeps what a transaction that began at commit `at` found, unless it may be otherwise by now.
    fn put(&self, id: Id, at: u64, value: Value) {
        let mut state = self.state();
        if state.latest == Some(at) && size(&id, &value) <= LONGEST {
            state.insert(id, Row { since: at, value });
        }
    }

    /// A commit that changes these rows begins.
    pub(super) fn changing<'i>(&self, rows: impl IntoIterator<Item = &'i Id>) {
        let mut state = self.state();
        state.latest = None;
        for id in rows {
            state.current.remove(id);
            state.previous.remove(id);
        }
    }

    /// The commit of this number is the latest.
    pub(super) fn changed(&self, number: u64) {
        self.state().latest = Some(number);
    }
}

impl State {
    fn insert(&mut self, id: Id, row: Row) {
        if self.current.size >= GENERATION {
            self.previous = std::mem::take(&mut self.current);
        }
        self.current.remove(&id);
        self.current.size += size(&id, &row.value);
        self.current.rows.insert(id, row);
    }
}

impl Generation {
    fn remove(&mut self, id: &[u8]) {
        if let Some(row) = self.rows.remove(id) {
            self.size = self.size.saturating_sub(size(id, &row.value));
        }
    }
}

fn size(id: &[u8], value: &Value) -> usize {
    let value = match value {
        Value::Record(Some(stored)) => stored.json.len(),
        Value::Record(None) | Value::Change(_) => 0,
    };
    OVERHEAD + id.len() + value
}

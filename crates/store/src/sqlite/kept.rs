//! Rows of the tables that need not be looked for again, where nobody else changes them.
//!
//! A row, or that there is none, is kept as it is in the tables. Whoever changes them there says so before
//! anybody asks for one of these rows: until then they stand over the tables in a [layer](super::layer).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::scan::Range;
use crate::{Key, Stored};

/// Bytes of one generation. Two are kept; what was not asked for during a whole one is forgotten.
const GENERATION: usize = 4 << 20;
/// Rows above this size are not kept, in bytes.
const LONGEST: usize = 64 << 10;
/// What a row takes beside its key and value, about, in bytes.
const OVERHEAD: usize = 160;

/// What is between a kind and a key. No string has this byte.
const BETWEEN: u8 = 0xFF;

/// A row's kind and key in one.
pub(super) type Id = Vec<u8>;

/// The row of a record.
pub(super) fn row(kind: &str, key: &Key) -> Id {
    below(kind, key.as_bytes())
}

fn below(kind: &str, key: &[u8]) -> Id {
    let mut id = Vec::with_capacity(kind.len() + key.len() + 1);
    id.extend(kind.as_bytes());
    id.push(BETWEEN);
    id.extend(key);
    id
}

/// Where the rows of a kind in a range begin, and what comes after them.
pub(super) fn row_range(kind: &str, range: &Range) -> (Id, Id) {
    // No key is a single `FF`, nor greater: encoded keys begin with UTF-8 or with `00`.
    let upper = range.upper.as_deref().unwrap_or(&[0xFF]);
    (below(kind, &range.lower), below(kind, upper))
}

/// The kind and the key of a row.
pub(super) fn parts(id: &[u8]) -> (Cow<'_, str>, &[u8]) {
    let mut parts = id.splitn(2, |byte| *byte == BETWEEN);
    let kind = parts.next().unwrap_or_default();
    (
        String::from_utf8_lossy(kind),
        parts.next().unwrap_or_default(),
    )
}

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    current: Generation,
    previous: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    /// A record, or that there is none.
    rows: HashMap<Id, Option<Stored>>,
    size: usize,
}

impl Kept {
    /// What is in a row; `None` when it has to be looked for.
    pub(super) fn get(&mut self, id: &[u8]) -> Option<Option<Stored>> {
        if let Some(found) = self.current.rows.get(id) {
            return Some(found.clone());
        }
        let (id, found) = self.previous.rows.remove_entry(id)?;
        self.insert(id, found.clone());
        Some(found)
    }

    /// Keeps what was found in a row.
    pub(super) fn put(&mut self, id: Id, found: Option<Stored>) {
        if size(&id, found.as_ref()) <= LONGEST {
            self.insert(id, found);
        }
    }

    /// Keeps what is in a row by now, if it was kept before.
    pub(super) fn renew(&mut self, id: &Id, found: Option<&Stored>) {
        let asked_for = self.current.remove(id) | self.previous.remove(id);
        if asked_for {
            self.put(id.clone(), found.cloned());
        }
    }

    fn insert(&mut self, id: Id, found: Option<Stored>) {
        if self.current.size >= GENERATION {
            self.previous = std::mem::take(&mut self.current);
        }
        self.current.remove(&id);
        self.current.size += size(&id, found.as_ref());
        self.current.rows.insert(id, found);
    }
}

impl Generation {
    /// Whether there was such a row.
    fn remove(&mut self, id: &[u8]) -> bool {
        let Some(found) = self.rows.remove(id) else {
            return false;
        };
        self.size = self.size.saturating_sub(size(id, found.as_ref()));
        true
    }
}

fn size(id: &[u8], found: Option<&Stored>) -> usize {
    OVERHEAD + id.len() + found.map_or(0, |stored| stored.json.len())
}

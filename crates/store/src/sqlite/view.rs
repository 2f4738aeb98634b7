//! One moment of a store: what its tables were then, and what stood over them.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::layer::{Layer, changed, merged, needed};
use super::rows::{get, kinds, last_change, scan};
use super::{SqliteStore, kept};
use crate::key::keyed;
use crate::{Error, Key, Scan, Stored};

/// The moment of commit `at`, with the tables as of one before it.
pub(super) struct View<'v> {
    pub(super) store: &'v SqliteStore,
    /// In a transaction.
    pub(super) connection: &'v Connection,
    pub(super) layer: &'v Layer,
    pub(super) at: u64,
}

impl View<'_> {
    pub(super) fn get(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        match self.layer.get(&kept::row(kind, key), self.at) {
            Some(found) => Ok(found),
            None => get(self.store, self.connection, kind, key),
        }
    }

    pub(super) fn scan(&self, kind: &str, wanted: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        let range = wanted.range();
        let changed = changed([self.layer.within(kind, &range, self.at)], &range);
        let limit = needed(&range, &changed);
        let found = scan(self.store, self.connection, kind, (&range, limit))?;
        keyed(kind, merged(&range, changed, found))
    }

    pub(super) fn last_change(&self, kind: &str) -> Result<u64, Error> {
        match self.layer.mark(kind, self.at) {
            Some(mark) => Ok(mark),
            None => last_change(self.store, self.connection, kind),
        }
    }

    pub(super) fn kinds(&self) -> Result<Vec<String>, Error> {
        let mut all = BTreeSet::from_iter(kinds(self.store, self.connection)?);
        self.layer.kinds(self.at, &mut all);
        Ok(all.into_iter().collect())
    }
}

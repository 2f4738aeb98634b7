//! The statements that read.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use crate::key::keyed;
use crate::{Decoded, Error, Key, Scan, Stored};

pub(super) fn get(
    store: &SqliteStore,
    connection: &Connection,
    kind: &str,
    key: &Key,
) -> Result<Option<Stored>, Error> {
    connection
        .prepare_cached("SELECT version, revision, json FROM record WHERE kind = ?1 AND key = ?2")
        .and_then(|mut get| {
            get.query_row(params![kind, key.as_bytes()], |row| stored(row, 0))
                .optional()
        })
        .map_err(store.failure("reading"))
}

pub(super) fn scan(
    store: &SqliteStore,
    connection: &Connection,
    kind: &str,
    scan: &Scan,
) -> Result<Vec<(Key, Stored)>, Error> {
    let range = scan.range();
    // No key is a single `FF`, nor greater: encoded keys begin with UTF-8 or with `00`.
    let upper = range.upper.unwrap_or_else(|| vec![0xFF]);
    let limit = i64::try_from(range.limit).unwrap_or(i64::MAX);
    let sql = if range.descending {
        "SELECT key, version, revision, json FROM record
            WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key DESC LIMIT ?4"
    } else {
        "SELECT key, version, revision, json FROM record
            WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4"
    };
    let rows = connection
        .prepare_cached(sql)
        .and_then(|mut scan| {
            scan.query_map(params![kind, range.lower, upper, limit], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, stored(row, 1)?))
            })?
            .collect::<Result<Vec<_>, _>>()
        })
        .map_err(store.failure("reading"))?;
    keyed(kind, rows)
}

fn stored(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Stored> {
    let revision: i64 = row.get(first + 1)?;
    let json = row.get_ref(first + 2)?.as_bytes()?;
    Ok(Stored {
        version: row.get(first)?,
        revision: u64::try_from(revision).unwrap_or(0),
        json: Arc::from(json),
        decoded: Decoded::default(),
    })
}

pub(super) fn last_change(
    store: &SqliteStore,
    connection: &Connection,
    kind: &str,
) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT revision FROM change WHERE kind = ?1")
        .and_then(|mut last| {
            last.query_row([kind], |row| row.get::<_, i64>(0))
                .optional()
        })
        .map(|revision| revision.and_then(|r| u64::try_from(r).ok()).unwrap_or(0))
        .map_err(store.failure("reading"))
}

pub(super) fn kinds(store: &SqliteStore, connection: &Connection) -> Result<Vec<String>, Error> {
    connection
        .prepare_cached("SELECT kind FROM change ORDER BY kind")
        .and_then(|mut kinds| kinds.query_map((), |row| row.get(0))?.collect())
        .map_err(store.failure("reading"))
}

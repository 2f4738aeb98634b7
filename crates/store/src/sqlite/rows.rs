//! The statements that read and change rows.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use super::journal::Name;
use crate::scan::Range;
use crate::{Decoded, Error, Key, Stored};

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

/// The first rows in a range, at most `limit`.
pub(super) fn scan(
    store: &SqliteStore,
    connection: &Connection,
    kind: &str,
    (range, limit): (&Range, usize),
) -> Result<Vec<(Vec<u8>, Stored)>, Error> {
    // No key is a single `FF`, nor greater: encoded keys begin with UTF-8 or with `00`.
    let upper = range.upper.as_deref().unwrap_or(&[0xFF]);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = if range.descending {
        "SELECT key, version, revision, json FROM record
            WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key DESC LIMIT ?4"
    } else {
        "SELECT key, version, revision, json FROM record
            WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4"
    };
    connection
        .prepare_cached(sql)
        .and_then(|mut scan| {
            scan.query_map(params![kind, range.lower, upper, limit], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, stored(row, 1)?))
            })?
            .collect::<Result<Vec<_>, _>>()
        })
        .map_err(store.failure("reading"))
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

/// The number of the latest commit that the connection sees.
pub(super) fn latest(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(revision), 0) FROM change")
        .and_then(|mut latest| latest.query_row((), |row| row.get::<_, i64>(0)))
        .map(|latest| u64::try_from(latest).unwrap_or(0))
}

/// The name of the journal whose commits these tables lack, if there ever was one.
pub(super) fn journal(connection: &Connection) -> rusqlite::Result<Option<Name>> {
    connection
        .prepare_cached("SELECT name FROM journal")
        .and_then(|mut name| name.query_row((), |row| row.get(0)).optional())
}

/// Names the journal anew.
pub(super) fn name_journal(connection: &mut Connection) -> rusqlite::Result<Name> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.execute("DELETE FROM journal", ())?;
    tx.execute("INSERT INTO journal (name) VALUES (randomblob(16))", ())?;
    let name = tx.query_row("SELECT name FROM journal", (), |row| row.get(0))?;
    tx.commit()?;
    Ok(name)
}

/// Notes the latest change of a kind.
pub(super) fn mark(connection: &Connection, kind: &str, revision: u64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO change (kind, revision) VALUES (?1, ?2)
        ON CONFLICT (kind) DO UPDATE SET revision = ?2 WHERE revision <> ?2";
    connection
        .prepare_cached(sql)?
        .execute(params![kind, signed(revision)])
        .map(drop)
}

pub(super) fn put(
    connection: &Connection,
    kind: &str,
    key: &[u8],
    (version, revision, text): (u32, u64, &str),
) -> rusqlite::Result<()> {
    // To replace a row would be to delete it first, and to give its pages back.
    let sql = "INSERT INTO record (kind, key, version, revision, json)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (kind, key) DO UPDATE SET version = ?3, revision = ?4, json = ?5";
    connection
        .prepare_cached(sql)?
        .execute(params![kind, key, version, signed(revision), text])
        .map(drop)
}

/// Whether there was one.
pub(super) fn delete(connection: &Connection, kind: &str, key: &[u8]) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")?
        .execute(params![kind, key])
        .map(|count| count > 0)
}

fn signed(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

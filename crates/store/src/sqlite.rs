//! A store in one SQLite file.
//!
//! The write-ahead log gives every read transaction its own view while one writer goes on. Read
//! transactions take a connection from a pool; the write transaction holds the only other one.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use crate::{Error, Key, Read, Scan, Store, Stored, Write};

/// `PALS`, kept in `PRAGMA application_id`.
const APPLICATION: i64 = 0x5041_4C53;
/// How long to wait for another process that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections kept open for readers. More are opened when more transactions run at once.
const IDLE_READERS: usize = 8;

/// The steps from an empty file to the format of this program; how many were taken is kept in
/// `PRAGMA user_version`. A step is never changed once a program with it was released.
const STEPS: [&str; 1] = ["
    CREATE TABLE record (
        kind TEXT NOT NULL,
        key BLOB NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
        kind TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
"];

/// What a write survives once it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power: every write is flushed to the disk.
    #[default]
    PowerLoss,
    /// The end of the process, however sudden; not the loss of power, which may take the latest
    /// commits. Never leaves the file inconsistent. Much faster.
    ProcessEnd,
}

/// A store in a single file, next to which SQLite keeps a `-wal` and a `-shm` file while it is
/// open. The file is created readable by its owner only.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    durability: Durability,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens the store in `path`, creating it when there is no file.
    ///
    /// # Errors
    /// When the file cannot be opened or created, is not a store, or was written by a newer
    /// program.
    pub fn open(path: &Path, durability: Durability) -> Result<SqliteStore, Error> {
        create_private(path)?;
        // Look before touching: a file of another program must stay as it is.
        let mut connection = open(path)?;
        prepare_schema(path, &mut connection, &STEPS)?;
        configure(path, &connection, durability)?;
        Ok(SqliteStore {
            path: path.to_owned(),
            durability,
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
        })
    }

    fn failure(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |error| failure(&self.path, doing, &error)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = open(&self.path)?;
                configure(&self.path, &connection, self.durability)?;
                connection
            }
        };
        // SQLite takes the snapshot at the first read, so read something.
        connection
            .prepare_cached("BEGIN DEFERRED")
            .and_then(|mut begin| begin.execute(()))
            .and_then(|_| connection.prepare_cached("SELECT 1 FROM change LIMIT 1"))
            .and_then(|mut first| first.query_row((), |_| Ok(())).optional())
            .map_err(self.failure("beginning to read"))?;
        Ok(Box::new(SqliteRead {
            store: self,
            connection: Some(connection),
        }))
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        connection
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut begin| begin.execute(()))
            .map_err(self.failure("beginning to write"))?;
        let mut tx = SqliteWrite {
            store: self,
            connection,
            revision: 0,
        };
        let latest = tx
            .connection
            .prepare_cached("SELECT coalesce(max(revision), 0) FROM change")
            .and_then(|mut latest| latest.query_row((), |row| row.get::<_, i64>(0)))
            .map_err(self.failure("beginning to write"))?;
        tx.revision = latest + 1;
        Ok(Box::new(tx))
    }
}

struct SqliteRead<'a> {
    store: &'a SqliteStore,
    /// Present until the drop.
    connection: Option<Connection>,
}

impl SqliteRead<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        self.connection.as_ref().ok_or_else(|| Error::Backend {
            doing: "reading",
            place: place(&self.store.path),
            reason: "the transaction has ended".to_owned(),
        })
    }
}

impl Drop for SqliteRead<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && roll_back(&connection)
        {
            let mut idle = self.store.idle();
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
        }
    }
}

struct SqliteWrite<'a> {
    store: &'a SqliteStore,
    connection: MutexGuard<'a, Connection>,
    /// The number that the commit will have.
    revision: i64,
}

impl Drop for SqliteWrite<'_> {
    fn drop(&mut self) {
        // Should this fail, the next `BEGIN` does too, and says why.
        if !self.connection.is_autocommit() {
            roll_back(&self.connection);
        }
    }
}

fn roll_back(connection: &Connection) -> bool {
    connection
        .prepare_cached("ROLLBACK")
        .and_then(|mut end| end.execute(()))
        .is_ok()
}

impl Read for SqliteRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        get(self.store, self.connection()?, kind, key)
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        scan(self.store, self.connection()?, kind, range)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        last_change(self.store, self.connection()?, kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        kinds(self.store, self.connection()?)
    }
}

impl Read for SqliteWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        get(self.store, &self.connection, kind, key)
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        scan(self.store, &self.connection, kind, range)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        last_change(self.store, &self.connection, kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        kinds(self.store, &self.connection)
    }
}

impl SqliteWrite<'_> {
    fn mark(&self, kind: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO change (kind, revision) VALUES (?1, ?2)
            ON CONFLICT (kind) DO UPDATE SET revision = ?2 WHERE revision <> ?2";
        self.connection
            .prepare_cached(sql)?
            .execute(params![kind, self.revision])
            .map(|_| ())
    }
}

impl Write for SqliteWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        let text = str::from_utf8(json).map_err(|e| malformed(kind, key, &e.to_string()))?;
        let sql = "INSERT OR REPLACE INTO record (kind, key, version, revision, json)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut put| {
                put.execute(params![kind, key.as_bytes(), version, self.revision, text])
            })
            .and_then(|_| self.mark(kind))
            .map_err(self.store.failure("writing to"))
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        self.connection
            .prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")
            .and_then(|mut delete| delete.execute(params![kind, key.as_bytes()]))
            .and_then(|count| {
                if count > 0 {
                    self.mark(kind).map(|()| true)
                } else {
                    Ok(false)
                }
            })
            .map_err(self.store.failure("writing to"))
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()))
            .map(|_| ())
            .map_err(self.store.failure("committing to"))
    }
}

fn get(
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

fn scan(
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
    let decode = |(bytes, stored): (Vec<u8>, Stored)| match Key::from_bytes(&bytes) {
        Some(key) => Ok((key, stored)),
        None => Err(malformed(
            kind,
            &Key::default(),
            &format!("{bytes:?} is not a key"),
        )),
    };
    rows.into_iter().map(decode).collect()
}

fn stored(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Stored> {
    let revision: i64 = row.get(first + 1)?;
    let json = row.get_ref(first + 2)?.as_bytes()?;
    Ok(Stored {
        version: row.get(first)?,
        revision: u64::try_from(revision).unwrap_or(0),
        json: Arc::from(json),
    })
}

fn last_change(store: &SqliteStore, connection: &Connection, kind: &str) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT revision FROM change WHERE kind = ?1")
        .and_then(|mut last| {
            last.query_row([kind], |row| row.get::<_, i64>(0))
                .optional()
        })
        .map(|revision| revision.and_then(|r| u64::try_from(r).ok()).unwrap_or(0))
        .map_err(store.failure("reading"))
}

fn kinds(store: &SqliteStore, connection: &Connection) -> Result<Vec<String>, Error> {
    connection
        .prepare_cached("SELECT kind FROM change ORDER BY kind")
        .and_then(|mut kinds| kinds.query_map((), |row| row.get(0))?.collect())
        .map_err(store.failure("reading"))
}

fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(|_| ())
        .map_err(|error| Error::Backend {
            doing: "opening",
            place: place(path),
            reason: error.to_string(),
        })
}

fn open(path: &Path) -> Result<Connection, Error> {
    Connection::open(path)
        .and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            Ok(connection)
        })
        .map_err(|error| failure(path, "opening", &error))
}

fn configure(path: &Path, connection: &Connection, durability: Durability) -> Result<(), Error> {
    let synchronous = match durability {
        Durability::PowerLoss => "FULL",
        Durability::ProcessEnd => "NORMAL",
    };
    connection.set_prepared_statement_cache_capacity(32);
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| connection.pragma_update(None, "synchronous", synchronous))
        .map_err(|error| failure(path, "opening", &error))
}

/// Makes the tables, or brings them up to date, in one transaction. A file of another program, and one
/// that is up to date, is not written to.
fn prepare_schema(path: &Path, connection: &mut Connection, steps: &[&str]) -> Result<(), Error> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if taken(path, connection, known)? == known {
        return Ok(());
    }
    let failed = |error: rusqlite::Error| failure(path, "preparing", &error);
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been faster.
    let found = usize::try_from(taken(path, &tx, known)?).unwrap_or(usize::MAX);
    for step in steps.iter().skip(found) {
        tx.execute_batch(step).map_err(failed)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)
        .and_then(|()| tx.pragma_update(None, "user_version", known))
        .and_then(|()| tx.commit())
        .map_err(failed)
}

/// How many of the `known` steps the file has taken.
fn taken(path: &Path, connection: &Connection, known: u32) -> Result<u32, Error> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| failure(path, "opening", &error))
    };
    match pragma("application_id")? {
        APPLICATION => {}
        0 if pragma("schema_version")? == 0 => return Ok(0),
        _ => return Err(Error::NotAStore { place: place(path) }),
    }
    let found = u32::try_from(pragma("user_version")?).unwrap_or(u32::MAX);
    if found > known {
        return Err(Error::NewerFile {
            place: place(path),
            found,
            known,
        });
    }
    Ok(found)
}

fn malformed(kind: &str, key: &Key, reason: &str) -> Error {
    Error::Malformed {
        kind: kind.to_owned(),
        key: key.clone(),
        reason: reason.to_owned(),
    }
}

fn place(path: &Path) -> String {
    path.display().to_string()
}

fn failure(path: &Path, doing: &'static str, error: &rusqlite::Error) -> Error {
    let place = place(path);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { place },
        Some(ErrorCode::NotADatabase) => Error::NotAStore { place },
        _ => Error::Backend {
            doing,
            place,
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step that a later program might add.
    const NEXT: &str =
        "ALTER TABLE record ADD COLUMN note TEXT; CREATE INDEX noted ON record (note);";

    fn prepared(path: &Path, steps: &[&str]) -> Result<(), Error> {
        prepare_schema(path, &mut open(path)?, steps)
    }

    /// What the file consists of, and how many steps it has taken.
    fn outline(path: &Path) -> (Vec<String>, u32) {
        let connection = Connection::open(path).unwrap();
        let mut schema = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let sql = schema.query_map((), |row| row.get(0)).unwrap();
        let sql = sql.collect::<Result<_, _>>().unwrap();
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
        (sql, version.unwrap())
    }

    #[test]
    fn a_file_that_took_its_steps_one_by_one_is_as_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new.db"), dir.path().join("old.db"));
        let steps: Vec<&str> = STEPS.into_iter().chain([NEXT]).collect();
        for some in 1..=steps.len() {
            prepared(&old, steps.get(..some).unwrap()).unwrap();
        }
        prepared(&new, &steps).unwrap();
        assert_eq!(outline(&old), outline(&new));
        let (sql, version) = outline(&new);
        assert_eq!((sql.len(), version), (3, 2));
    }

    #[test]
    fn records_stay_when_a_step_is_taken_and_the_older_program_refuses_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let sample = include_bytes!("../tests/it/samples/store-v1.db");
        std::fs::write(&path, sample).unwrap();
        let count = |path: &Path| {
            let connection = Connection::open(path).unwrap();
            let count = connection.query_row("SELECT count(*) FROM record", (), |row| row.get(0));
            count.unwrap()
        };
        let before: i64 = count(&path);
        assert!(before > 0);
        prepared(&path, &[STEPS[0], NEXT]).unwrap();
        assert_eq!((count(&path), outline(&path).1), (before, 2));
        let refused = prepared(&path, &STEPS).unwrap_err();
        assert!(matches!(
            refused,
            Error::NewerFile {
                found: 2,
                known: 1,
                ..
            }
        ));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        prepared(&path, &STEPS).unwrap();
        let before = outline(&path);
        let steps = [STEPS[0], NEXT, "CREATE TABLE record (x)"];
        let error = prepared(&path, &steps).unwrap_err().to_string();
        assert!(error.starts_with("preparing `"), "{error}");
        assert_eq!(outline(&path), before);
    }
}

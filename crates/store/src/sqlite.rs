//! A store in one SQLite file.
//!
//! The write-ahead log gives every read transaction its own view while one writer goes on. Read
//! transactions take a connection from a pool; the write transaction holds the only other one.

mod gate;
mod keeper;
mod kept;
mod rows;
mod schema;

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, params};

use crate::{Error, Key, Read, Scan, Store, Stored, Write};
use gate::{Gate, Own};
use keeper::{Keeper, put_away};
use kept::Kept;
use rows::{get, kinds, last_change, scan};

/// How long to wait for another process that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Changed rows after which the log is put into its places: what is changed again and again is put there
/// once, and the log stays at about 16 MiB, which are read fast enough at the next start.
const CHECKPOINT_ROWS: usize = 2_000;
/// Changed rows after which readers are held up until nobody reads, should that not have come of itself.
const CLOSING_ROWS: usize = 4_000;
/// Pages of the log, of 4 KiB, after which every commit puts it into its places whoever reads, which costs
/// it a flush, where no [`Keeper`] does.
const CHECKPOINT_PAGES: u32 = 32_768;
/// Connections kept open for readers. More are opened when more transactions run at once.
const IDLE_READERS: usize = 8;

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
    readers: Mutex<Vec<Reader>>,
    /// Reading transactions that are under way.
    gate: Arc<Gate>,
    log: Arc<Log>,
    /// Where nobody else changes the file.
    keeper: Option<Keeper>,
    /// Where nobody else changes the file.
    kept: Option<Kept>,
}

/// What is known of the log.
#[derive(Debug, Default)]
struct Log {
    /// Rows that were changed since it was last put into its places whole.
    rows: AtomicUsize,
    /// Whether a [`Keeper`] has left little of it.
    short: AtomicBool,
}

/// A connection of readers.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// The commit as of which its transaction began; `None` when it is in none.
    at: Option<u64>,
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
        schema::prepare(path, &mut connection)?;
        configure(path, &connection, durability)?;
        Ok(SqliteStore {
            path: path.to_owned(),
            durability,
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
            gate: Arc::default(),
            log: Arc::default(),
            keeper: None,
            kept: None,
        })
    }

    /// Says that nothing else changes the file while the store is open: what was read needs not be read
    /// again until it is changed here. Whoever says so holds a lock that makes it true. Others may
    /// read the file all the same.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn alone(self) -> Result<SqliteStore, Error> {
        let latest = {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer
                .pragma_update(None, "wal_autocheckpoint", 0)
                .and_then(|()| latest(&writer))
                .map_err(self.failure("opening"))?
        };
        let connection = open(&self.path)?;
        configure(&self.path, &connection, self.durability)?;
        let (gate, log) = (Arc::clone(&self.gate), Arc::clone(&self.log));
        let done = move || {
            log.short.store(true, Ordering::Relaxed);
            // The last of those who read now does the rest.
            gate.close();
        };
        let keeper = Keeper::start(connection, done).map_err(|error| Error::Backend {
            doing: "opening",
            place: place(&self.path),
            reason: error.to_string(),
        })?;
        Ok(SqliteStore {
            kept: Some(Kept::new(latest)),
            keeper: Some(keeper),
            ..self
        })
    }

    fn failure(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |error| failure(&self.path, doing, &error)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest commit, if it is certain and everyone knows of it.
    fn latest(&self) -> Option<u64> {
        self.kept.as_ref().and_then(Kept::latest)
    }

    /// A reader that is in a transaction that sees the state as of now.
    fn reader(&self) -> Result<Reader, Error> {
        let latest = self.latest();
        let idle = self.idle().pop();
        let connection = match idle {
            Some(reader) if reader.at.is_some() && reader.at == latest && reader.is_within() => {
                return Ok(reader);
            }
            Some(reader) => {
                if reader.is_within() && !roll_back(&reader.connection) {
                    return self.opened();
                }
                reader.connection
            }
            None => return self.opened(),
        };
        self.begun(connection)
    }

    fn opened(&self) -> Result<Reader, Error> {
        let connection = open(&self.path)?;
        configure(&self.path, &connection, self.durability)?;
        self.begun(connection)
    }

    fn begun(&self, connection: Connection) -> Result<Reader, Error> {
        // SQLite takes the snapshot at the first read, so read something: what stands in the first page.
        let before = self.latest();
        connection
            .prepare_cached("BEGIN DEFERRED")
            .and_then(|mut begin| begin.execute(()))
            .and_then(|_| connection.prepare_cached("PRAGMA user_version"))
            .and_then(|mut any| any.exists(()))
            .map_err(self.failure("beginning to read"))?;
        // While the latest commit stayed the same, there was none.
        let at = match before.filter(|before| self.latest() == Some(*before)) {
            Some(at) => at,
            None => latest(&connection).map_err(self.failure("beginning to read"))?,
        };
        Ok(Reader {
            connection,
            at: Some(at),
        })
    }

    /// Keeps a reader for the next one, who may go on in its transaction while nothing is changed.
    fn give_back(&self, mut reader: Reader) {
        if self.latest() != reader.at || !reader.is_within() {
            reader.at = None;
            if reader.is_within() && !roll_back(&reader.connection) {
                return;
            }
        }
        let mut idle = self.idle();
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
    }

    /// Ends the transactions of readers that nobody uses: they would hold up what is behind them in the
    /// log.
    fn end_idle(&self) {
        self.idle().retain_mut(|reader| {
            let ended = !reader.is_within() || roll_back(&reader.connection);
            reader.at = None;
            ended
        });
    }
}

impl SqliteStore {
    /// Puts the log into its places when it has become long. A transaction that reads holds up what is
    /// behind it, and a log that is not put away whole is never begun anew: so this is for moments in which
    /// nobody reads. Should somebody begin to, there will be another.
    fn put_log_away(&self) {
        let ripe = match &self.keeper {
            Some(_) => self.log.short.load(Ordering::Relaxed),
            None => self.log.rows.load(Ordering::Relaxed) >= CHECKPOINT_ROWS,
        };
        if !ripe || !self.gate.begin_work() {
            return;
        }
        let writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Whoever waits has waited in vain.
            Err(TryLockError::WouldBlock) => return self.gate.open(),
        };
        self.end_idle();
        let left = match put_away(&writer) {
            Ok(true) => 0,
            _ => CHECKPOINT_ROWS / 2,
        };
        self.log.rows.store(left, Ordering::Relaxed);
        self.log.short.store(false, Ordering::Relaxed);
        drop(writer);
        self.gate.open();
    }

    /// So many rows were changed.
    fn note_changed(&self, rows: usize) {
        let before = self.log.rows.fetch_add(rows, Ordering::Relaxed);
        // Should it be in vain, it is tried again after as many rows.
        let passes = |mark: usize| before / mark < (before + rows) / mark;
        match &self.keeper {
            Some(keeper) if passes(CHECKPOINT_ROWS) => keeper.wake(),
            None if passes(CLOSING_ROWS) => self.gate.close(),
            _ => {}
        }
    }
}

impl Reader {
    /// Whether it is in a transaction, as it should be.
    fn is_within(&self) -> bool {
        !self.connection.is_autocommit()
    }
}

impl Store for SqliteStore {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        self.gate.enter();
        let mut read = SqliteRead {
            store: self,
            at: 0,
            reader: None,
            _own: Own::begin(),
        };
        let reader = self.reader()?;
        read.at = reader.at.unwrap_or_default();
        read.reader = Some(reader);
        Ok(Box::new(read))
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
            at: 0,
            changed: HashSet::new(),
            _own: Own::begin(),
        };
        tx.at = match self.latest() {
            Some(latest) => latest,
            None => latest(&tx.connection).map_err(self.failure("beginning to write"))?,
        };
        if let Some(kept) = &self.kept {
            // No commit is under way, and one that failed did or did not: here it shows.
            kept.changed(tx.at);
        }
        Ok(Box::new(tx))
    }
}

struct SqliteRead<'a> {
    store: &'a SqliteStore,
    /// The commit as of which it began.
    at: u64,
    /// Present until the drop.
    reader: Option<Reader>,
    _own: Own,
}

impl SqliteRead<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        let reader = self.reader.as_ref().ok_or_else(|| Error::Backend {
            doing: "reading",
            place: place(&self.store.path),
            reason: "the transaction has ended".to_owned(),
        })?;
        Ok(&reader.connection)
    }
}

impl Drop for SqliteRead<'_> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.store.give_back(reader);
        }
        if self.store.gate.leave() {
            self.store.put_log_away();
        }
    }
}

struct SqliteWrite<'a> {
    store: &'a SqliteStore,
    connection: MutexGuard<'a, Connection>,
    /// The commit as of which it began.
    at: u64,
    /// What it changed.
    changed: HashSet<kept::Id>,
    _own: Own,
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

/// The number of the latest commit that the connection sees.
fn latest(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(revision), 0) FROM change")
        .and_then(|mut latest| latest.query_row((), |row| row.get::<_, i64>(0)))
        .map(|latest| u64::try_from(latest).unwrap_or(0))
}

impl SqliteRead<'_> {
    /// Whether it is known without looking that there never was a record of this kind.
    fn is_void(&self, kind: &str) -> Result<bool, Error> {
        Ok(self.store.kept.is_some() && self.last_change(kind)? == 0)
    }
}

impl Read for SqliteRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        let look = || get(self.store, self.connection()?, kind, key);
        match &self.store.kept {
            Some(kept) => kept.record(kept::row(kind, key), self.at, look),
            None => look(),
        }
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        if self.is_void(kind)? {
            return Ok(Vec::new());
        }
        scan(self.store, self.connection()?, kind, range)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        let look = || last_change(self.store, self.connection()?, kind);
        match &self.store.kept {
            Some(kept) => kept.change(kept::mark(kind), self.at, look),
            None => look(),
        }
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        kinds(self.store, self.connection()?)
    }
}

impl Read for SqliteWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        let look = || get(self.store, &self.connection, kind, key);
        match self.kept_of(|| kept::row(kind, key)) {
            Some((kept, row)) => kept.record(row, self.at, look),
            None => look(),
        }
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        scan(self.store, &self.connection, kind, range)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        let look = || last_change(self.store, &self.connection, kind);
        match self.kept_of(|| kept::mark(kind)) {
            Some((kept, mark)) => kept.change(mark, self.at, look),
            None => look(),
        }
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        kinds(self.store, &self.connection)
    }
}

impl SqliteWrite<'_> {
    /// Where a row may be kept that this transaction did not change.
    fn kept_of(&self, id: impl FnOnce() -> kept::Id) -> Option<(&Kept, kept::Id)> {
        let kept = self.store.kept.as_ref()?;
        let id = id();
        (!self.changed.contains(&id)).then_some((kept, id))
    }

    /// The number that the commit will have.
    fn revision(&self) -> i64 {
        i64::try_from(self.at).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Notes that a record was changed.
    fn mark(&mut self, kind: &str, key: &Key) -> rusqlite::Result<()> {
        let mark = kept::mark(kind);
        self.changed.insert(kept::row(kind, key));
        if self.changed.contains(&mark) {
            return Ok(());
        }
        let sql = "INSERT INTO change (kind, revision) VALUES (?1, ?2)
            ON CONFLICT (kind) DO UPDATE SET revision = ?2 WHERE revision <> ?2";
        self.connection
            .prepare_cached(sql)?
            .execute(params![kind, self.revision()])?;
        self.changed.insert(mark);
        Ok(())
    }
}

impl Write for SqliteWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        let text = str::from_utf8(json).map_err(|e| Error::malformed(kind, key, &e.to_string()))?;
        // To replace a row would be to delete it first, and to give its pages back.
        let sql = "INSERT INTO record (kind, key, version, revision, json)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (kind, key) DO UPDATE SET version = ?3, revision = ?4, json = ?5";
        let (row, revision) = (key.as_bytes(), self.revision());
        self.mark(kind, key)
            .and_then(|()| self.connection.prepare_cached(sql))
            .and_then(|mut put| put.execute(params![kind, row, version, revision, text]))
            .map(|_| ())
            .map_err(self.store.failure("writing to"))
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        let deleted = self
            .connection
            .prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")
            .and_then(|mut delete| delete.execute(params![kind, key.as_bytes()]));
        deleted
            .and_then(|count| match count {
                0 => Ok(false),
                _ => self.mark(kind, key).map(|()| true),
            })
            .map_err(self.store.failure("writing to"))
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        let kept = self
            .store
            .kept
            .as_ref()
            .filter(|_| !self.changed.is_empty());
        if let Some(kept) = kept {
            kept.changing(&self.changed);
            self.store.end_idle();
        }
        self.connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()))
            .map_err(self.store.failure("committing to"))?;
        self.store.note_changed(self.changed.len());
        if let Some(kept) = kept {
            kept.changed(self.at.saturating_add(1));
        }
        Ok(())
    }
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
    // Otherwise a range is planned anew for every value that bounds it.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .and_then(|_| connection.pragma_update(None, "journal_mode", "WAL"))
        .and_then(|()| connection.pragma_update(None, "synchronous", synchronous))
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES))
        .map_err(|error| failure(path, "opening", &error))
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

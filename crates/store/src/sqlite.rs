//! A store in one SQLite file.
//!
//! The write-ahead log gives every read transaction its own view while one writer goes on. Read
//! transactions take a connection from a pool; the write transaction holds the only other one. Who has the
//! file for himself goes on with a [`JournaledStore`].

mod journal;
mod journaled;
mod kept;
mod layer;
mod lock;
mod pool;
mod rows;
mod schema;
mod view;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::key::keyed;
use crate::{Error, Key, Read, Scan, Store, Stored, Write};
use journal::Followed;
pub use journaled::JournaledStore;
use layer::Layer;
use lock::Lock;
use pool::Pool;
use rows::{delete, get, kinds, last_change, latest, mark, put, scan};
use view::View;

/// How long to wait for another process that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages of the log, of 4 KiB, after which a commit puts it into its places.
const CHECKPOINT_PAGES: u32 = 4_096;
/// How often that is tried while others read.
const CHECKPOINTS: usize = 20;

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
    readers: Pool,
    /// Files with changes that are not believed.
    aside: Vec<PathBuf>,
}

impl SqliteStore {
    /// Opens the store in `path`, creating it when there is no file. What a [`JournaledStore`] that is open
    /// elsewhere has committed can be read; what one left is put into its places.
    ///
    /// # Errors
    /// When the file cannot be opened or created, is not a store, or was written by a newer
    /// program.
    pub fn open(path: &Path, durability: Durability) -> Result<SqliteStore, Error> {
        drop(create_private(path)?);
        // Look before touching: a file of another program must stay as it is.
        let mut connection = open(path)?;
        schema::prepare(path, &mut connection)?;
        configure(path, &connection, durability)?;
        let mut store = SqliteStore {
            path: path.to_owned(),
            durability,
            writer: Mutex::new(connection),
            readers: Pool::new(path, durability),
            aside: Vec::new(),
        };
        if store.is_pending()?
            && let Some(_lock) = Lock::alone_now(path)?
        {
            store.aside = store.settle()?;
        }
        Ok(store)
    }

    /// A store that nobody else changes while it is open, and that is much faster for it. Others may open the
    /// file all the same, to read.
    ///
    /// # Errors
    /// When somebody else has one of the same file, or the file cannot be read or written.
    pub fn alone(mut self) -> Result<JournaledStore, Error> {
        let lock = Lock::alone(&self.path)?;
        let aside = self.settle()?;
        self.aside.extend(aside);
        JournaledStore::over(self, lock, journaled::LIMITS)
    }

    fn failure(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |error| failure(&self.path, doing, &error)
    }

    fn broken(&self, doing: &'static str) -> impl Fn(io::Error) -> Error + '_ {
        move |error| Error::Backend {
            doing,
            place: place(&self.path),
            reason: error.to_string(),
        }
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there may be commits that are not in the tables.
    fn is_pending(&self) -> Result<bool, Error> {
        journal::pending(&self.path).map_err(self.broken("opening"))
    }

    /// What of these files the tables lack that a connection sees.
    fn following(
        &self,
        logs: Vec<journal::Log>,
        connection: &Connection,
    ) -> Result<(u64, Followed), Error> {
        let named = rows::journal(connection).and_then(|name| Ok((name, latest(connection)?)));
        let (name, latest) = named.map_err(self.failure("reading"))?;
        // Without a name there is nothing that is theirs.
        let followed = journal::follow(logs, name.as_ref(), latest)?;
        Ok((latest, followed))
    }

    /// Puts the commits that are outside of the tables into them. Whoever calls has the lock alone. Returns the
    /// files that were set aside, because not everything in them is believed.
    fn settle(&self) -> Result<Vec<PathBuf>, Error> {
        if !self.is_pending()? {
            return Ok(Vec::new());
        }
        let logs = journal::read(&self.path)?;
        let files: Vec<PathBuf> = logs.iter().map(|log| log.path.clone()).collect();
        let (_, followed) = self.following(logs, &self.writer())?;
        let doubtful = followed.doubtful;
        let layer: Layer = followed.batches.into_iter().collect();
        self.apply(&layer)?;
        let done = || {
            let aside = doubtful
                .iter()
                .map(|file| journal::set_aside(&self.path, file));
            let aside = aside.collect::<io::Result<Vec<_>>>()?;
            journal::forget(files.iter().filter(|file| !doubtful.contains(file)))?;
            journal::flush(&self.path)?;
            Ok(aside)
        };
        done().map_err(self.broken("writing to"))
    }

    /// Makes the rows of the tables what they are in a layer, on the disk.
    fn apply(&self, layer: &Layer) -> Result<(), Error> {
        if layer.last() == 0 {
            return Ok(());
        }
        let mut writer = self.writer();
        let apply = |connection: &mut Connection| {
            // Whatever is lost later, what is before it is not.
            connection.pragma_update(None, "synchronous", "FULL")?;
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (id, stored) in layer.newest() {
                let (kind, key) = kept::parts(id);
                match stored {
                    Some(stored) => {
                        let text = String::from_utf8_lossy(&stored.json);
                        put(&tx, &kind, key, (stored.version, stored.revision, &text))?;
                    }
                    None => delete(&tx, &kind, key).map(drop)?,
                }
            }
            for (kind, revision) in layer.marks() {
                mark(&tx, kind, revision)?;
            }
            tx.commit()
        };
        let applied = apply(&mut writer);
        // Should this fail, every commit is flushed.
        drop(writer.pragma_update(None, "synchronous", synchronous(self.durability)));
        applied.map_err(self.failure("writing to"))
    }

    /// Puts SQLite's log into its places. Should somebody read what stands in the way all the time, it is left to the
    /// next time.
    fn checkpoint(&self) {
        let writer = self.writer();
        for _ in 0..CHECKPOINTS {
            let put = writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |row| {
                let (logged, put): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok(logged == put)
            });
            if !matches!(put, Ok(false)) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Store for SqliteStore {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        // Before the tables: what is put there meanwhile is found in both.
        let logs = match self.is_pending()? {
            true => journal::read(&self.path)?,
            false => Vec::new(),
        };
        let mut read = SqliteRead {
            store: self,
            at: 0,
            layer: Layer::default(),
            connection: Some(self.readers.snapshot()?),
        };
        let (at, followed) = match logs.is_empty() {
            true => (0, Followed::default()),
            false => self.following(logs, read.connection()?)?,
        };
        read.layer = followed.batches.into_iter().collect();
        read.at = read.layer.last().max(at);
        Ok(Box::new(read))
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        let mut lock = Lock::shared(&self.path)?;
        while self.is_pending()? {
            drop(lock);
            let alone = Lock::alone(&self.path)?;
            self.settle()?;
            drop(alone);
            lock = Lock::shared(&self.path)?;
        }
        let connection = self.writer();
        connection
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut begin| begin.execute(()))
            .map_err(self.failure("beginning to write"))?;
        let mut tx = SqliteWrite {
            store: self,
            connection,
            at: 0,
            marked: BTreeSet::new(),
            _lock: lock,
        };
        tx.at = latest(&tx.connection).map_err(self.failure("beginning to write"))?;
        Ok(Box::new(tx))
    }
}

struct SqliteRead<'a> {
    store: &'a SqliteStore,
    /// The commit as of which it sees what is changed in `layer`.
    at: u64,
    /// What is not in the tables.
    layer: Layer,
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

    fn view(&self) -> Result<View<'_>, Error> {
        Ok(View {
            store: self.store,
            connection: self.connection()?,
            layer: &self.layer,
            at: self.at,
        })
    }
}

impl Drop for SqliteRead<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.store.readers.end(connection);
        }
    }
}

impl Read for SqliteRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.view()?.get(kind, key)
    }

    fn scan_bytes(&self, kind: &str, range: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.view()?.scan(kind, range)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.view()?.last_change(kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        self.view()?.kinds()
    }
}

struct SqliteWrite<'a> {
    store: &'a SqliteStore,
    connection: MutexGuard<'a, Connection>,
    /// The commit as of which it began.
    at: u64,
    /// The kinds of what it changed.
    marked: BTreeSet<String>,
    /// Nobody else has the file for himself.
    _lock: Lock,
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

impl Read for SqliteWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        get(self.store, &self.connection, kind, key)
    }

    fn scan_bytes(&self, kind: &str, wanted: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        let range = wanted.range();
        let limit = range.limit;
        let found = scan(self.store, &self.connection, kind, (&range, limit))?;
        keyed(kind, found)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        last_change(self.store, &self.connection, kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        kinds(self.store, &self.connection)
    }
}

impl SqliteWrite<'_> {
    /// The number that the commit will have.
    fn revision(&self) -> u64 {
        self.at.saturating_add(1)
    }

    /// Notes that a record of a kind was changed.
    fn mark(&mut self, kind: &str) -> rusqlite::Result<()> {
        if !self.marked.contains(kind) {
            mark(&self.connection, kind, self.revision())?;
            self.marked.insert(kind.to_owned());
        }
        Ok(())
    }
}

/// JSON as the text that it is kept as.
fn text<'j>(kind: &str, key: &Key, json: &'j [u8]) -> Result<&'j str, Error> {
    str::from_utf8(json).map_err(|error| Error::malformed(kind, key, &error.to_string()))
}

impl Write for SqliteWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        let row = (version, self.revision(), text(kind, key, json)?);
        self.mark(kind)
            .and_then(|()| put(&self.connection, kind, key.as_bytes(), row))
            .map_err(self.store.failure("writing to"))
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        delete(&self.connection, kind, key.as_bytes())
            .and_then(|deleted| {
                if deleted {
                    self.mark(kind)?;
                }
                Ok(deleted)
            })
            .map_err(self.store.failure("writing to"))
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()))
            .map(drop)
            .map_err(self.store.failure("committing to"))
    }
}

/// Opens a file that only its owner reads, and makes it where there is none.
fn create_private(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Error::Backend {
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

fn synchronous(durability: Durability) -> &'static str {
    match durability {
        Durability::PowerLoss => "FULL",
        Durability::ProcessEnd => "NORMAL",
    }
}

fn configure(path: &Path, connection: &Connection, durability: Durability) -> Result<(), Error> {
    connection.set_prepared_statement_cache_capacity(32);
    // Otherwise a range is planned anew for every value that bounds it.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .and_then(|_| connection.pragma_update(None, "journal_mode", "WAL"))
        .and_then(|()| connection.pragma_update(None, "synchronous", synchronous(durability)))
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

//! A store in a PostgreSQL database, which several nodes can share.
//!
//! A read transaction is one snapshot (`REPEATABLE READ READ ONLY`) of the primary, so it sees
//! everything that any node has committed before. A write transaction first locks the table
//! `writer`, and only then takes its snapshot: writers of all nodes run one after the other, and
//! none of them can be refused for a conflict.

mod connection;
mod options;
mod pool;
mod schema;
mod tls;

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use connection::{Connection, Lost};
use pool::{Pool, Pooled};

pub use options::PostgresOptions;

use crate::key::keyed;
use crate::{Error, Key, Read, Scan, Store, Stored, Write};

/// How long it is tried to learn what became of a commit whose answer did not come.
const COMMIT_DOUBT: Duration = Duration::from_secs(10);
/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(200);

const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";
/// A node that is gone must not hold up the writers of the others for long.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ;
    SET LOCAL idle_in_transaction_session_timeout = '30s'; LOCK TABLE writer IN EXCLUSIVE MODE";

/// A store in a PostgreSQL database.
///
/// A commit that returned `Ok` is as durable as the database makes it (`synchronous_commit`).
/// Connections that break are replaced; what was under way on them fails.
#[derive(Debug)]
pub struct PostgresStore {
    pool: Arc<Pool>,
    writer: Mutex<Option<Connection>>,
}

impl PostgresStore {
    /// Connects, and prepares the database when it holds no store.
    ///
    /// # Errors
    /// When the options make no sense, the database cannot be reached, is not the primary, or holds
    /// a store that a newer program wrote.
    pub fn open(options: &PostgresOptions) -> Result<PostgresStore, Error> {
        let pool = Arc::new(Pool::new(options)?);
        let mut connection = pool.connect_bare()?;
        schema::prepare(pool.connector(), &mut connection)?;
        Ok(PostgresStore {
            pool,
            writer: Mutex::new(None),
        })
    }

    fn failure(&self, doing: &'static str) -> impl Fn(Lost) -> Error + '_ {
        move |lost| lost.into_error(doing, self.pool.place())
    }

    /// What became of a commit whose answer did not come.
    fn settle(&self, transaction: &str, lost: &Lost) -> Result<(), Error> {
        let begun = Instant::now();
        while begun.elapsed() < COMMIT_DOUBT {
            let status = self
                .pool
                .connect()
                .and_then(|connection| {
                    let status = connection.transaction_status(transaction);
                    status.map_err(self.failure("committing to"))
                })
                .ok()
                .flatten();
            match status.as_deref() {
                Some("committed") => return Ok(()),
                Some("aborted") => break,
                _ => std::thread::sleep(PAUSE),
            }
        }
        Err(self.failure("committing to")(lost.clone()))
    }
}

impl Store for PostgresStore {
    fn waits(&self) -> bool {
        true
    }

    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        loop {
            let connection = Pool::take(&self.pool)?;
            match connection.batch(BEGIN_READ) {
                Ok(()) => {
                    return Ok(Box::new(PostgresRead {
                        store: self,
                        connection,
                    }));
                }
                // It may have broken while it was idle, and the others with it.
                Err(lost) if lost.is_broken() && connection.was_idle() => self.pool.forget_idle(),
                Err(lost) => return Err(self.failure("beginning to read")(lost)),
            }
        }
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = loop {
            let (connection, fresh) = match writer.take() {
                Some(connection) => (connection, false),
                None => (self.pool.connect()?, true),
            };
            let begun = connection
                .batch(BEGIN_WRITE)
                .and_then(|()| connection.latest());
            match begun {
                Ok(latest) => {
                    *writer = Some(connection);
                    break latest;
                }
                Err(lost) if lost.is_broken() && !fresh => {}
                Err(lost) => {
                    // It is not used again, so nothing remains of what was begun.
                    drop(connection);
                    return Err(self.failure("beginning to write")(lost));
                }
            }
        };
        Ok(Box::new(PostgresWrite {
            store: self,
            writer,
            revision: latest + 1,
            transaction: None,
            failed: RefCell::new(None),
        }))
    }
}

struct PostgresRead<'a> {
    store: &'a PostgresStore,
    /// Ends its transaction and goes back to the pool when it is dropped.
    connection: Pooled,
}

impl Read for PostgresRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        let got = self.connection.get(kind, key.as_bytes());
        got.map_err(self.store.failure("reading"))
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        let rows = self.connection.scan(kind, scan);
        keyed(kind, rows.map_err(self.store.failure("reading"))?)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        let last = self.connection.last_change(kind);
        last.map_err(self.store.failure("reading"))
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        let kinds = self.connection.kinds();
        kinds.map_err(self.store.failure("reading"))
    }
}

struct PostgresWrite<'a> {
    store: &'a PostgresStore,
    /// Holds a connection until it turns out to be broken.
    writer: MutexGuard<'a, Option<Connection>>,
    /// The number that the commit will have.
    revision: i64,
    /// The database's name for the transaction, known as soon as it has changed something.
    transaction: Option<String>,
    /// The first failure. The database undoes a transaction that a statement failed in, and answers
    /// its `COMMIT` as if nothing was wrong.
    failed: RefCell<Option<Lost>>,
}

impl PostgresWrite<'_> {
    fn ask<T>(
        &self,
        doing: &'static str,
        question: impl FnOnce(&Connection) -> Result<T, Lost>,
    ) -> Result<T, Error> {
        let refuse = self.store.failure(doing);
        if let Some(lost) = &*self.failed.borrow() {
            return Err(refuse(lost.clone()));
        }
        let answer = match &*self.writer {
            Some(connection) => question(connection),
            None => Err(Lost::ended()),
        };
        answer.map_err(|lost| {
            *self.failed.borrow_mut() = Some(lost.clone());
            refuse(lost)
        })
    }
}

impl Drop for PostgresWrite<'_> {
    fn drop(&mut self) {
        // A connection that cannot undo is dropped, and the database undoes.
        if let Some(connection) = self.writer.take()
            && connection.batch("ROLLBACK").is_ok()
        {
            *self.writer = Some(connection);
        }
    }
}

impl Read for PostgresWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.ask("reading", |connection| connection.get(kind, key.as_bytes()))
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        let rows = self.ask("reading", |connection| connection.scan(kind, scan));
        keyed(kind, rows?)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.ask("reading", |connection| connection.last_change(kind))
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        self.ask("reading", Connection::kinds)
    }
}

impl Write for PostgresWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        let text = str::from_utf8(json)
            .map_err(|error| Error::malformed(kind, key, &error.to_string()))?;
        let put = self.ask("writing to", |connection| {
            connection.put(kind, key.as_bytes(), version, self.revision, text)
        });
        self.transaction = Some(put?);
        Ok(())
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        let deleted = self.ask("writing to", |connection| {
            connection.delete(kind, key.as_bytes(), self.revision)
        });
        let (existed, transaction) = deleted?;
        self.transaction = Some(transaction);
        Ok(existed)
    }

    fn commit(mut self: Box<Self>) -> Result<(), Error> {
        let done = self.ask("committing to", |connection| connection.batch("COMMIT"));
        let Err(error) = done else {
            return Ok(());
        };
        let lost = self.failed.borrow().clone();
        match (lost, self.transaction.take()) {
            (Some(lost), Some(transaction)) if lost.is_broken() => {
                // Only then can the database say what became of it.
                *self.writer = None;
                self.store.settle(&transaction, &lost)
            }
            _ => Err(error),
        }
    }
}

//! Connections that read the tables.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::{configure, failure, open, roll_back};
use crate::{Durability, Error};

/// Connections kept open. More are opened when more read at once.
const IDLE: usize = 8;

/// The connections of a store's readers.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    durability: Durability,
    idle: Mutex<Vec<Reader>>,
    /// How often the tables were changed, or moved in their files.
    turn: AtomicU64,
}

/// A connection.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// The turn in which its transaction began; `None` when it is in none.
    since: Option<u64>,
}

impl Reader {
    /// Ends its transaction. Whether it can be used again.
    fn end(&mut self) -> bool {
        self.since = None;
        self.connection.is_autocommit() || roll_back(&self.connection)
    }
}

impl Pool {
    pub(super) fn new(path: &Path, durability: Durability) -> Self {
        Self {
            path: path.to_owned(),
            durability,
            idle: Mutex::default(),
            turn: AtomicU64::new(0),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Reader, Error> {
        if let Some(reader) = self.idle().pop() {
            return Ok(reader);
        }
        self.opened()
    }

    fn opened(&self) -> Result<Reader, Error> {
        let connection = open(&self.path)?;
        configure(&self.path, &connection, self.durability)?;
        Ok(Reader {
            connection,
            since: None,
        })
    }

    /// The reader in a transaction that begins now, or another where it cannot be used again.
    fn begun(&self, mut reader: Reader) -> Result<Reader, Error> {
        if !reader.end() {
            drop(reader);
            reader = self.opened()?;
        }
        self.begin(&reader.connection)?;
        Ok(reader)
    }

    fn give_back(&self, mut reader: Reader) {
        let current = Some(self.turn.load(Ordering::SeqCst));
        if reader.since == current || reader.end() {
            let mut idle = self.idle();
            if idle.len() < IDLE {
                idle.push(reader);
            }
        }
    }

    /// A connection in a transaction that begins now.
    pub(super) fn snapshot(&self) -> Result<Connection, Error> {
        Ok(self.begun(self.take()?)?.connection)
    }

    /// Takes a connection back from whoever took a snapshot.
    pub(super) fn end(&self, connection: Connection) {
        self.give_back(Reader {
            connection,
            since: None,
        });
    }

    fn begin(&self, connection: &Connection) -> Result<(), Error> {
        // SQLite takes the snapshot at the first read, so read something: what stands in the first page.
        connection
            .prepare_cached("BEGIN DEFERRED")
            .and_then(|mut begin| begin.execute(()))
            .and_then(|_| connection.prepare_cached("PRAGMA user_version"))
            .and_then(|mut any| any.exists(()))
            .map(drop)
            .map_err(|error| failure(&self.path, "beginning to read", &error))
    }

    /// Looks into the tables, as they are since the latest [renewal](Pool::renew) or later. A transaction is gone
    /// on with for as long, which spares its locks.
    pub(super) fn look<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let turn = self.turn.load(Ordering::SeqCst);
        let mut reader = self.take()?;
        if reader.since != Some(turn) {
            reader = self.begun(reader)?;
            reader.since = Some(turn);
        }
        // Should it fail, the connection is not used again.
        let found = look(&reader.connection)?;
        self.give_back(reader);
        Ok(found)
    }

    /// Whoever looks from now on sees the tables as they are by now, and nobody who does not look holds up what
    /// is behind in the log.
    pub(super) fn renew(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
        let mut idle = std::mem::take(&mut *self.idle());
        idle.retain_mut(Reader::end);
        let mut kept = self.idle();
        kept.extend(idle);
        kept.truncate(IDLE);
    }
}

//! The connections of read transactions.

use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::{Bare, Connection, Driver, Lost};
use super::options::{Connector, PostgresOptions};
use crate::Error;

/// How long to wait for a connection when all are taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to one database.
#[derive(Debug)]
pub(super) struct Pool {
    driver: Arc<Driver>,
    connector: Connector,
    limit: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    /// Connections that are taken or idle.
    open: usize,
}

impl Pool {
    pub(super) fn new(options: &PostgresOptions) -> Result<Pool, Error> {
        let connector = Connector::new(options)?;
        let driver = Driver::start().map_err(|error| Error::Backend {
            doing: "opening",
            place: connector.place().to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Pool {
            driver: Arc::new(driver),
            connector,
            limit: options.connections.max(1),
            state: Mutex::default(),
            returned: Condvar::new(),
        })
    }

    /// The database, for people.
    pub(super) fn place(&self) -> &str {
        self.connector.place()
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A new connection outside of the pool, to a database that may not be prepared.
    pub(super) fn connect_bare(&self) -> Result<Bare, Error> {
        self.connector
            .connect(&self.driver)
            .map_err(|lost| self.refuse(lost))
    }

    /// A new connection outside of the pool.
    pub(super) fn connect(&self) -> Result<Connection, Error> {
        Connection::new(self.connect_bare()?).map_err(|lost| self.refuse(lost))
    }

    fn refuse(&self, lost: Lost) -> Error {
        lost.into_error("connecting to", self.place())
    }

    /// An idle connection or a new one; waits when there are as many as there may be.
    pub(super) fn take(pool: &Arc<Pool>) -> Result<Pooled, Error> {
        let begun = Instant::now();
        let mut state = pool.state();
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(Pooled::new(pool, connection, true));
            }
            if state.open < pool.limit {
                state.open += 1;
                break;
            }
            let rest = PATIENCE.saturating_sub(begun.elapsed());
            if rest.is_zero() {
                return Err(Error::Busy {
                    place: pool.place().to_owned(),
                });
            }
            state = pool
                .returned
                .wait_timeout(state, rest)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(state, _)| state);
        }
        drop(state);
        pool.connect()
            .inspect_err(|_| pool.give_up())
            .map(|connection| Pooled::new(pool, connection, false))
    }

    /// Forgets the idle connections, which are presumably broken.
    pub(super) fn forget_idle(&self) {
        let forgotten = {
            let mut state = self.state();
            let forgotten = std::mem::take(&mut state.idle);
            state.open = state.open.saturating_sub(forgotten.len());
            forgotten
        };
        drop(forgotten);
        self.returned.notify_all();
    }

    fn give_back(&self, connection: Connection) {
        self.state().idle.push(connection);
        self.returned.notify_one();
    }

    fn give_up(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.returned.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that ends its transaction and goes back when it is dropped.
pub(super) struct Pooled {
    pool: Arc<Pool>,
    connection: Connection,
    was_idle: bool,
}

impl Pooled {
    fn new(pool: &Arc<Pool>, connection: Connection, was_idle: bool) -> Pooled {
        Pooled {
            pool: Arc::clone(pool),
            connection,
            was_idle,
        }
    }

    /// Whether it was used before, so that it may have broken since.
    pub(super) fn was_idle(&self) -> bool {
        self.was_idle
    }
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        // Nobody needs to wait for the end of what only read.
        let (pool, connection) = (Arc::downgrade(&self.pool), self.connection.clone());
        self.connection.batch_later("ROLLBACK", move |worked| {
            if let Some(pool) = pool.upgrade() {
                if worked {
                    pool.give_back(connection);
                } else {
                    pool.give_up();
                }
            }
        });
    }
}

//! One connection, asked by threads that wait for the answer.
//!
//! The connections of a store live on a thread of its own, so that whoever asks needs no runtime
//! and may stand inside one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row, Statement};

use crate::{Decoded, Error, Scan, Stored};

/// How long a statement may take, the waiting for another writer included.
const PATIENCE: Duration = Duration::from_secs(60);

/// The thread on which connections live.
pub(super) struct Driver {
    /// Present until the drop.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl Driver {
    pub(super) fn start() -> std::io::Result<Driver> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Driver {
            runtime: Some(runtime),
            handle,
        })
    }

    /// Lets a future run to its end, whoever waits for it.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(future));
    }

    /// Waits for an answer.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    ) -> Result<T, Lost> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, answer).await;
            // Whoever asked waits until it is sent.
            drop(sender.send(answer));
        });
        match receiver.recv() {
            Ok(Ok(answer)) => answer.map_err(|error| Lost::of(&error)),
            Ok(Err(_)) => Err(Lost {
                reason: format!("no answer within {} seconds", PATIENCE.as_secs()),
                kind: LostKind::Broken,
            }),
            Err(_) => Err(Lost::ended()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Waiting for the thread is not allowed where a runtime drives the one that drops this.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    reason: String,
    kind: LostKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LostKind {
    /// The database refused the statement.
    Refused,
    /// Another transaction was in the way for too long.
    Busy,
    /// The connection is of no more use; whether the statement was carried out is not known.
    Broken,
}

impl Lost {
    pub(super) fn of(error: &tokio_postgres::Error) -> Lost {
        let reason = match error.as_db_error() {
            Some(refused) => match refused.detail().or(refused.hint()) {
                Some(more) => format!("{} ({more})", refused.message()),
                None => refused.message().to_owned(),
            },
            None => with_causes(error),
        };
        let kind = match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE)
            | Some(&SqlState::T_R_SERIALIZATION_FAILURE)
            | Some(&SqlState::T_R_DEADLOCK_DETECTED) => LostKind::Busy,
            // Class 57: the operator intervened; 25P03: idle for too long.
            Some(state) if state.code().starts_with("57P") || state.code() == "25P03" => {
                LostKind::Broken
            }
            Some(_) => LostKind::Refused,
            None => LostKind::Broken,
        };
        Lost { reason, kind }
    }

    pub(super) fn ended() -> Lost {
        Lost {
            reason: "the connection has ended".to_owned(),
            kind: LostKind::Broken,
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.kind == LostKind::Broken
    }

    pub(super) fn into_error(self, doing: &'static str, place: &str) -> Error {
        let place = place.to_owned();
        match self.kind {
            LostKind::Busy => Error::Busy { place },
            LostKind::Refused | LostKind::Broken => Error::Backend {
                doing,
                place,
                reason: self.reason,
            },
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

/// A connection on which nothing but the schema need be there.
#[derive(Debug, Clone)]
pub(super) struct Bare {
    pub(super) driver: Arc<Driver>,
    pub(super) client: Arc<Client>,
}

impl Bare {
    /// Runs statements without parameters.
    pub(super) fn batch(&self, sql: impl Into<String>) -> Result<(), Lost> {
        let (client, sql) = (Arc::clone(&self.client), sql.into());
        self.driver
            .wait(async move { client.batch_execute(&sql).await })
    }

    /// The first column of the first row of a query.
    pub(super) fn scalar(&self, sql: impl Into<String>) -> Result<Option<String>, Lost> {
        let (client, sql) = (Arc::clone(&self.client), sql.into());
        let row = self
            .driver
            .wait(async move { client.query_opt(&sql, &[]).await })?;
        row.map(|row| column(&row, 0)).transpose()
    }
}

/// A connection with its statements.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    bare: Bare,
    statements: Arc<Statements>,
}

#[derive(Debug)]
struct Statements {
    get: Statement,
    ascending: Statement,
    descending: Statement,
    last_change: Statement,
    latest: Statement,
    kinds: Statement,
    put: Statement,
    delete: Statement,
}

const GET: &str = "SELECT version, revision, json FROM record WHERE kind = $1 AND key = $2";
const ASCENDING: &str = "SELECT version, revision, json, key FROM record
    WHERE kind = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4";
const DESCENDING: &str = "SELECT version, revision, json, key FROM record
    WHERE kind = $1 AND key >= $2 AND key < $3 ORDER BY key DESC LIMIT $4";
const LAST_CHANGE: &str = "SELECT revision FROM change WHERE kind = $1";
const LATEST: &str = "SELECT coalesce(max(revision), 0)::int8 FROM change";
const KINDS: &str = "SELECT kind FROM change ORDER BY kind";
const PUT: &str = "WITH mark AS (INSERT INTO change (kind, revision) VALUES ($1, $4)
        ON CONFLICT (kind) DO UPDATE SET revision = $4 WHERE change.revision <> $4)
    INSERT INTO record (kind, key, version, revision, json) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (kind, key) DO UPDATE SET version = $3, revision = $4, json = $5
    RETURNING pg_current_xact_id()::text";
const DELETE: &str =
    "WITH gone AS (DELETE FROM record WHERE kind = $1 AND key = $2 RETURNING kind),
    mark AS (INSERT INTO change (kind, revision) SELECT kind, $3 FROM gone
        ON CONFLICT (kind) DO UPDATE SET revision = $3 WHERE change.revision <> $3)
    SELECT pg_current_xact_id()::text, count(*) FROM gone";

impl Connection {
    /// Prepares the statements.
    pub(super) fn new(bare: Bare) -> Result<Connection, Lost> {
        let client = Arc::clone(&bare.client);
        let statements = bare.driver.wait(async move {
            let (get, ascending, descending, last_change, latest, kinds, put, delete) = tokio::try_join!(
                client.prepare(GET),
                client.prepare(ASCENDING),
                client.prepare(DESCENDING),
                client.prepare(LAST_CHANGE),
                client.prepare(LATEST),
                client.prepare(KINDS),
                client.prepare(PUT),
                client.prepare(DELETE),
            )?;
            Ok(Statements {
                get,
                ascending,
                descending,
                last_change,
                latest,
                kinds,
                put,
                delete,
            })
        })?;
        Ok(Connection {
            bare,
            statements: Arc::new(statements),
        })
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&self, sql: &'static str) -> Result<(), Lost> {
        self.bare.batch(sql)
    }

    /// Runs a statement whenever there is time, then `done` with whether it worked.
    pub(super) fn batch_later(&self, sql: &'static str, done: impl FnOnce(bool) + Send + 'static) {
        let client = Arc::clone(&self.bare.client);
        self.bare.driver.spawn(async move {
            let ran = tokio::time::timeout(PATIENCE, client.batch_execute(sql)).await;
            done(matches!(ran, Ok(Ok(()))));
        });
    }

    pub(super) fn get(&self, kind: &str, key: &[u8]) -> Result<Option<Stored>, Lost> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        let (client, statements) = self.parts();
        let row = self
            .bare
            .driver
            .wait(async move { client.query_opt(&statements.get, &[&kind, &key]).await })?;
        row.map(|row| stored(&row)).transpose()
    }

    pub(super) fn scan(&self, kind: &str, scan: &Scan) -> Result<Vec<(Vec<u8>, Stored)>, Lost> {
        let (kind, range) = (kind.to_owned(), scan.range());
        let (client, statements) = self.parts();
        let rows = self.bare.driver.wait(async move {
            // No key is a single `FF`, nor greater: encoded keys begin with UTF-8 or with `00`.
            let upper = range.upper.unwrap_or_else(|| vec![0xFF]);
            let limit = i64::try_from(range.limit).unwrap_or(i64::MAX);
            let statement = if range.descending {
                &statements.descending
            } else {
                &statements.ascending
            };
            client
                .query(statement, &[&kind, &range.lower, &upper, &limit])
                .await
        })?;
        rows.iter()
            .map(|row| Ok((column(row, 3)?, stored(row)?)))
            .collect()
    }

    pub(super) fn last_change(&self, kind: &str) -> Result<u64, Lost> {
        let kind = kind.to_owned();
        let (client, statements) = self.parts();
        let row = self
            .bare
            .driver
            .wait(async move { client.query_opt(&statements.last_change, &[&kind]).await })?;
        let revision: i64 = row.map_or(Ok(0), |row| column(&row, 0))?;
        Ok(u64::try_from(revision).unwrap_or(0))
    }

    /// The number of the latest commit.
    pub(super) fn latest(&self) -> Result<i64, Lost> {
        let (client, statements) = self.parts();
        let row = self
            .bare
            .driver
            .wait(async move { client.query_one(&statements.latest, &[]).await })?;
        column(&row, 0)
    }

    pub(super) fn kinds(&self) -> Result<Vec<String>, Lost> {
        let (client, statements) = self.parts();
        let rows = self
            .bare
            .driver
            .wait(async move { client.query(&statements.kinds, &[]).await })?;
        rows.iter().map(|row| column(row, 0)).collect()
    }

    /// Stores a record and returns the transaction's name.
    pub(super) fn put(
        &self,
        kind: &str,
        key: &[u8],
        version: u32,
        revision: i64,
        json: &str,
    ) -> Result<String, Lost> {
        let (kind, key, json) = (kind.to_owned(), key.to_owned(), json.to_owned());
        let (client, statements) = self.parts();
        let row = self.bare.driver.wait(async move {
            let version = i64::from(version);
            client
                .query_one(&statements.put, &[&kind, &key, &version, &revision, &json])
                .await
        })?;
        column(&row, 0)
    }

    /// Removes a record; returns whether there was one, and the transaction's name.
    pub(super) fn delete(
        &self,
        kind: &str,
        key: &[u8],
        revision: i64,
    ) -> Result<(bool, String), Lost> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        let (client, statements) = self.parts();
        let row = self.bare.driver.wait(async move {
            client
                .query_one(&statements.delete, &[&kind, &key, &revision])
                .await
        })?;
        let count: i64 = column(&row, 1)?;
        Ok((count > 0, column(&row, 0)?))
    }

    /// What became of a transaction: `committed`, `aborted` or `in progress`.
    pub(super) fn transaction_status(&self, transaction: &str) -> Result<Option<String>, Lost> {
        let transaction = transaction.to_owned();
        let (client, _) = self.parts();
        let row = self.bare.driver.wait(async move {
            let sql = "SELECT pg_xact_status($1::text::xid8)";
            client.query_one(sql, &[&transaction]).await
        })?;
        column(&row, 0)
    }

    fn parts(&self) -> (Arc<Client>, Arc<Statements>) {
        (Arc::clone(&self.bare.client), Arc::clone(&self.statements))
    }
}

fn column<'r, T: tokio_postgres::types::FromSql<'r>>(
    row: &'r Row,
    index: usize,
) -> Result<T, Lost> {
    row.try_get(index).map_err(|error| Lost::of(&error))
}

fn stored(row: &Row) -> Result<Stored, Lost> {
    let (version, revision): (i64, i64) = (column(row, 0)?, column(row, 1)?);
    let json: &str = column(row, 2)?;
    Ok(Stored {
        version: u32::try_from(version).unwrap_or(u32::MAX),
        revision: u64::try_from(revision).unwrap_or(0),
        json: Arc::from(json.as_bytes()),
        decoded: Decoded::default(),
    })
}

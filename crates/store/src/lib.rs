//! State of the platform: typed, versioned records in small transactions.
//!
//! A record lives under a *kind* (what a relational database calls a table) and a [`Key`], a tuple
//! of strings such as account, region and name. Its value is any serde type that implements
//! [`Record`], stored as JSON together with the version of its format.
//!
//! [`Store`] is the one trait: [`MemoryStore`] forgets everything, [`SqliteStore`] is a single
//! file, [`JournaledStore`] the same for a process that has it to itself, [`PostgresStore`] a database
//! that several nodes share. All give the same guarantees, and the same conformance suite holds them to it:
//!
//! - A write transaction is all or nothing. Dropped without a commit it leaves no trace.
//! - Writers run one after the other. Readers never wait for them, nor they for readers: a read
//!   transaction sees the state at its beginning, whatever is committed meanwhile.
//! - A commit that returned `Ok` is durable to the degree the store promises.
//!
//! Everything is synchronous, and a transaction is not `Send`: it cannot be held across an
//! `await`. Keep them short, and never begin a write transaction while the same thread holds one.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use store::{Error, Key, MemoryStore, Record, Scan, Store};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Role { path: String }
//! impl Record for Role {
//!     const KIND: &'static str = "iam-role";
//!     const VERSION: u32 = 1;
//! }
//!
//! let store: &dyn Store = &MemoryStore::new();
//! let key = Key::new(["123456789012", "Studio"]);
//! store.write(|tx| tx.put(&key, &Role { path: "/".into() }))?;
//! let roles = store.read(|tx| tx.scan::<Role>(&Scan::under(&Key::new(["123456789012"]))))?;
//! assert_eq!(roles.len(), 1);
//! # Ok::<(), Error>(())
//! ```

mod error;
mod faulty;
mod format;
mod key;
mod memory;
mod postgres;
mod record;
mod scan;
mod sqlite;

pub use error::Error;
pub use faulty::{Faults, Faulty, Operation};
pub use format::Format;
pub use key::Key;
pub use memory::MemoryStore;
pub use postgres::{PostgresOptions, PostgresStore};
pub use record::{Entry, Record};
pub use scan::Scan;
pub use sqlite::{Durability, JournaledStore, SqliteStore};

use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Where records are kept.
///
/// The trait is object-safe; the convenient, typed half is on `dyn Store` ([`read`](#method.read),
/// [`write`](#method.write)), `dyn Read` and `dyn Write`.
pub trait Store: Send + Sync {
    /// Begins a transaction that sees the state as of now.
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error>;

    /// Begins the transaction that may change the state, waiting for the one before it to end.
    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error>;

    /// Whether reading waits for more than memory and the operating system, such as a network.
    fn waits(&self) -> bool {
        false
    }
}

/// What both kinds of transaction can do. Values are untyped here; see the methods of `dyn Read`.
pub trait Read {
    /// The record under `key`, if there is one.
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error>;

    /// The records that `scan` selects, in its order.
    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error>;

    /// The number of the latest commit that put, inserted or deleted a record of `kind`, as far as
    /// this transaction sees it; 0 when none ever did.
    ///
    /// What was computed from records of a kind is still true while this number is the same.
    fn last_change(&self, kind: &str) -> Result<u64, Error>;

    /// Every kind of which there is, or once was, a record, in order.
    fn kinds(&self) -> Result<Vec<String>, Error>;

    /// The number of the latest commit that it sees, where that is known and it has changed nothing itself:
    /// transactions of one store with the same number see the same state.
    fn as_of(&self) -> Option<u64> {
        None
    }
}

/// A transaction that may change the state. It sees its own changes. Dropping it undoes them.
pub trait Write: Read {
    /// Stores a record, replacing what was there.
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error>;

    /// Removes a record. Returns whether there was one.
    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error>;

    /// Makes the changes permanent and visible to the transactions that begin afterwards.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The version of the format of `json`, a [`Record::VERSION`].
    pub version: u32,
    /// The number of the commit that wrote it. Within a transaction that wrote it: the number its
    /// commit will have. Numbers only grow, so an equal number means an unchanged record.
    pub revision: u64,
    /// The value.
    pub json: Arc<[u8]>,
    /// The value as it was read, once somebody did.
    pub decoded: Decoded,
}

/// The decoded form of a record, for everyone who holds the same record.
#[derive(Debug, Clone, Default)]
pub struct Decoded(Arc<OnceLock<Arc<dyn Any + Send + Sync>>>);

impl Decoded {
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.0.get()?).downcast().ok()
    }

    pub(crate) fn keep<T: Send + Sync + 'static>(&self, value: &Arc<T>) {
        // Whoever was faster kept the same.
        drop(self.0.set(Arc::clone(value) as _));
    }
}

/// It follows from the rest of a record.
impl PartialEq for Decoded {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Decoded {}

impl dyn Store + '_ {
    /// Runs `body` in a read transaction.
    ///
    /// # Errors
    /// What `body` returns, or the store's own error.
    pub fn read<T, E: From<Error>>(
        &self,
        body: impl FnOnce(&dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = self.begin_read()?;
        body(&*tx)
    }

    /// Runs `body` in a write transaction: commits when it returns `Ok`, rolls back otherwise.
    ///
    /// # Errors
    /// What `body` returns, or the store's own error; in both cases nothing was changed.
    pub fn write<T, E: From<Error>>(
        &self,
        body: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.begin_write()?;
        let out = body(&mut *tx)?;
        tx.commit()?;
        Ok(out)
    }
}

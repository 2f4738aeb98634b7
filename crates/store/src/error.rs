//! What can go wrong with a store.

use std::fmt;

use crate::Key;

/// Why a store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The store was prepared by a newer program.
    NewerFile {
        /// The store.
        place: String,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The file exists and is not a store.
    NotAStore {
        /// The file.
        place: String,
    },
    /// The record was written by a newer program.
    NewerRecord {
        /// The record's kind.
        kind: String,
        /// The record's key.
        key: Key,
        /// Its version.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The record has a version that this program no longer, or never, knew.
    UnknownVersion {
        /// The record's kind.
        kind: String,
        /// The record's key.
        key: Key,
        /// Its version.
        found: u32,
    },
    /// What is stored cannot be understood, or a value could not be written as JSON.
    Malformed {
        /// The record's kind.
        kind: String,
        /// The record's key.
        key: Key,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else kept the store locked for too long.
    Busy {
        /// The store.
        place: String,
    },
    /// The database or the file system failed.
    Backend {
        /// What was being done.
        doing: &'static str,
        /// The store.
        place: String,
        /// What it answered.
        reason: String,
    },
}

impl Error {
    /// What is kept under a key cannot be understood.
    pub(crate) fn malformed(kind: &str, key: &Key, reason: &str) -> Self {
        Self::Malformed {
            kind: kind.to_owned(),
            key: key.clone(),
            reason: reason.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NewerFile {
                place,
                found,
                known,
            } => write!(
                f,
                "`{place}` has store format {found}, this program knows formats up to {known}: \
                 start the newer program, or restore a backup made by this one"
            ),
            Error::NotAStore { place } => write!(
                f,
                "`{place}` exists but is not a store of this program: name another file, or remove it"
            ),
            Error::NewerRecord {
                kind,
                key,
                found,
                known,
            } => write!(
                f,
                "`{kind}` record `{key}` has format version {found}, this program knows versions \
                 up to {known}: start the newer program"
            ),
            Error::UnknownVersion { kind, key, found } => write!(
                f,
                "`{kind}` record `{key}` has format version {found}, which this program does not \
                 read: start the program that wrote it once to bring it up to date"
            ),
            Error::Malformed { kind, key, reason } => {
                write!(f, "`{kind}` record `{key}` is malformed: {reason}")
            }
            Error::Busy { place } => write!(
                f,
                "`{place}` is locked by another process: stop it, or wait until it has finished"
            ),
            Error::Backend {
                doing,
                place,
                reason,
            } => {
                write!(f, "{doing} `{place}` failed: {reason}")
            }
        }
    }
}

impl std::error::Error for Error {}

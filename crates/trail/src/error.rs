//! What can go wrong with a log.

use std::fmt;
use std::path::PathBuf;

use crate::Position;

/// Why a log could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Another process writes to this log.
    InUse {
        /// The log's directory.
        path: PathBuf,
    },
    /// A file was written by a newer program.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// Records that had been acknowledged were altered, or cannot be read any more.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first record that does not fit.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// The file system failed. Nothing of what was submitted is in the log.
    Io {
        /// What was being done.
        doing: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// What it answered.
        reason: String,
    },
    /// The event cannot be written as JSON.
    Malformed {
        /// Why.
        reason: String,
    },
    /// The log has been closed.
    Closed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::InUse { path } => write!(
                f,
                "the trail in `{}` is being written by another process: stop it, or name another \
                 directory",
                path.display()
            ),
            Error::Newer { path, found, known } => write!(
                f,
                "`{}` has trail format {found}, this program knows formats up to {known}: start \
                 the newer program",
                path.display()
            ),
            Error::Damaged {
                path,
                position,
                reason,
            } => write!(
                f,
                "the trail is damaged at record {position} in `{}`: {reason}; keep the file as \
                 evidence, and move the directory away to go on with a new trail",
                path.display()
            ),
            Error::Io {
                doing,
                path,
                reason,
            } => {
                write!(f, "{doing} `{}` failed: {reason}", path.display())
            }
            Error::Malformed { reason } => write!(f, "the event cannot be recorded: {reason}"),
            Error::Closed => write!(f, "the trail is closed"),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Error {
        match never {}
    }
}

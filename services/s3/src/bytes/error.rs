//! Errors of the object store.

use platform::ApiError;
use std::fmt;

/// Why the object store cannot be used.
#[derive(Debug)]
pub enum BytesError {
    /// There is no such piece.
    Missing,
    /// The store failed.
    Failed(String),
}

impl std::error::Error for BytesError {}

impl fmt::Display for BytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the object store has no such piece"),
            Self::Failed(reason) => write!(f, "the object store failed: {reason}"),
        }
    }
}

impl From<BytesError> for ApiError {
    fn from(error: BytesError) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for BytesError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<object_store::Error> for BytesError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Failed(error.to_string()),
        }
    }
}

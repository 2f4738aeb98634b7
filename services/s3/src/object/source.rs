//! What is copied: an object, named in a header.

use platform::{ApiError, Call, Check, Fault};
use std::sync::Arc;
use store::Read;

use super::get::check_get;
use crate::condition::Preconditions;
use crate::encryption::DataKey;
use crate::record::{Bucket, Object};
use crate::versions::{self, Found};
use crate::{check, error};

/// The code of the error when a source changed while it was copied.
const CHANGED: &str = "OperationAborted";
/// How often a source is copied anew.
const ATTEMPTS: usize = 8;

/// What stands before the members that are about the source.
const PREFIX: &str = "CopySource";

/// What is copied.
pub(crate) struct Source {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl Source {
    /// Reads `x-amz-copy-source`: `BUCKET/KEY`, percent-encoded, perhaps with a version.
    ///
    /// # Errors
    /// When it is none, or there is no such bucket.
    pub(crate) fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        let text = call.text("CopySource")?;
        let wrong = || {
            let reason =
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
            error::invalid_argument("x-amz-copy-source", text, reason)
        };
        let (path, version) = match text.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (text, None),
        };
        let path = String::from_utf8(wire::uri::decode(path)).map_err(|_| wrong())?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').ok_or_else(wrong)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(wrong());
        }
        let bucket = check::source_bucket(call, bucket)?;
        Ok(Self {
            bucket,
            key: key.to_owned(),
            version,
        })
    }

    /// As policies know it: `BUCKET/KEY`.
    pub(crate) fn named(&self) -> String {
        format!("{}/{}", self.bucket.name, self.key)
    }

    /// What must be allowed for reading it.
    ///
    /// # Errors
    /// When the state fails.
    pub(crate) fn check(&self, call: &Call<'_>) -> Result<Check, ApiError> {
        check_get(call, &self.bucket, &self.key, self.version.as_deref())
    }

    /// The object as it is now, if it is as the input's preconditions want it.
    ///
    /// # Errors
    /// When there is none, or it is not.
    pub(crate) fn held(&self, call: &Call<'_>) -> Result<Arc<Object>, ApiError> {
        let store = call.platform().store();
        let version = self.version.as_deref();
        let found = store.read(|tx| versions::find(tx, &self.bucket, &self.key, version))?;
        let held = match found {
            Some(Found::Object(object)) => object,
            Some(Found::Marker(_)) => {
                return Err(error::invalid_request(
                    "The source of a copy request may not specifically refer to a delete marker by \
                     version id.",
                ));
            }
            None if version.is_some() => {
                let id = version.unwrap_or_default();
                return Err(check::missing_version(call, &self.bucket, &self.key, id));
            }
            Some(Found::CurrentMarker(_)) | None => {
                return Err(check::missing(call, &self.bucket, &self.key));
            }
        };
        held.encryption.unlock(call, PREFIX)?;
        let preconditions = Preconditions::read(call.input(), PREFIX);
        match preconditions.broken(&held.etag, held.modified) {
            None => Ok(held),
            // A copy has no `304 Not Modified`.
            Some(header) => Err(error::precondition(&format!("x-amz-copy-source-{header}"))),
        }
    }

    /// The key to read the object, as it was [held](Self::held).
    ///
    /// # Errors
    /// As [`Encryption::open`](crate::encryption::Encryption::open).
    pub(crate) fn key(&self, call: &Call<'_>, held: &Object) -> Result<Option<DataKey>, ApiError> {
        held.encryption.open(call, &self.bucket, PREFIX)
    }

    /// Whether the object is the same as of `tx`.
    ///
    /// # Errors
    /// When it is not; [`until_unchanged`] then tries again.
    pub(crate) fn is_still(&self, tx: &dyn Read, held: &Object) -> Result<(), ApiError> {
        let version = self.version.as_deref();
        let now = versions::object(tx, &self.bucket, &self.key, version)?;
        if now.as_deref() == Some(held) {
            return Ok(());
        }
        let text = "A conflicting conditional operation is currently in progress against this \
                    resource. Please try again.";
        Err(ApiError::new(CHANGED, 409, text))
    }
}

/// Copies anew, some times, what changed while it was copied.
///
/// # Errors
/// What `copy` returns.
pub(crate) fn until_unchanged<T>(copy: impl Fn() -> Result<T, ApiError>) -> Result<T, ApiError> {
    for _ in 0..ATTEMPTS {
        match copy() {
            Err(error) if matches!(error.fault(), Fault::Service { code: CHANGED, .. }) => {}
            copied => return copied,
        }
    }
    copy()
}

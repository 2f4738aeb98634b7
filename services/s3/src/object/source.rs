//! What is copied: an object, named in a header.

use platform::{ApiError, Call, Check, Fault};
use store::Read;

use super::get::check_get;
use super::put::find;
use crate::condition::Preconditions;
use crate::record::{Bucket, Object};
use crate::{check, error};

/// The code of the error when a source changed while it was copied.
const CHANGED: &str = "OperationAborted";
/// How often a source is copied anew.
const ATTEMPTS: usize = 8;

/// What is copied.
pub(crate) struct Source {
    pub(crate) bucket: Bucket,
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
    pub(crate) fn held(&self, call: &Call<'_>) -> Result<Object, ApiError> {
        if let Some(version) = self.version.as_deref().filter(|it| *it != "null") {
            return Err(error::no_such_version(&self.key, version));
        }
        let store = call.platform().store();
        let held = store.read(|tx| find(tx, &self.bucket, &self.key))?;
        let held = held.ok_or_else(|| check::missing(call, &self.bucket, &self.key))?;
        let preconditions = Preconditions::read(call.input(), "CopySource");
        match preconditions.check(&held.etag, held.modified) {
            Ok(()) => Ok(held),
            // A copy has no `304 Not Modified`.
            Err(_) => Err(error::precondition("x-amz-copy-source-If-Match")),
        }
    }

    /// Whether the object is the same as of `tx`.
    ///
    /// # Errors
    /// When it is not; [`until_unchanged`] then tries again.
    pub(crate) fn is_still(&self, tx: &dyn Read, held: &Object) -> Result<(), ApiError> {
        let now = find(tx, &self.bucket, &self.key)?;
        if now.as_ref() == Some(held) {
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

//! Where objects' bytes lie: in an object store, each piece under a random name that says nothing.
//!
//! No bucket's or object's name ever reaches the object store, so none can name a file. A piece is
//! written once and never changed. The metadata in the state says which pieces make an object; they
//! are written before the metadata that names them and removed after it is gone, so that what a
//! crash leaves behind is at worst a piece that nobody names, which [`ObjectBytes::sweep`] removes.

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Location;
use object_store::{ObjectStore, ObjectStoreExt as _};
use platform::{ApiError, Random, id};
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, mpsc};
use tokio::runtime::{Builder, Handle, Runtime};

/// Letters of a piece's name, five random bits each.
const NAME: usize = 26;

/// The bytes of all objects. A part of the platform.
pub struct ObjectBytes {
    store: Arc<dyn ObjectStore>,
    /// Drives the store. Its threads are its own: those of the server may all be waiting for it.
    runtime: Option<Runtime>,
    handle: Handle,
}

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

impl From<object_store::Error> for BytesError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Failed(error.to_string()),
        }
    }
}

impl ObjectBytes {
    /// Keeps bytes in memory until it is dropped.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn in_memory() -> Result<Self, BytesError> {
        Self::on(Arc::new(InMemory::new()))
    }

    /// Keeps bytes as files below `directory`, which is made. What was put is on the disk when
    /// `put` returns.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn on_disk(directory: &Path) -> Result<Self, BytesError> {
        std::fs::create_dir_all(directory)
            .and_then(|()| remove_unfinished(directory))
            .map_err(|error| BytesError::Failed(format!("`{}`: {error}", directory.display())))?;
        let files = LocalFileSystem::new_with_prefix(directory)?.with_fsync(true);
        Self::on(Arc::new(files))
    }

    fn on(store: Arc<dyn ObjectStore>) -> Result<Self, BytesError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(64)
            .thread_name("object-bytes")
            .enable_all()
            .build()
            .map_err(|error| BytesError::Failed(error.to_string()))?;
        let handle = runtime.handle().clone();
        Ok(Self {
            store,
            runtime: Some(runtime),
            handle,
        })
    }

    /// Lets the store's own threads do `work`, and waits for it. Works on any thread, also on one
    /// that drives asynchronous tasks.
    fn wait<T, W>(&self, work: impl FnOnce(Arc<dyn ObjectStore>) -> W) -> Result<T, BytesError>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, object_store::Error>> + Send + 'static,
    {
        let (done, result) = mpsc::sync_channel(1);
        let work = work(Arc::clone(&self.store));
        self.handle
            .spawn(async move { drop(done.send(work.await)) });
        let stopped = || BytesError::Failed("it was stopped".to_owned());
        Ok(result.recv().map_err(|_| stopped())??)
    }

    /// Keeps `bytes` as a new piece and returns its name.
    ///
    /// # Errors
    /// When the store or the random source fails; there may be a piece then that nobody names.
    pub(crate) fn put(&self, random: &dyn Random, bytes: Bytes) -> Result<String, ApiError> {
        let name = id::lower(random, NAME)?;
        let at = location(&name);
        self.wait(|store| async move { store.put(&at, bytes.into()).await.map(|_| ()) })?;
        Ok(name)
    }

    /// The bytes in `range` of a piece; `None` when there is no such piece.
    ///
    /// # Errors
    /// When the store fails, or the piece is shorter than that.
    pub(crate) fn get(&self, name: &str, range: Range<u64>) -> Result<Option<Bytes>, BytesError> {
        if range.is_empty() {
            return Ok(Some(Bytes::new()));
        }
        let length = range.end - range.start;
        let at = location(name);
        match self.wait(|store| async move { store.get_range(&at, range).await }) {
            Ok(bytes) if bytes.len() as u64 == length => Ok(Some(bytes)),
            Ok(bytes) => Err(BytesError::Failed(format!(
                "`{name}` gave {} bytes, not {length}",
                bytes.len()
            ))),
            Err(BytesError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes pieces that no metadata names any more. One that cannot be removed now is left to
    /// the next [`sweep`](Self::sweep): for the caller, the object is gone.
    pub(crate) fn forget<'n>(&self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            drop(self.delete(location(name)));
        }
    }

    /// Removes every piece that is not among `named`; returns how many. Only while nothing is put.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn sweep(&self, named: &HashSet<String>) -> Result<usize, BytesError> {
        let list = |at: Option<Location>| {
            self.wait(|store| async move { store.list_with_delimiter(at.as_ref()).await })
        };
        let listed = list(None)?;
        let mut removed = 0;
        for folder in listed.common_prefixes {
            let within = list(Some(folder))?;
            for found in within.objects {
                let name = found.location.filename().unwrap_or_default();
                if !named.contains(name) {
                    self.delete(found.location)?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    fn delete(&self, at: Location) -> Result<(), BytesError> {
        self.wait(|store| async move { store.delete(&at).await })
    }
}

impl Drop for ObjectBytes {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping it plainly would wait, which an asynchronous thread must not.
            runtime.shutdown_background();
        }
    }
}

/// Removes files that were being written when the program ended: `NAME#NUMBER`, as the object store
/// calls them until they are whole.
fn remove_unfinished(directory: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_unfinished(&entry.path())?;
        } else if entry.file_name().to_string_lossy().contains('#') {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `ab/abcd…`: few enough files to a directory.
fn location(name: &str) -> Location {
    Location::from_iter([name.get(..2).unwrap_or(name), name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::RandomError;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    fn walk(bytes: &ObjectBytes) {
        let random = Counting::default();
        let first = bytes.put(&random, Bytes::from_static(b"hello")).unwrap();
        let second = bytes.put(&random, Bytes::from_static(b"orphan")).unwrap();
        assert_eq!(bytes.get(&first, 1..3).unwrap().unwrap(), "el");
        assert_eq!(bytes.get(&first, 2..2).unwrap().unwrap(), "");
        assert_eq!(bytes.sweep(&HashSet::from([first.clone()])).unwrap(), 1);
        assert_eq!(bytes.get(&second, 0..6).unwrap(), None);
        bytes.forget([first.as_str()]);
        assert_eq!(bytes.get(&first, 0..5).unwrap(), None);
        assert_eq!(bytes.sweep(&HashSet::new()).unwrap(), 0);
    }

    #[test]
    fn what_is_put_is_there_until_it_is_forgotten_or_swept() {
        walk(&ObjectBytes::in_memory().unwrap());
        let directory = tempfile::tempdir().unwrap();
        walk(&ObjectBytes::on_disk(directory.path()).unwrap());
    }

    #[test]
    fn what_is_on_disk_outlives_the_program() {
        let directory = tempfile::tempdir().unwrap();
        let name = ObjectBytes::on_disk(directory.path())
            .unwrap()
            .put(&Counting::default(), Bytes::from_static(b"kept"))
            .unwrap();
        let unfinished = directory.path().join("aa").join("aaaa#1");
        std::fs::write(&unfinished, b"ha").unwrap();
        let again = ObjectBytes::on_disk(directory.path()).unwrap();
        assert_eq!(again.get(&name, 0..4).unwrap().unwrap(), "kept");
        assert!(!unfinished.exists());
    }
}

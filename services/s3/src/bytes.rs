//! Where objects' bytes lie: in an object store, each piece under a random name that says nothing.
//!
//! No bucket's or object's name ever reaches the object store, so none can name a file. A piece is
//! written once and never changed. The metadata in the state says which pieces make an object; they
//! are written before the metadata that names them and removed after it is gone, so that what a
//! crash leaves behind is at worst a piece that nobody names, which [`sweep`](crate::sweep) removes.

mod epoch;
mod error;
mod files;
mod read;
mod write;

pub(crate) use epoch::Reading;
pub use error::BytesError;
pub(crate) use read::{Pieces, Slice};
pub(crate) use write::{Fresh, Writer};

use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Location;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode};
use platform::{ApiError, Random, id};
use std::collections::HashSet;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;
use store::Durability;
use tokio::runtime::{Builder, Handle, Runtime};

use self::epoch::Epochs;
use self::files::Files;
use crate::encryption::OwnKeys;
use crate::entity_tag::{Hashers, Sum};
use crate::record::Piece;

/// The most bytes of a piece in a store elsewhere. Each is held in memory until it is sent.
const FAR_PIECE: u64 = 8 << 20;
/// How long pieces that nobody names are spared where another program may be about to name them, how
/// long it may take to do so, and how long what was forgotten stays for those who read it elsewhere.
const SPARED: Duration = Duration::from_secs(24 * 3_600);
const LONGEST_UPLOAD: Duration = Duration::from_secs(12 * 3_600);
const READ_ELSEWHERE: Duration = Duration::from_secs(600);
/// The name of what says whose the store is.
const MARK: &str = "palisade-owner";
/// Letters of a piece's name, five random bits each.
const NAME: usize = 26;

/// The bytes of all objects. A part of the platform.
pub struct ObjectBytes(Arc<Inner>);

struct Inner {
    store: Arc<dyn ObjectStore>,
    /// Where pieces are files, which are written and read without a detour.
    files: Option<Files>,
    /// Names of pieces that may not be named yet, while that matters.
    born: Mutex<Option<HashSet<String>>>,
    /// Whether others may use it too.
    shared: bool,
    /// Whether other programs serve the same state.
    nodes: bool,
    /// The most bytes of a piece. What is longer becomes several.
    piece: u64,
    epochs: Epochs,
    keys: OwnKeys,
    hashers: Arc<Hashers>,
    /// Drives the store. Its threads are its own: those of the server may all be waiting for it.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl ObjectBytes {
    /// Keeps bytes in memory until it is dropped.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn in_memory() -> Result<Self, BytesError> {
        Self::of(Arc::new(InMemory::new()), None, u64::MAX, false)
    }

    /// Keeps bytes as files below `directory`, which is made. What was put is there when a writer has
    /// finished, and survives what `durability` says.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn on_disk(directory: &Path, durability: Durability) -> Result<Self, BytesError> {
        std::fs::create_dir_all(directory)
            .map_err(|error| BytesError::Failed(format!("`{}`: {error}", directory.display())))?;
        let flush = durability == Durability::PowerLoss;
        let store = LocalFileSystem::new_with_prefix(directory)?.with_fsync(flush);
        let files = Files::new(directory, flush);
        Self::of(Arc::new(store), Some(files), u64::MAX, false)
    }

    /// Keeps bytes in a store elsewhere, in pieces that fit into memory. [`claim`](crate::claim) it
    /// before anything else. `nodes` says whether several programs serve the same state from it: what
    /// one does not know of may then be another's, and is spared for a day.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn remote(store: Arc<dyn ObjectStore>, nodes: bool) -> Result<Self, BytesError> {
        Self::of(store, None, FAR_PIECE, nodes)
    }

    /// Leaves a mark in a store that may be shared, or returns the one that is there.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn mark(&self, owner: &str) -> Result<String, BytesError> {
        let mine = bytes::Bytes::copy_from_slice(owner.as_bytes());
        let mode = PutMode::Create.into();
        let put = |store: Arc<dyn ObjectStore>| async move {
            let at = Location::from(MARK);
            match store.put_opts(&at, mine.into(), mode).await {
                Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        };
        self.0.wait(put)?;
        let found = self.0.wait(|store| async move {
            let at = Location::from(MARK);
            store.get(&at).await?.bytes().await
        })?;
        Ok(String::from_utf8_lossy(&found).into_owned())
    }

    /// S3's own keys, with which they are sealed.
    pub(crate) fn keys(&self) -> &OwnKeys {
        &self.0.keys
    }

    /// Whether others may have bytes in the same store.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.shared
    }

    fn of(
        store: Arc<dyn ObjectStore>,
        files: Option<Files>,
        piece: u64,
        nodes: bool,
    ) -> Result<Self, BytesError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(64)
            .thread_name("object-bytes")
            .enable_all()
            .build()
            .map_err(|error| BytesError::Failed(error.to_string()))?;
        let handle = runtime.handle().clone();
        Ok(Self(Arc::new(Inner {
            store,
            files,
            born: Mutex::default(),
            shared: piece == FAR_PIECE,
            nodes,
            piece,
            epochs: Epochs::default(),
            keys: OwnKeys::default(),
            hashers: Arc::new(Hashers::start()?),
            runtime: Some(runtime),
            handle,
        })))
    }

    /// Takes new bytes.
    ///
    /// # Errors
    /// When the random source fails.
    pub(crate) fn writer(&self, random: &dyn Random) -> Result<Writer, ApiError> {
        let name = id::lower(random, NAME)?;
        self.0.bear(&name);
        Ok(Writer::new(Arc::clone(&self.0), name))
    }

    /// The MD5 of bytes that are coming.
    pub(crate) fn md5(&self) -> Sum {
        Sum::new(Arc::clone(&self.0.hashers))
    }

    /// Whether a piece that was opened stays readable when it is forgotten.
    pub(crate) fn keeps_open(&self) -> bool {
        self.0.files.is_some()
    }

    /// From now on, what is forgotten is still there until the guard is dropped.
    pub(crate) fn reading(&self) -> Reading {
        Reading::begin(Arc::clone(&self.0))
    }

    /// What gives the bytes of these slices, one after the other.
    pub(crate) fn pieces(&self, slices: Vec<Slice>, reading: Option<Reading>) -> Pieces {
        Pieces::new(Arc::clone(&self.0), slices, reading)
    }

    /// Makes another piece of the same bytes, without copying them where the store can do so.
    ///
    /// # Errors
    /// `None` when there is no such piece any more; else when the store or the random source fails.
    pub(crate) fn duplicate(
        &self,
        random: &dyn Random,
        name: &str,
    ) -> Result<Option<String>, ApiError> {
        let copy = id::lower(random, NAME)?;
        self.0.bear(&copy);
        let (from, to) = (location(name), location(&copy));
        match self
            .0
            .wait(|store| async move { store.copy(&from, &to).await })
        {
            Ok(()) => Ok(Some(copy)),
            Err(BytesError::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes what was duplicated removable again when nobody [keeps](Fresh::keep) it.
    pub(crate) fn fresh(&self, pieces: Vec<Piece>) -> Fresh {
        Fresh::new(Arc::clone(&self.0), pieces)
    }

    /// Removes pieces that no metadata names any more, once nobody reads them. One that cannot be
    /// removed is left to the next [`sweep`](crate::sweep): for the caller, the object is gone.
    pub(crate) fn forget(&self, names: Vec<String>) {
        let now = self.0.epochs.forget(names);
        if self.0.nodes {
            self.0.remove_later(now);
        } else {
            self.0.remove(now);
        }
    }

    /// From now on, what is new is spared until the sweep has ended: it may not be named yet.
    pub fn spare_new(&self) {
        *self.0.born() = Some(HashSet::new());
    }

    /// Ends [`spare_new`](Self::spare_new).
    pub(crate) fn swept(&self) {
        *self.0.born() = None;
    }

    /// Removes what was being written when the program ended and what lies where no piece is looked for, and
    /// returns the names of the pieces that there are, without those that somebody may be about to name.
    /// Breaks off when `go_on` says so.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn candidates(
        &self,
        now: Timestamp,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<HashSet<String>, BytesError> {
        let spared = if self.0.nodes {
            i64::try_from(SPARED.as_secs()).unwrap_or(i64::MAX)
        } else {
            0
        };
        let newest = now.as_second().saturating_sub(spared);
        let list = |at: Option<Location>| {
            self.0
                .wait(|store| async move { store.list_with_delimiter(at.as_ref()).await })
        };
        let mut names = HashSet::new();
        for folder in list(None)?.common_prefixes {
            if !go_on() {
                return Ok(HashSet::new());
            }
            self.0.remove_unfinished(&folder)?;
            for found in list(Some(folder))?.objects {
                let name = found.location.filename().unwrap_or_default();
                let young = self.0.nodes && found.last_modified.timestamp() > newest;
                if young || self.0.is_born(name) {
                    continue;
                }
                if found.location == location(name) {
                    names.insert(name.to_owned());
                } else {
                    self.0.delete(found.location)?;
                }
            }
        }
        Ok(names)
    }

    /// Removes pieces that nobody names; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn remove_all(
        &self,
        names: HashSet<String>,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<usize, BytesError> {
        let mut removed = 0;
        for name in names {
            if !go_on() {
                break;
            }
            match self.0.delete(location(&name)) {
                Ok(()) => removed += 1,
                Err(BytesError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }
}

impl Inner {
    fn born(&self) -> MutexGuard<'_, Option<HashSet<String>>> {
        self.born.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the name of a new piece, and of those that are made of it.
    fn bear(&self, name: &str) {
        if let Some(born) = self.born().as_mut() {
            born.insert(name.to_owned());
        }
    }

    fn is_born(&self, name: &str) -> bool {
        let first = name.split(['-', '#']).next().unwrap_or(name);
        self.born()
            .as_ref()
            .is_some_and(|born| born.contains(first))
    }

    /// Removes files of a folder that were being written when the program ended: `NAME#NUMBER`, as the
    /// object store calls them until they are whole.
    fn remove_unfinished(&self, folder: &Location) -> Result<(), BytesError> {
        let Some(directory) = self.files.as_ref().map(Files::directory) else {
            return Ok(());
        };
        let folder = directory.join(folder.as_ref());
        let remove = || -> std::io::Result<()> {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.contains('#') && !self.is_born(&name) {
                    std::fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        };
        remove().map_err(|error| BytesError::Failed(format!("`{}`: {error}", folder.display())))
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

    fn delete(&self, at: Location) -> Result<(), BytesError> {
        self.wait(|store| async move { store.delete(&at).await })
    }

    fn remove(&self, names: Vec<String>) {
        for name in names {
            match &self.files {
                Some(files) => drop(files.remove(&name)),
                None => drop(self.delete(location(&name))),
            }
        }
    }

    /// [`remove`](Self::remove) without waiting, for threads that must not.
    fn remove_later(&self, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let (store, nodes) = (Arc::clone(&self.store), self.nodes);
        self.handle.spawn(async move {
            if nodes {
                tokio::time::sleep(READ_ELSEWHERE).await;
            }
            for name in names {
                drop(store.delete(&location(&name)).await);
            }
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping it plainly would wait, which an asynchronous thread must not.
            runtime.shutdown_background();
        }
    }
}

/// `ab/abcd…`: few enough files to a directory.
pub(crate) fn location(name: &str) -> Location {
    Location::from_iter([name.get(..2).unwrap_or(name), name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use platform::{RandomError, Source as _};
    use std::sync::atomic::{AtomicU8, Ordering};

    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    fn put(bytes: &ObjectBytes, random: &Counting, body: &[u8]) -> Fresh {
        let mut writer = bytes.writer(random).unwrap();
        for chunk in body.chunks(100_000) {
            writer.write(Bytes::copy_from_slice(chunk)).unwrap();
        }
        writer.finish().unwrap()
    }

    /// Keeps it, and returns the names of its pieces.
    fn keep(fresh: Fresh) -> Vec<String> {
        let names = fresh.pieces().iter().map(|piece| piece.name.clone());
        let names = names.collect();
        fresh.keep();
        names
    }

    fn get(bytes: &ObjectBytes, name: &str, range: std::ops::Range<u64>) -> Option<Vec<u8>> {
        let slice = Slice {
            name: name.to_owned(),
            range,
        };
        let mut pieces = bytes.pieces(vec![slice], None);
        if !pieces.open().unwrap() {
            return None;
        }
        let mut all = Vec::new();
        while let Some(data) = pieces.next().unwrap() {
            all.extend_from_slice(&data);
        }
        Some(all)
    }

    /// Removing goes on by itself.
    fn eventually(holds: impl Fn() -> bool) {
        let began = std::time::Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(5));
            std::thread::yield_now();
        }
    }

    fn stores() -> (tempfile::TempDir, [ObjectBytes; 3]) {
        let directory = tempfile::tempdir().unwrap();
        let pieces = ObjectBytes::of(Arc::new(InMemory::new()), None, 1_000, false).unwrap();
        let all = [
            ObjectBytes::in_memory().unwrap(),
            ObjectBytes::on_disk(directory.path(), Durability::PowerLoss).unwrap(),
            pieces,
        ];
        (directory, all)
    }

    #[test]
    fn what_is_put_is_there_until_it_is_forgotten_or_swept() {
        let random = Counting::default();
        for bytes in stores().1 {
            let first = keep(put(&bytes, &random, b"hello"));
            let second = keep(put(&bytes, &random, b"orphan"));
            let [first, second] = [&first[0], &second[0]];
            assert_eq!(get(&bytes, first, 1..3).unwrap(), b"el");
            bytes.spare_new();
            let third = keep(put(&bytes, &random, b"new"));
            let sweep = || {
                let all = bytes.candidates(Timestamp::MAX, &mut || true).unwrap();
                let unnamed = all.into_iter().filter(|name| name != first);
                bytes.remove_all(unnamed.collect(), &mut || true).unwrap()
            };
            assert_eq!(sweep(), 1);
            assert_eq!(get(&bytes, &third[0], 0..3).unwrap(), b"new");
            bytes.swept();
            assert_eq!(sweep(), 1);
            assert_eq!(get(&bytes, second, 0..6), None);
            let copy = bytes.duplicate(&random, first).unwrap().unwrap();
            bytes.forget(vec![first.clone()]);
            assert_eq!(get(&bytes, first, 0..5), None);
            assert_eq!(get(&bytes, &copy, 0..5).unwrap(), b"hello");
            assert_eq!(bytes.duplicate(&random, first).unwrap(), None);
            let size = 5;
            drop(bytes.fresh(vec![Piece {
                name: copy.clone(),
                size,
            }]));
            eventually(|| get(&bytes, &copy, 0..5).is_none());
        }
    }

    #[test]
    fn long_bodies_are_put_in_pieces_and_read_as_one() {
        let random = Counting::default();
        let body: Vec<u8> = (0..3_000_000_u32).map(|i| (i / 7) as u8).collect();
        for bytes in stores().1 {
            let fresh = put(&bytes, &random, &body);
            let size: u64 = fresh.pieces().iter().map(|piece| piece.size).sum();
            assert_eq!(size, 3_000_000);
            let slices = fresh.pieces().iter().map(|piece| Slice {
                name: piece.name.clone(),
                range: 0..piece.size,
            });
            let mut pieces = bytes.pieces(slices.collect(), None);
            let mut all = Vec::new();
            while let Some(data) = pieces.next().unwrap() {
                all.extend_from_slice(&data);
            }
            assert!(all == body);
            drop(pieces);
            let names: Vec<String> = fresh.pieces().iter().map(|p| p.name.clone()).collect();
            drop(fresh);
            eventually(|| names.iter().all(|name| get(&bytes, name, 0..1).is_none()));
        }
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let random = Counting::default();
        let directory = tempfile::tempdir().unwrap();
        let bytes = ObjectBytes::on_disk(directory.path(), Durability::PowerLoss).unwrap();
        let mut writer = bytes.writer(&random).unwrap();
        writer.write(vec![7; 1 << 20].into()).unwrap();
        drop(writer);
        let files = || {
            let folders = std::fs::read_dir(directory.path()).unwrap();
            let within = |folder: std::io::Result<std::fs::DirEntry>| {
                std::fs::read_dir(folder.unwrap().path()).unwrap().count()
            };
            folders.map(within).sum::<usize>()
        };
        eventually(|| files() == 0);
    }

    #[test]
    fn what_is_being_read_is_removed_afterwards() {
        let random = Counting::default();
        for bytes in stores().1 {
            let name = keep(put(&bytes, &random, b"hello")).remove(0);
            let reading = bytes.reading();
            bytes.forget(vec![name.clone()]);
            let later = bytes.reading();
            assert_eq!(get(&bytes, &name, 0..5).unwrap(), b"hello");
            drop(reading);
            eventually(|| get(&bytes, &name, 0..5).is_none());
            drop(later);
        }
    }

    #[test]
    fn what_is_on_disk_outlives_the_program() {
        let directory = tempfile::tempdir().unwrap();
        let bytes = ObjectBytes::on_disk(directory.path(), Durability::PowerLoss).unwrap();
        let name = keep(put(&bytes, &Counting::default(), b"kept")).remove(0);
        drop(bytes);
        let unfinished = directory.path().join("aa").join("aaaa#1");
        std::fs::write(&unfinished, b"ha").unwrap();
        let again = ObjectBytes::on_disk(directory.path(), Durability::PowerLoss).unwrap();
        assert_eq!(get(&again, &name, 0..4).unwrap(), b"kept");
        again.spare_new();
        let found = again.candidates(Timestamp::MAX, &mut || true).unwrap();
        assert_eq!(found, HashSet::from([name]));
        assert!(!unfinished.exists());
    }
}

//! Backups: one file with everything that a platform is, taken while it serves.
//!
//! The file is a gzipped tar archive: `state.jsonl` (one record of the state a line), `objects/…` (the
//! pieces that the state names), `trail/…` (its segments), `keys/…` only when asked for, and at the
//! end `manifest.json` with the size and SHA-256 of each. It is independent of the kind of store, so
//! that a platform moves between stores by it.

mod archive;
mod dump;
mod manifest;
mod restore;

pub use restore::{Restore, Restored, restore};

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::{Durability, PostgresOptions};
use trail::Head;

use self::archive::Writer;
use self::manifest::Manifest;
use crate::compose;
use crate::keys::{self, KeyFile};

/// Where the parts of a platform are in its data directory, and in a backup.
const STATE: &str = "state.jsonl";
const OBJECTS: &str = "objects";
const TRAIL: &str = "trail";
const KEYS: &str = "keys";
const SEALING_KEYS: &str = "sealing-keys";
const MANIFEST: &str = "manifest.json";

/// How often the state is read anew because pieces that it named were gone, for they were replaced
/// meanwhile, before they count as lost.
const ROUNDS: usize = 8;

/// What to back up, and where to.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The data directory.
    pub data: PathBuf,
    /// The database of the state, if it is in one.
    pub store: Option<PostgresOptions>,
    /// The file of the root keys, when it is not the one in the data directory.
    pub root_key_file: Option<PathBuf>,
    /// The file to write. It must not exist.
    pub to: PathBuf,
    /// Whether the sealing keys go with it. Who has them reads every secret in the file.
    pub with_keys: bool,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Records of the state.
    pub records: usize,
    /// Files with bytes of objects; `None` when these are in a store of their own, which is backed up
    /// by its own means.
    pub objects: Option<usize>,
    /// The end of the trail. Kept elsewhere, it proves later that nothing before it was altered.
    pub trail: Head,
    /// Pieces that the state names and that are lost: their objects cannot be read.
    pub lost: Vec<String>,
}

/// Why a backup cannot be made or restored.
#[derive(Debug)]
pub struct BackupError {
    path: PathBuf,
    reason: String,
}

impl BackupError {
    fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Makes errors about `path`.
    fn at<E: fmt::Display>(path: &Path) -> impl Fn(E) -> Self + '_ {
        move |error| Self::new(path, error)
    }
}

impl std::error::Error for BackupError {}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path.display(), self.reason)
    }
}

/// Writes a backup. The platform may be serving: what it acknowledges until the state is read is in the
/// backup, and of what comes later only whole changes.
///
/// # Errors
/// When something cannot be read or written; no file is left then.
pub fn backup(wanted: &Backup) -> Result<BackedUp, BackupError> {
    if wanted.to.exists() {
        let reason = "it exists: name a new file";
        return Err(BackupError::new(&wanted.to, reason));
    }
    let state = wanted.data.join(compose::STATE);
    if wanted.store.is_none() && !state.is_file() {
        return Err(BackupError::new(
            &state,
            "there is no state: name the data directory",
        ));
    }
    let unfinished = Unfinished::beside(&wanted.to);
    let done = write(wanted, &unfinished)?;
    fs::rename(&unfinished.archive, &wanted.to).map_err(BackupError::at(&wanted.to))?;
    Ok(done)
}

/// Files that are removed when the backup does not come about.
struct Unfinished {
    archive: PathBuf,
    state: PathBuf,
}

impl Unfinished {
    fn beside(to: &Path) -> Self {
        let named = |ending: &str| {
            let mut name = to.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Self {
            archive: named(".unfinished"),
            state: named(".state"),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.archive));
        drop(fs::remove_file(&self.state));
    }
}

fn write(wanted: &Backup, unfinished: &Unfinished) -> Result<BackedUp, BackupError> {
    let store = compose::open_store(&wanted.data, wanted.store.as_ref(), Durability::default())
        .map_err(BackupError::at(&wanted.data))?;
    let mut archive = Writer::create(&unfinished.archive)?;
    let objects = wanted.data.join(OBJECTS);
    let (mut copied, mut lost) = (HashSet::new(), Vec::new());
    let mut records = 0;
    let mut here = true;
    // Pieces never change, so only those of objects that were put meanwhile are read again.
    for _ in 0..ROUNDS {
        let dumped = dump::write(&*store, &unfinished.state)?;
        records = dumped.records;
        lost = Vec::new();
        let Some(pieces) = dumped.pieces else {
            here = false;
            break;
        };
        for piece in pieces {
            if copied.contains(&piece) {
                continue;
            }
            let path = s3::piece_path(&piece);
            match archive.file(&format!("{OBJECTS}/{path}"), &objects.join(&path)) {
                Ok(()) => {
                    copied.insert(piece);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => lost.push(piece),
                Err(error) => return Err(BackupError::new(&objects.join(&path), error)),
            }
        }
        if lost.is_empty() {
            break;
        }
    }
    archive
        .file(STATE, &unfinished.state)
        .map_err(BackupError::at(&unfinished.state))?;
    let trail = copy_trail(&mut archive, &wanted.data.join(TRAIL))?;
    // What was delivered of the trail is known under it.
    let node = wanted.data.join(compose::NODE);
    if node.is_file() {
        archive
            .file(compose::NODE, &node)
            .map_err(BackupError::at(&node))?;
    }
    let sealing = keys::path(&wanted.data, wanted.root_key_file.as_deref());
    let fingerprints = fingerprints(&sealing)?;
    if wanted.with_keys {
        archive
            .file(&format!("{KEYS}/{SEALING_KEYS}"), &sealing)
            .map_err(BackupError::at(&sealing))?;
    }
    let manifest = Manifest {
        format: manifest::FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created: jiff::Timestamp::now(),
        records,
        trail_position: trail.position.0,
        trail_hash: manifest::hex(&trail.hash),
        sealing_keys: fingerprints,
        entries: Vec::new(),
    };
    archive.finish(manifest)?;
    Ok(BackedUp {
        records,
        objects: here.then_some(copied.len()),
        trail,
        lost,
    })
}

/// What tells the keys of a file apart.
fn fingerprints(path: &Path) -> Result<Vec<String>, BackupError> {
    let keys = KeyFile::read(path).map_err(BackupError::at(path))?;
    Ok(keys.fingerprints())
}

/// Copies the trail, without a record at the end that is just being written.
fn copy_trail(archive: &mut Writer, directory: &Path) -> Result<Head, BackupError> {
    trail::copy(directory, |name, bytes| {
        archive.bytes(&format!("{TRAIL}/{name}"), bytes)
    })
}

impl From<trail::Error> for BackupError {
    fn from(error: trail::Error) -> Self {
        Self::new(Path::new(TRAIL), error)
    }
}

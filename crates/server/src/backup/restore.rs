//! Making a platform anew from a backup.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};
use store::{Durability, PostgresOptions};

use super::manifest::{self, Manifest};
use super::{
    BackupError, KEYS, MANIFEST, OBJECTS, SEALING_KEYS, STATE, TRAIL, archive, dump, fingerprints,
};
use crate::{compose, private};

/// What to restore, and where to.
#[derive(Clone, Debug)]
pub struct Restore {
    /// The backup.
    pub from: PathBuf,
    /// The data directory. It must not exist, or be empty.
    pub data: PathBuf,
    /// The database for the state, instead of a file in `data`. It must hold none.
    pub store: Option<PostgresOptions>,
    /// The file of the sealing keys, where the backup does not hold them.
    pub keys: Option<PathBuf>,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Records of the state.
    pub records: usize,
    /// Records of the trail, whose chain was checked.
    pub events: u64,
}

/// Restores a backup: everything in it is checked first, and nothing is there before all of it is.
///
/// # Errors
/// When the backup is damaged, the keys are not those of the state, or the place is taken.
pub fn restore(wanted: &Restore) -> Result<Restored, BackupError> {
    let taken = fs::read_dir(&wanted.data).is_ok_and(|mut found| found.next().is_some());
    if taken {
        let reason = "it is not empty, and nothing is ever overwritten: name a new directory";
        return Err(BackupError::new(&wanted.data, reason));
    }
    let manifest = archive::verify(&wanted.from)?;
    let mut name = wanted.data.as_os_str().to_owned();
    name.push(".restoring");
    let staging = PathBuf::from(name);
    if staging.exists() {
        let reason = "an earlier restoring was interrupted: remove it";
        return Err(BackupError::new(&staging, reason));
    }
    private::directory(&staging).map_err(BackupError::at(&staging))?;
    let restored = fill(wanted, &manifest, &staging);
    match restored {
        Ok(restored) => {
            // An empty directory gives way.
            drop(fs::remove_dir(&wanted.data));
            fs::rename(&staging, &wanted.data).map_err(BackupError::at(&wanted.data))?;
            Ok(restored)
        }
        Err(error) => {
            drop(fs::remove_dir_all(&staging));
            Err(error)
        }
    }
}

fn fill(wanted: &Restore, manifest: &Manifest, staging: &Path) -> Result<Restored, BackupError> {
    archive::each(&wanted.from, |name, bytes| {
        let Some(place) = place(name) else {
            let reason = format!("`{name}` is no part of a backup");
            return Err(BackupError::new(&wanted.from, reason));
        };
        if name == MANIFEST {
            return Ok(());
        }
        let path = staging.join(place);
        extract(&path, bytes).map_err(BackupError::at(&path))
    })?;
    let sealing = staging.join(SEALING_KEYS);
    if let Some(given) = &wanted.keys {
        let text = fs::read_to_string(given).map_err(BackupError::at(given))?;
        private::write(&sealing, &text).map_err(BackupError::at(&sealing))?;
    }
    check_keys(wanted, manifest, &sealing)?;
    let trail = staging.join(TRAIL);
    private::directory(&trail).map_err(BackupError::at(&trail))?;
    let head = trail::verify(&trail, &[]).map_err(BackupError::at(&wanted.from))?;
    let told = (manifest.trail_position, manifest.trail_hash.as_str());
    if told != (head.position.0, manifest::hex(&head.hash).as_str()) {
        let reason = "the trail does not end where the manifest says";
        return Err(BackupError::new(&wanted.from, reason));
    }
    let state = staging.join(STATE);
    // Last: what is in a database is not undone by removing the directory.
    let store = compose::open_store(staging, wanted.store.as_ref(), Durability::default())
        .map_err(BackupError::at(&wanted.from))?;
    let records = dump::read(&*store, &state)?;
    drop(store);
    fs::remove_file(&state).map_err(BackupError::at(&state))?;
    Ok(Restored {
        records,
        events: head.position.0,
    })
}

/// The keys must be those that sealed what is in the state: others would be of no use, and nobody
/// would notice before the next request.
fn check_keys(wanted: &Restore, manifest: &Manifest, sealing: &Path) -> Result<(), BackupError> {
    if !sealing.is_file() {
        let reason = "it was made without the sealing keys: name their file with `--keys`";
        return Err(BackupError::new(&wanted.from, reason));
    }
    let source = wanted.keys.as_deref().unwrap_or(&wanted.from);
    let found = fingerprints(sealing)?;
    if manifest.sealing_keys.iter().all(|key| found.contains(key)) {
        return Ok(());
    }
    let reason = "these are not all the sealing keys of the backup: a rotated file keeps the old \
                  keys below the new one";
    Err(BackupError::new(source, reason))
}

/// Where an entry belongs in the data directory; `None` for what no backup has.
fn place(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let known = [STATE, MANIFEST, compose::NODE].contains(&name)
        || [OBJECTS, TRAIL]
            .iter()
            .any(|folder| path.starts_with(folder));
    if name == format!("{KEYS}/{SEALING_KEYS}") {
        return Some(PathBuf::from(SEALING_KEYS));
    }
    (plain && known).then(|| path.to_owned())
}

/// Writes a file that only its owner reads, durably.
fn extract(path: &Path, bytes: &mut dyn io::Read) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        private::directory(parent)?;
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    io::copy(bytes, &mut file)?;
    file.sync_all()
}

//! Another root key for a platform that stands still.

use std::fs;
use std::path::PathBuf;

use services::Resealed;
use store::{Durability, PostgresOptions};
use trail::{FileLog, FileOptions};

use crate::compose::open_store;
use crate::keys::{self, KeyFile};
use crate::options::StartError;
use crate::ports::SystemRandom;

/// What to do to the root key of which platform.
#[derive(Clone, Debug)]
pub struct RootKeyRotation {
    /// The data directory.
    pub data: PathBuf,
    /// The database of the state, instead of a file in `data`.
    pub store: Option<PostgresOptions>,
    /// The file of root keys; `None` is the one in `data`.
    pub root_key_file: Option<PathBuf>,
    /// Whether to make a new key. Otherwise the first of the file is the one to seal with.
    pub make_new: bool,
    /// Whether to remove all keys but the new one in the end.
    pub forget_earlier: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootKeyRotated {
    /// What was sealed with the new key.
    pub resealed: Resealed,
    /// Earlier keys that are still in the file.
    pub kept: usize,
    /// Earlier keys that were removed from it.
    pub forgotten: usize,
}

/// Seals everything that is kept with a new root key. The new key is in the file, above the earlier ones,
/// before anything is sealed with it, and an earlier one is removed only after nothing needs it: whenever
/// this is interrupted, the platform starts with what is there, and this can be done again.
///
/// # Errors
/// When the platform is being served, its directory cannot be used, or something is sealed with a key
/// that the file does not have; nothing was sealed anew then.
pub fn rotate_root_key(wanted: &RootKeyRotation) -> Result<RootKeyRotated, StartError> {
    let refuse = |reason: String| StartError::Data {
        path: wanted.data.clone(),
        reason,
    };
    let path = keys::path(&wanted.data, wanted.root_key_file.as_deref());
    // Nothing may be made here that was not there: a mistyped directory is no platform.
    if let Err(error) = fs::metadata(wanted.data.join("trail")) {
        return Err(refuse(format!("there is no platform in it: {error}")));
    }
    let _lock = FileLog::open(&wanted.data.join("trail"), FileOptions::default())
        .map_err(|error| StartError::Platform(error.to_string()))?;
    let random = SystemRandom;
    let mut file = KeyFile::read(&path)?;
    if wanted.make_new {
        file.add(&random)?;
        file.write(&path)?;
    }
    let sealer = file.sealer(&path)?;
    let store = open_store(&wanted.data, wanted.store.as_ref(), Durability::PowerLoss)?;
    let resealed = store
        .write(|tx| services::reseal(tx, &sealer, &random))
        .map_err(|error| StartError::Platform(error.to_string()))?;
    let earlier = file.earlier();
    if wanted.forget_earlier && earlier > 0 {
        file.keep_first();
        file.write(&path)?;
    }
    let kept = file.earlier();
    Ok(RootKeyRotated {
        resealed,
        kept,
        forgotten: earlier - kept,
    })
}

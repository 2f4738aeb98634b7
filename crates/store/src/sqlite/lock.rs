//! Who has the file for himself.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{create_private, place};
use crate::Error;

/// How long to wait for somebody who may only be putting things into their places.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait until that is tried again.
const AGAIN: Duration = Duration::from_millis(5);

/// A lock on the `-lock` file beside a store's: one has it alone, or many share it.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Keeps all others from changing the store in `path`.
    ///
    /// # Errors
    /// When somebody else goes on changing it.
    pub(super) fn alone(path: &Path) -> Result<Self, Error> {
        Self::patient(path, File::try_lock)
    }

    /// The same, without waiting: `None` when somebody else changes it.
    ///
    /// # Errors
    /// When the lock's file cannot be opened.
    pub(super) fn alone_now(path: &Path) -> Result<Option<Self>, Error> {
        let file = file(path)?;
        taken(path, file.try_lock()).map(|taken| taken.then_some(Self(file)))
    }

    /// Keeps all others from having the store for themselves.
    ///
    /// # Errors
    /// When somebody goes on having it.
    pub(super) fn shared(path: &Path) -> Result<Self, Error> {
        Self::patient(path, File::try_lock_shared)
    }

    fn patient(path: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self, Error> {
        let file = file(path)?;
        let end = Instant::now() + PATIENCE;
        while !taken(path, lock(&file))? {
            if Instant::now() >= end {
                return Err(Error::Busy { place: place(path) });
            }
            thread::sleep(AGAIN);
        }
        Ok(Self(file))
    }
}

fn file(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    create_private(&PathBuf::from(name))
}

fn taken(path: &Path, locked: Result<(), TryLockError>) -> Result<bool, Error> {
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Error::Backend {
            doing: "locking",
            place: place(path),
            reason: error.to_string(),
        }),
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that is just being started has the file too, until it runs its own program.
        drop(self.0.unlock());
    }
}

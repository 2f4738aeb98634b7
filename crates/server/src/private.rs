//! Files that only their owner can read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::options::StartError;

/// Makes a directory for nobody else, unless it is there.
pub(crate) fn directory(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file durably, and under its name only when it is whole.
pub(crate) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

/// The text of a file with a secret, without the end of its line.
///
/// # Errors
/// When it cannot be read, or others than its owner can.
pub fn read_secret(path: &Path) -> Result<String, StartError> {
    let text = fs::read_to_string(path).map_err(|error| StartError::Data {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    check(path)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Refuses a file that others than its owner may read.
pub(crate) fn check(path: &Path) -> Result<(), StartError> {
    let refuse = |reason: String| StartError::Data {
        path: path.to_owned(),
        reason,
    };
    let mode = fs::metadata(path)
        .map_err(|error| refuse(error.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(refuse(format!(
            "others than its owner may read it (mode {:o}): `chmod 600` it",
            mode & 0o777
        )));
    }
    Ok(())
}

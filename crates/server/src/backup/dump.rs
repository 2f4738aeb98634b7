//! The state as lines of text.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use store::{Key, Scan, Store};

use super::BackupError;

/// How many records are read at a time.
const SOME: usize = 1_000;

/// A record. Its value is text within the text, so that it comes back to the byte.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    kind: String,
    key: Vec<String>,
    version: u32,
    json: String,
}

/// What was written.
pub(super) struct Dumped {
    pub(super) records: usize,
    /// The pieces that objects consist of, as of the same moment; `None` when they are in a store
    /// elsewhere.
    pub(super) pieces: Option<HashSet<String>>,
}

/// Writes the records as of one moment to a file.
pub(super) fn write(store: &dyn Store, path: &Path) -> Result<Dumped, BackupError> {
    let at = BackupError::at::<std::io::Error>(path);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(&at)?;
    let mut out = BufWriter::new(file);
    let read = |error: store::Error| BackupError::new(path, error);
    let tx = store.begin_read().map_err(read)?;
    let mut records = 0;
    for kind in tx.kinds().map_err(read)? {
        let mut scan = Scan::under(&Key::default()).limit(SOME);
        loop {
            let some = tx.scan_bytes(&kind, &scan).map_err(read)?;
            let Some((last, _)) = some.last().cloned() else {
                break;
            };
            for (key, stored) in some {
                let line = Line {
                    kind: kind.clone(),
                    key: key.parts(),
                    version: stored.version,
                    json: String::from_utf8_lossy(&stored.json).into_owned(),
                };
                let text = serde_json::to_string(&line).map_err(BackupError::at(path))?;
                writeln!(out, "{text}").map_err(&at)?;
                records += 1;
            }
            scan = Scan::under(&Key::default()).after(&last).limit(SOME);
        }
    }
    out.flush().map_err(&at)?;
    let pieces = match s3::lies_elsewhere(&*tx) {
        Ok(true) => Ok(None),
        Ok(false) => s3::pieces(&*tx).map(Some),
        Err(error) => Err(error),
    };
    let pieces = pieces.map_err(|error| BackupError::new(path, error.message()))?;
    Ok(Dumped { records, pieces })
}

/// Puts the records of a file into an empty store, all or none.
pub(super) fn read(store: &dyn Store, path: &Path) -> Result<usize, BackupError> {
    let written = |error: store::Error| BackupError::new(path, error);
    let file = File::open(path).map_err(BackupError::at(path))?;
    let mut tx = store.begin_write().map_err(written)?;
    if !tx.kinds().map_err(written)?.is_empty() {
        let reason = "the store it is for is not empty: restore to one that is";
        return Err(BackupError::new(path, reason));
    }
    let mut records = 0;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(BackupError::at(path))?;
        let line: Line = serde_json::from_str(&line).map_err(BackupError::at(path))?;
        let key = Key::new(&line.key);
        tx.put_bytes(&line.kind, &key, line.version, line.json.as_bytes())
            .map_err(written)?;
        records += 1;
    }
    tx.commit().map_err(written)?;
    Ok(records)
}

//! Writing and reading the archive, with the hash of every entry.

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tar::{Archive, Builder, EntryType, Header};

use super::manifest::{self, Entry, Manifest};
use super::{BackupError, MANIFEST};

type Packed = GzEncoder<BufWriter<File>>;

/// An archive that is being written, readable by its owner only.
pub(super) struct Writer {
    path: PathBuf,
    tar: Builder<Packed>,
    entries: Vec<Entry>,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, BackupError> {
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .map_err(BackupError::at(path))?;
        let packed = GzEncoder::new(BufWriter::new(file), Compression::fast());
        Ok(Self {
            path: path.to_owned(),
            tar: Builder::new(packed),
            entries: Vec::new(),
        })
    }

    /// Adds a file as it is now.
    pub(super) fn file(&mut self, name: &str, from: &Path) -> io::Result<()> {
        let file = File::open(from)?;
        let size = file.metadata()?.len();
        // One that grows meanwhile is cut where it ended; one that shrinks is an error.
        let mut hashed = Hashed::new(BufReader::new(file).take(size));
        self.tar.append_data(&mut header(size), name, &mut hashed)?;
        if hashed.size != size {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.entries.push(hashed.entry(name));
        Ok(())
    }

    /// Adds bytes.
    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut hashed = Hashed::new(bytes);
        self.tar
            .append_data(&mut header(size), name, &mut hashed)
            .map_err(BackupError::at(&self.path))?;
        self.entries.push(hashed.entry(name));
        Ok(())
    }

    /// Adds the manifest and makes all of it durable.
    pub(super) fn finish(mut self, manifest: Manifest) -> Result<(), BackupError> {
        let at = self.path.clone();
        let entries = std::mem::take(&mut self.entries);
        let manifest = Manifest {
            entries,
            ..manifest
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(BackupError::at(&at))?;
        self.bytes(MANIFEST, &text)?;
        let end = || -> io::Result<()> {
            let mut out = self.tar.into_inner()?.finish()?;
            out.flush()?;
            out.get_ref().sync_all()
        };
        end().map_err(BackupError::at(&at))
    }
}

fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header
}

/// Hashes what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R> Hashed<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            size: 0,
        }
    }

    fn entry(self, name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            size: self.size,
            sha256: manifest::hex(&self.hash.finalize()),
        }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.size += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

/// Reads the archive from its beginning; `take` gets the name and the bytes of each entry.
pub(super) fn each(
    path: &Path,
    mut take: impl FnMut(&str, &mut dyn Read) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let at = BackupError::at::<io::Error>(path);
    let file = File::open(path).map_err(&at)?;
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in archive.entries().map_err(&at)? {
        let mut entry = entry.map_err(&at)?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(BackupError::new(path, "it holds something that is no file"));
        }
        let name = String::from_utf8(entry.path_bytes().into_owned());
        let name = name.map_err(|_| BackupError::new(path, "an entry has no readable name"))?;
        take(&name, &mut entry)?;
    }
    Ok(())
}

/// Checks every entry against the manifest, which it returns.
pub(super) fn verify(path: &Path) -> Result<Manifest, BackupError> {
    let (mut found, mut last) = (Vec::new(), Vec::new());
    each(path, |name, bytes| {
        let mut hashed = Hashed::new(bytes);
        last = Vec::new();
        if name == MANIFEST {
            hashed
                .read_to_end(&mut last)
                .map_err(BackupError::at(path))?;
        } else {
            io::copy(&mut hashed, &mut io::sink()).map_err(BackupError::at(path))?;
            found.push(hashed.entry(name));
        }
        Ok(())
    })?;
    let unreadable =
        |_| BackupError::new(path, "it is incomplete or no backup: no manifest ends it");
    let manifest::Format { format } = serde_json::from_slice(&last).map_err(unreadable)?;
    if format > manifest::FORMAT {
        let reason = format!(
            "it has backup format {format}, this program knows formats up to {}: restore it with \
             the newer program",
            manifest::FORMAT
        );
        return Err(BackupError::new(path, reason));
    }
    let manifest: Manifest = serde_json::from_slice(&last).map_err(BackupError::at(path))?;
    if manifest.entries == found {
        return Ok(manifest);
    }
    let damaged = manifest
        .entries
        .iter()
        .zip(&found)
        .find(|(told, found)| told != found)
        .map_or("its entries", |(told, _)| told.name.as_str());
    let reason = format!("`{damaged}` is not what was written: take another backup");
    Err(BackupError::new(path, reason))
}

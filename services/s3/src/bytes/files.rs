//! Pieces as files of this machine.
//!
//! They lie where an object store on the same directory would look for them, and are written, opened and
//! removed by the thread that asks: a detour by the store's own threads costs more than the file does.

use bytes::Bytes;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IoSlice, Write as _};
use std::path::{Path, PathBuf};

use super::location;

/// How many pieces of memory are written at once.
const AT_ONCE: usize = 64;

/// The directory of all files.
pub(super) struct Files {
    directory: PathBuf,
    /// Whether what is finished survives the loss of power.
    flush: bool,
}

impl Files {
    pub(super) fn new(directory: &Path, flush: bool) -> Self {
        Self {
            directory: directory.to_owned(),
            flush,
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(location(name).as_ref())
    }

    /// A piece of this name, which nothing else has.
    ///
    /// # Errors
    /// When there can be no such file.
    pub(super) fn begin(&self, name: &str) -> io::Result<Unfinished> {
        let to = self.path(name);
        let mut path = to.clone().into_os_string();
        // What is unfinished is known by this sign.
        path.push("#1");
        let path = PathBuf::from(path);
        let file = match File::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = to.parent().unwrap_or(&self.directory);
                fs::create_dir_all(folder)?;
                self.flush_folder(&self.directory)?;
                File::create_new(&path)?
            }
            created => created?,
        };
        Ok(Unfinished {
            file,
            path: Some(path),
            to,
        })
    }

    /// Gives a piece that was written whole its name.
    ///
    /// # Errors
    /// When it cannot be had; nothing is left of it then.
    pub(super) fn finish(&self, mut piece: Unfinished) -> io::Result<()> {
        if self.flush {
            piece.file.sync_all()?;
        }
        if let Some(path) = &piece.path {
            fs::rename(path, &piece.to)?;
            piece.path = None;
        }
        match piece.to.parent() {
            Some(folder) => self.flush_folder(folder),
            None => Ok(()),
        }
    }

    fn flush_folder(&self, folder: &Path) -> io::Result<()> {
        if self.flush {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// The file of a piece; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(&self, name: &str) -> io::Result<Option<File>> {
        match File::open(self.path(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a piece.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }
}

/// A piece that is being written. Dropped, it is removed.
pub(super) struct Unfinished {
    file: File,
    /// `None` once it has its name.
    path: Option<PathBuf>,
    to: PathBuf,
}

impl Unfinished {
    /// Writes at the end.
    ///
    /// # Errors
    /// When not all of it could be written.
    pub(super) fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        for some in pieces.chunks(AT_ONCE) {
            let mut slices: Vec<IoSlice<'_>> = some.iter().map(|data| IoSlice::new(data)).collect();
            let mut left = slices.as_mut_slice();
            while !left.is_empty() {
                match self.file.write_vectored(left) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(written) => IoSlice::advance_slices(&mut left, written),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // The next start finds it otherwise.
            drop(fs::remove_file(path));
        }
    }
}

//! The files of a journal: named, made, removed, set aside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Fresh;

const CHANGES: &str = "-changes-";
const ASIDE: &str = "-aside-";

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The files of the store in `path`, in their order.
pub(super) fn list(path: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let own = path.file_name().unwrap_or_default().as_encoded_bytes();
    let number = |name: &[u8]| {
        let digits = name.strip_prefix(own)?.strip_prefix(CHANGES.as_bytes())?;
        str::from_utf8(digits).ok()?.parse::<u64>().ok()
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory(path))? {
        let entry = entry?;
        if let Some(number) = number(entry.file_name().as_encoded_bytes()) {
            found.push((number, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether there may be commits outside of the tables of the store in `path`.
pub(in crate::sqlite) fn pending(path: &Path) -> io::Result<bool> {
    Ok(!list(path)?.is_empty())
}

/// Makes a file that begins with `head`, and has it on the disk: whatever is lost later, no file is without
/// its beginning.
pub(super) fn create(path: &Path, number: u64, head: &[u8]) -> io::Result<Fresh> {
    let file = beside(path, &format!("{CHANGES}{number}"));
    let made = write(&file, head).and_then(|made| {
        flush(path)?;
        Ok(made)
    });
    match made {
        Ok(made) => Ok(Fresh {
            file: made,
            path: file,
            number,
        }),
        Err(error) => {
            if error.kind() != ErrorKind::AlreadyExists {
                drop(fs::remove_file(&file));
            }
            Err(error)
        }
    }
}

fn write(path: &Path, head: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(head)?;
    file.sync_all()?;
    Ok(file)
}

/// Removes files whose commits are in the tables.
///
/// # Errors
/// When one cannot be removed, which does no harm: its commits are passed over.
pub(in crate::sqlite) fn forget<'f>(
    files: impl IntoIterator<Item = &'f PathBuf>,
) -> io::Result<()> {
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

/// Gives a file another name, under which nobody reads it, for whoever wants to look at it. Returns that.
///
/// # Errors
/// When it cannot be renamed.
pub(in crate::sqlite) fn set_aside(path: &Path, file: &Path) -> io::Result<PathBuf> {
    let free = (1_u32..).map(|number| beside(path, &format!("{ASIDE}{number}")));
    for aside in free {
        if !aside.try_exists()? {
            fs::rename(file, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::from(ErrorKind::AlreadyExists))
}

/// Has the names of the files beside the store in `path` on the disk, and those that are gone.
///
/// # Errors
/// When the disk fails.
pub(in crate::sqlite) fn flush(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

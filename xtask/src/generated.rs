//! Generated files: writing them, comparing them, and knowing without their source whether they are
//! up to date.
//!
//! Each generator leaves a stamp in a file of its own making: a hash over its own source text and
//! over the other files that it made. A test compares it, so a changed generator or a file edited by
//! hand is found offline; `--check` makes everything anew and compares every byte.

use std::fs;

use sha2::{Digest as _, Sha256};

use crate::{Result, repo};

/// What stands before the hash.
const STAMP: &str = "stamp: ";

/// A file that a generator made.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Where it goes, relative to the root of the checkout.
    pub path: &'static str,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Reads the arguments of a generator: nothing, or `--check`.
///
/// # Errors
/// Names an argument that is neither.
pub fn check_flag(args: &[String]) -> Result<bool> {
    match args {
        [] => Ok(false),
        [flag] if flag == "--check" => Ok(true),
        [other, ..] => {
            Err(format!("unexpected argument `{other}` (only `--check` is known)").into())
        }
    }
}

/// Writes the files that changed.
///
/// # Errors
/// Names the file that could not be written.
pub fn write(files: &[Generated]) -> Result {
    for Generated { path, bytes } in files {
        let place = repo::root().join(path);
        let same = fs::read(&place).is_ok_and(|old| old == *bytes);
        if !same {
            fs::write(&place, bytes).map_err(|error| format!("{path}: {error}"))?;
        }
        println!(
            "{path}: {} bytes, {}",
            bytes.len(),
            if same { "unchanged" } else { "written" }
        );
    }
    Ok(())
}

/// Compares the files with those in the checkout.
///
/// # Errors
/// Names every file that differs.
pub fn compare(files: &[Generated]) -> Result {
    let differs = |file: &&Generated| {
        fs::read(repo::root().join(file.path)).map_or(true, |old| old != file.bytes)
    };
    let different: Vec<&str> = files.iter().filter(differs).map(|file| file.path).collect();
    if different.is_empty() {
        println!("{} generated files are up to date", files.len());
        return Ok(());
    }
    Err(format!(
        "not up to date: {}; run the chore without `--check`",
        different.join(", ")
    )
    .into())
}

/// The stamp of a generator with these source files that made these other files.
///
/// # Errors
/// Names the source file that could not be read.
pub fn stamp(inputs: &[&str], made: &[&[u8]]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in inputs {
        let bytes =
            fs::read(repo::root().join(path)).map_err(|error| format!("{path}: {error}"))?;
        update(&mut hash, path.as_bytes());
        update(&mut hash, &bytes);
    }
    for bytes in made {
        update(&mut hash, bytes);
    }
    Ok(format!("{STAMP}{}", hex(&hash.finalize())))
}

/// Hashes a part with its length, so that no two lists of parts look alike.
fn update(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Checks the stamp in `stamped` against the generator's source files and the files it made.
///
/// # Errors
/// Says that they do not fit together, or which file could not be read.
pub fn check_stamp(stamped: &str, inputs: &[&str], made: &[&str]) -> Result {
    let read =
        |path: &str| fs::read(repo::root().join(path)).map_err(|error| format!("{path}: {error}"));
    let made = made
        .iter()
        .map(|path| read(path))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let made: Vec<&[u8]> = made.iter().map(Vec::as_slice).collect();
    let stamp = stamp(inputs, &made)?;
    if String::from_utf8_lossy(&read(stamped)?).contains(&stamp) {
        return Ok(());
    }
    Err(format!("`{stamped}` was made by another version of its generator, or a file was edited by hand: run the generator").into())
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The file of root keys.
//!
//! Format: one key a line, `v1` and the base-64 of 32 bytes. The first seals; the others only open.
//! The file is apart from the state so that a copy of the state alone reveals no secret. How a key is
//! replaced: `root_key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform::Random;
use platform::seal::{Sealer, SealingKey};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::options::StartError;
use crate::private;

const FORMAT: &str = "v1";

/// A sealer whose key ends with the process.
pub(crate) fn ephemeral(random: &dyn Random) -> Result<Sealer, StartError> {
    Ok(Sealer::new(SealingKey::new(&fresh(random)?), Vec::new()))
}

/// The name of the file in the data directory.
const NAME: &str = "sealing-keys";

/// Where the keys of a platform are.
pub(crate) fn path(data: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| data.join(NAME), Path::to_owned)
}

/// The sealer of a platform's keys. The file in the data directory is made with one key when there is
/// none; one that the operator gives must be there.
pub(crate) fn load(
    data: &Path,
    given: Option<&Path>,
    random: &dyn Random,
) -> Result<Sealer, StartError> {
    let path = path(data, given);
    let missing = fs::metadata(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if missing && given.is_none() {
        let mut file = KeyFile::default();
        file.add(random)?;
        file.write(&path)?;
    }
    KeyFile::read(&path)?.sealer(&path)
}

/// The lines of a file of keys: the first one seals.
#[derive(Default)]
pub(crate) struct KeyFile {
    keys: Vec<[u8; 32]>,
}

impl KeyFile {
    /// Reads the file, which only its owner may be able to read.
    pub(crate) fn read(path: &Path) -> Result<Self, StartError> {
        let text = fs::read_to_string(path).map_err(|error| {
            let how = match error.kind() {
                ErrorKind::NotFound => format!(
                    "{error}; make a root key with `(umask 077; echo {FORMAT} $(head -c 32 /dev/urandom | \
                     base64) > FILE)`"
                ),
                _ => error.to_string(),
            };
            refusal(path, how)
        })?;
        private::check(path)?;
        Self::parse(&text).map_err(|reason| refusal(path, reason))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for (number, line) in (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let key = line
                .trim()
                .strip_prefix(FORMAT)
                .and_then(|rest| STANDARD.decode(rest.trim()).ok())
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
                .ok_or_else(|| {
                    format!("line {number} is no root key: `{FORMAT}` and base-64 of 32 bytes")
                })?;
            keys.push(key);
        }
        if keys.is_empty() {
            return Err("it holds no root key: restore it from a backup".to_owned());
        }
        Ok(Self { keys })
    }

    /// Puts a new key above the others.
    pub(crate) fn add(&mut self, random: &dyn Random) -> Result<(), StartError> {
        self.keys.insert(0, fresh(random)?);
        Ok(())
    }

    /// How many keys there are beside the first.
    pub(crate) fn earlier(&self) -> usize {
        self.keys.len().saturating_sub(1)
    }

    /// Drops all keys but the first.
    pub(crate) fn keep_first(&mut self) {
        self.keys.truncate(1);
    }

    /// Writes the file durably, for its owner alone.
    pub(crate) fn write(&self, path: &Path) -> Result<(), StartError> {
        let line = |key: &[u8; 32]| format!("{FORMAT} {}\n", STANDARD.encode(key));
        let text: String = self.keys.iter().map(line).collect();
        private::write(path, &text).map_err(|error| refusal(path, error.to_string()))
    }

    /// What tells the keys apart without revealing them: the SHA-256 of each.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        let digits = |key: &[u8; 32]| {
            Sha256::digest(key)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect()
        };
        self.keys.iter().map(digits).collect()
    }

    /// The sealer of these keys.
    pub(crate) fn sealer(&self, path: &Path) -> Result<Sealer, StartError> {
        let mut keys = self.keys.iter().map(SealingKey::new);
        let current = keys
            .next()
            .ok_or_else(|| refusal(path, "it holds no root key".to_owned()))?;
        Ok(Sealer::new(current, keys.collect()))
    }
}

fn refusal(path: &Path, reason: String) -> StartError {
    StartError::Data {
        path: path.to_owned(),
        reason,
    }
}

fn fresh(random: &dyn Random) -> Result<[u8; 32], StartError> {
    let mut bytes = [0; 32];
    random
        .fill(&mut bytes)
        .map_err(|error| StartError::Platform(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_seals_and_the_others_open() {
        let line = |byte: u8| format!("v1 {}\n", STANDARD.encode([byte; 32]));
        let random = crate::SystemRandom;
        let parse = |text: &str| {
            let file = KeyFile::parse(text)?;
            file.sealer(Path::new("keys")).map_err(|it| it.to_string())
        };
        let sealed = parse(&line(1)).unwrap().seal(&random, "p", b"x").unwrap();
        assert_eq!(
            parse(&(line(2) + &line(1)))
                .unwrap()
                .open("p", &sealed)
                .unwrap(),
            b"x"
        );
        assert!(parse(&line(2)).unwrap().open("p", &sealed).is_err());
        for bad in ["", "v2 AAAA", "v1 AAAA", "\n"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

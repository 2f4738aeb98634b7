//! The file of sealing keys.
//!
//! Format: one key a line, `v1` and the base-64 of 32 bytes. The first seals; the others only open.
//! To rotate, put a new line on top; to end what an old key sealed, remove its line. The file is
//! apart from the state so that a copy of the state alone reveals no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform::Random;
use platform::seal::{Sealer, SealingKey};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::options::StartError;
use crate::private;

const FORMAT: &str = "v1";

/// A sealer whose key ends with the process.
pub(crate) fn ephemeral(random: &dyn Random) -> Result<Sealer, StartError> {
    Ok(Sealer::new(SealingKey::new(&fresh(random)?), Vec::new()))
}

/// The sealer of the keys in `path`; makes the file with one key when there is none.
pub(crate) fn load(path: &Path, random: &dyn Random) -> Result<Sealer, StartError> {
    let refuse = |reason: String| StartError::Data {
        path: path.to_owned(),
        reason,
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = format!("{FORMAT} {}\n", STANDARD.encode(fresh(random)?));
            private::write(path, &text).map_err(|error| refuse(error.to_string()))?;
            text
        }
        Err(error) => return Err(refuse(error.to_string())),
    };
    private::check(path)?;
    parse(&text).map_err(refuse)
}

fn parse(text: &str) -> Result<Sealer, String> {
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
                format!("line {number} is no sealing key: `{FORMAT}` and base-64 of 32 bytes")
            })?;
        keys.push(SealingKey::new(&key));
    }
    let mut keys = keys.into_iter();
    let current = keys
        .next()
        .ok_or("it holds no sealing key: restore it from a backup")?;
    Ok(Sealer::new(current, keys.collect()))
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

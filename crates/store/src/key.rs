//! Keys: tuples of strings, encoded so that bytes compare as the tuples do.
//!
//! Each part is its UTF-8 bytes with every `00` written as `00 FF`, followed by `00 01`. No part
//! can therefore contain the end of a part: `("a/b", "c")` and `("a", "b/c")` are different keys
//! whatever the parts are, and the keys under a tuple are exactly those that begin with its bytes.

use crate::{Error, Stored};
use std::fmt;

const ESCAPED_ZERO: [u8; 2] = [0x00, 0xFF];
const END: [u8; 2] = [0x00, 0x01];
/// Most keys are no longer, in bytes.
const ROOM: usize = 96;

/// The name of a record within its kind: a tuple of strings.
///
/// Keys are ordered part by part, each part by its UTF-8 bytes, a shorter tuple before those that
/// it begins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key with these parts.
    pub fn new<S: AsRef<str>>(parts: impl IntoIterator<Item = S>) -> Key {
        let room = Key(Vec::with_capacity(ROOM));
        parts.into_iter().fold(room, |key, part| key.child(part))
    }

    /// This key with one more part.
    #[must_use]
    pub fn child(mut self, part: impl AsRef<str>) -> Key {
        push_escaped(&mut self.0, part.as_ref());
        self.0.extend(END);
        self
    }

    /// The parts, in order.
    pub fn parts(&self) -> Vec<String> {
        let (mut parts, mut part) = (Vec::new(), Vec::new());
        let mut bytes = self.0.iter().copied();
        while let Some(byte) = bytes.next() {
            match (byte, if byte == 0 { bytes.next() } else { None }) {
                (0, Some(0x01)) => {
                    parts.push(String::from_utf8_lossy(&part).into_owned());
                    part.clear();
                }
                _ => part.push(byte),
            }
        }
        parts
    }

    /// The last part, which usually is the record's name; empty when the key has no parts.
    pub fn name(&self) -> String {
        self.parts().pop().unwrap_or_default()
    }

    /// The encoded form.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads the encoded form back; `None` when it is not the encoding of any tuple.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Key> {
        let key = Key(bytes.to_vec());
        (Key::new(key.parts()) == key).then_some(key)
    }
}

/// Appends `part` as it stands within a key, without its end.
pub(crate) fn push_escaped(out: &mut Vec<u8>, part: &str) {
    for (number, run) in part.split('\0').enumerate() {
        if number > 0 {
            out.extend(ESCAPED_ZERO);
        }
        out.extend_from_slice(run.as_bytes());
    }
}

/// Rows of a kind with their keys read, as the stores scan them.
pub(crate) fn keyed(kind: &str, rows: Vec<(Vec<u8>, Stored)>) -> Result<Vec<(Key, Stored)>, Error> {
    let decode = |(bytes, stored): (Vec<u8>, Stored)| match Key::from_bytes(&bytes) {
        Some(key) => Ok((key, stored)),
        None => Err(Error::malformed(
            kind,
            &Key::default(),
            &format!("{bytes:?} is not a key"),
        )),
    };
    rows.into_iter().map(decode).collect()
}

impl fmt::Display for Key {
    /// The parts, for people: joined by `/`, control characters escaped. Not reversible.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts().iter().enumerate() {
            let slash = if i == 0 { "" } else { "/" };
            write!(f, "{slash}{}", part.escape_debug())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.parts())
    }
}

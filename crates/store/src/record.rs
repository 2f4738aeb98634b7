//! The typed half: records as serde types.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

use crate::{Error, Key, Read, Scan, Stored, Write};

/// A type whose values are kept in a store.
///
/// Change `VERSION` whenever a program that knows only the old format would misread the new one,
/// and teach [`upgrade`](Record::upgrade) the old one.
pub trait Record: Serialize + DeserializeOwned {
    /// The kind of record, such as `iam-role`: lower-case words joined by hyphens.
    const KIND: &'static str;

    /// The version of the format that this program writes.
    const VERSION: u32;

    /// Reads the JSON of an older `version`. `None` when that version is not known, which is what
    /// it answers unless it is overridden.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        let _ = (version, json);
        None
    }
}

/// A record read from a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// Its key.
    pub key: Key,
    /// The number of the commit that wrote it; see [`Stored::revision`].
    pub revision: u64,
    /// Its value.
    pub value: T,
}

impl dyn Read + '_ {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When it was written in a format that this program does not read, or the store fails.
    pub fn get<T: Record>(&self, key: &Key) -> Result<Option<T>, Error> {
        get(self, key).map(|entry| entry.map(|entry| entry.value))
    }

    /// The value under `key`, if there is one, as everyone gets it who asks for it: it may have been
    /// decoded before.
    ///
    /// # Errors
    /// As [`get`](#method.get).
    pub fn shared<T>(&self, key: &Key) -> Result<Option<Arc<T>>, Error>
    where
        T: Record + Send + Sync + 'static,
    {
        let Some(stored) = self.get_bytes(T::KIND, key)? else {
            return Ok(None);
        };
        if let Some(value) = stored.decoded.get() {
            return Ok(Some(value));
        }
        let value = Arc::new(decode::<T>(key.clone(), &stored)?.value);
        stored.decoded.keep(&value);
        Ok(Some(value))
    }

    /// The value under `key` with its revision, if there is one.
    ///
    /// # Errors
    /// As [`get`](#method.get).
    pub fn entry<T: Record>(&self, key: &Key) -> Result<Option<Entry<T>>, Error> {
        get(self, key)
    }

    /// The records that `scan` selects, in its order.
    ///
    /// # Errors
    /// As [`get`](#method.get).
    pub fn scan<T: Record>(&self, scan: &Scan) -> Result<Vec<Entry<T>>, Error> {
        scan_entries(self, scan)
    }
}

impl dyn Write + '_ {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When it was written in a format that this program does not read, or the store fails.
    pub fn get<T: Record>(&self, key: &Key) -> Result<Option<T>, Error> {
        get(self, key).map(|entry| entry.map(|entry| entry.value))
    }

    /// The value under `key` with its revision, if there is one.
    ///
    /// # Errors
    /// As [`get`](#method.get-1).
    pub fn entry<T: Record>(&self, key: &Key) -> Result<Option<Entry<T>>, Error> {
        get(self, key)
    }

    /// The records that `scan` selects, in its order.
    ///
    /// # Errors
    /// As [`get`](#method.get-1).
    pub fn scan<T: Record>(&self, scan: &Scan) -> Result<Vec<Entry<T>>, Error> {
        scan_entries(self, scan)
    }

    /// Stores a value, replacing what was there.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, or the store fails.
    pub fn put<T: Record>(&mut self, key: &Key, value: &T) -> Result<(), Error> {
        let json = serde_json::to_vec(value).map_err(|e| malformed::<T>(key, &e))?;
        self.put_bytes(T::KIND, key, T::VERSION, &json)
    }

    /// Stores a value unless there is one. Returns whether it was stored.
    ///
    /// # Errors
    /// As [`put`](#method.put).
    pub fn insert<T: Record>(&mut self, key: &Key, value: &T) -> Result<bool, Error> {
        let vacant = self.get_bytes(T::KIND, key)?.is_none();
        if vacant {
            self.put(key, value)?;
        }
        Ok(vacant)
    }

    /// Removes a record. Returns whether there was one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn delete<T: Record>(&mut self, key: &Key) -> Result<bool, Error> {
        self.delete_bytes(T::KIND, key)
    }
}

fn get<T: Record, R: Read + ?Sized>(tx: &R, key: &Key) -> Result<Option<Entry<T>>, Error> {
    let stored = tx.get_bytes(T::KIND, key)?;
    stored
        .map(|stored| decode(key.clone(), &stored))
        .transpose()
}

fn scan_entries<T: Record, R: Read + ?Sized>(tx: &R, scan: &Scan) -> Result<Vec<Entry<T>>, Error> {
    let rows = tx.scan_bytes(T::KIND, scan)?;
    rows.into_iter()
        .map(|(key, stored)| decode(key, &stored))
        .collect()
}

pub(crate) fn decode<T: Record>(key: Key, stored: &Stored) -> Result<Entry<T>, Error> {
    let kind = || T::KIND.to_owned();
    let found = stored.version;
    let value = if found == T::VERSION {
        serde_json::from_slice(&stored.json)
    } else if found > T::VERSION {
        return Err(Error::NewerRecord {
            kind: kind(),
            key,
            found,
            known: T::VERSION,
        });
    } else {
        match T::upgrade(found, &stored.json) {
            Some(value) => value,
            None => {
                return Err(Error::UnknownVersion {
                    kind: kind(),
                    key,
                    found,
                });
            }
        }
    };
    match value {
        Ok(value) => Ok(Entry {
            key,
            revision: stored.revision,
            value,
        }),
        Err(e) => Err(malformed::<T>(&key, &e)),
    }
}

fn malformed<T: Record>(key: &Key, error: &serde_json::Error) -> Error {
    Error::malformed(T::KIND, key, &error.to_string())
}

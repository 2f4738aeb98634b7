//! S3's own keys (Amazon S3 User Guide, "Using server-side encryption with Amazon S3 managed keys"): who may
//! read an object needs no other permission.
//!
//! There is one key at a time for all objects. It lies in the state, sealed with the root key, and each
//! content has a key that follows from it and from the content's name. Where the root key is replaced, the
//! keys until then are sealed anew for the objects that are there, and new objects get another: whoever
//! had the earlier root key, and a copy of the state, opens nothing that comes after.

use platform::seal::Sealer;
use platform::{ApiError, Call, Platform, Random};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use store::{Key, Read, Record, Scan, Write};

use super::sealing::DataKey;
use crate::bytes::ObjectBytes;

/// Bytes of a key.
const KEY: usize = 32;

/// A key of S3's own, under its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnKey {
    /// The last one is for new objects.
    number: u32,
    /// Its bytes, sealed with the root key.
    sealed: String,
}

impl Record for OwnKey {
    const KIND: &'static str = "s3-key";
    const VERSION: u32 = 1;
}

/// The number under which a key lies sorts as it counts.
fn place(number: u32) -> Key {
    Key::new([format!("{number:010}")])
}

fn purpose(number: u32) -> String {
    format!("s3-key:{number}")
}

fn all(tx: &dyn Read) -> Result<Vec<OwnKey>, ApiError> {
    let all = tx.scan::<OwnKey>(&Scan::under(&Key::new([] as [&str; 0])))?;
    Ok(all.into_iter().map(|entry| entry.value).collect())
}

impl OwnKey {
    /// One more key, which new objects get from now on.
    fn make(
        tx: &mut dyn Write,
        sealer: &Sealer,
        random: &dyn Random,
        before: u32,
    ) -> Result<Self, ApiError> {
        let mut key = [0; KEY];
        random.fill(&mut key)?;
        let number = before.saturating_add(1);
        let sealed = sealer.seal(random, &purpose(number), &key)?;
        let made = Self { number, sealed };
        if tx.insert(&place(number), &made)? {
            return Ok(made);
        }
        Err(ApiError::internal("there are too many keys of objects"))
    }

    fn open(&self, sealer: &Sealer) -> Result<DataKey, ApiError> {
        let opened = sealer.open(&purpose(self.number), &self.sealed).ok();
        let key = opened.and_then(|key| <[u8; KEY]>::try_from(key).ok());
        key.map(DataKey::new).ok_or_else(|| other_root(self.number))
    }
}

fn other_root(number: u32) -> ApiError {
    ApiError::internal(format!(
        "key {number} of objects cannot be opened: start with the root key that sealed it"
    ))
}

/// The keys that this program has opened.
#[derive(Default)]
pub(crate) struct OwnKeys(RwLock<BTreeMap<u32, DataKey>>);

impl OwnKeys {
    fn known(&self, number: Option<u32>) -> Option<(u32, DataKey)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = match number {
            Some(number) => known.get_key_value(&number),
            None => known.last_key_value(),
        };
        found.map(|(number, key)| (*number, key.clone()))
    }

    fn learn(&self, number: u32, key: &DataKey) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(number, key.clone());
    }
}

/// The key for new objects, with its number. It must not be called in a write transaction.
///
/// # Errors
/// When the state or the random source fails, or the root key is another.
pub(super) fn current(call: &Call<'_>) -> Result<(u32, DataKey), ApiError> {
    let platform = call.platform();
    let keys = platform.part::<ObjectBytes>()?.keys();
    // Whoever opens an earlier key has asked for the current one before: it is always known, or none is.
    if let Some(found) = keys.known(None) {
        return Ok(found);
    }
    let (last, key) = newest(platform)?;
    keys.learn(last, &key);
    Ok((last, key))
}

fn newest(platform: &Platform) -> Result<(u32, DataKey), ApiError> {
    let held = platform.store().read(|tx| all(tx))?.pop();
    let last = match held {
        Some(last) => last,
        None => platform.store().write(|tx| match all(&*tx)?.pop() {
            Some(last) => Ok(last),
            None => OwnKey::make(tx, platform.sealer(), platform.random(), 0),
        })?,
    };
    Ok((last.number, last.open(platform.sealer())?))
}

/// The key with this number. It must not be called in a write transaction.
///
/// # Errors
/// When there is none, the state fails, or the root key is another.
pub(super) fn numbered(call: &Call<'_>, number: u32) -> Result<DataKey, ApiError> {
    let platform = call.platform();
    let keys = platform.part::<ObjectBytes>()?.keys();
    current(call)?;
    if let Some((_, key)) = keys.known(Some(number)) {
        return Ok(key);
    }
    let held: Option<OwnKey> = platform.store().read(|tx| tx.get(&place(number)))?;
    let lost = || ApiError::internal(format!("key {number} of objects is gone"));
    let key = held.ok_or_else(lost)?.open(platform.sealer())?;
    keys.learn(number, &key);
    Ok(key)
}

/// Seals all keys anew, with the sealer's current key, and makes another for new objects if one of them
/// had been sealed with an earlier one. Returns how many keys there were.
///
/// # Errors
/// When one was sealed with a key that is not at hand, or the store fails.
pub fn reseal(tx: &mut dyn Write, sealer: &Sealer, random: &dyn Random) -> Result<usize, ApiError> {
    let keys = all(&*tx)?;
    let replaced = keys.iter().any(|key| sealer.is_by_earlier(&key.sealed));
    for key in &keys {
        let number = key.number;
        let sealed = sealer.reseal(random, &purpose(number), &key.sealed)?;
        let sealed = sealed.ok_or_else(|| other_root(number))?;
        tx.put(&place(number), &OwnKey { number, sealed })?;
    }
    if let Some(last) = keys.last().filter(|_| replaced) {
        OwnKey::make(tx, sealer, random, last.number)?;
    }
    Ok(keys.len())
}

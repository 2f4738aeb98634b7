//! Versions of objects (Amazon S3 User Guide, "Using versioning in S3 buckets").
//!
//! The current version of a key, if it is an object, is the [`Object`] record of the key: what reads
//! and lists no versions never meets another. All older versions, and delete markers, are [`Version`]
//! records under the key, the newest first. A key whose current version is a delete marker has no
//! [`Object`] record.

use jiff::Timestamp;
use platform::{ApiError, Random, id};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Key, Read, Record, Scan, Write};

use super::record::{Bucket, Object};
use super::settings::Versioning;
use super::{content, error};

/// The id of the version that was made while the bucket kept none.
pub(super) const NULL: &str = "null";

/// The letters of a version's place among those of its key, ascending.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// How many of them a place has: 65 bits.
const PLACE: usize = 13;
/// How many random letters follow it in an id.
const RANDOM: usize = 19;

/// An older version of an object, or a delete marker, under its bucket's id, its key and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// Its id; none of the null version.
    pub(super) id: Option<String>,
    /// How many versions were made of the key before it.
    pub(super) number: u64,
    /// When it was made.
    pub(super) made: Timestamp,
    /// When the next version was made; none of a delete marker that is the current version.
    pub(super) superseded: Option<Timestamp>,
    /// None of a delete marker.
    pub(super) object: Option<Object>,
}

impl Record for Version {
    const KIND: &'static str = "s3-version";
    const VERSION: u32 = 5;

    /// Version 1 knew no encryption but S3's own, version 2 no owner but the bucket's, version 3 no
    /// locks, and version 4 no key of S3's own.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version < 5).then(|| serde_json::from_slice(json))
    }
}

/// The place of a version as it sorts: the newest first.
pub(super) fn place(number: u64) -> String {
    let mut rest = u64::MAX - number;
    let mut digits = [b'0'; PLACE];
    for digit in digits.iter_mut().rev() {
        let at = usize::try_from(rest % 32).unwrap_or(0);
        *digit = DIGITS.get(at).copied().unwrap_or(b'0');
        rest /= 32;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The place in an id that is not the null version's.
pub(super) fn place_in(id: &str) -> Option<&str> {
    id.get(..PLACE)
}

fn new_id(random: &dyn Random, number: u64) -> Result<String, ApiError> {
    Ok(format!("{}{}", place(number), id::lower(random, RANDOM)?))
}

fn root(bucket: &Bucket, key: &str) -> Key {
    Key::new([bucket.id.as_str(), key])
}

impl Version {
    fn key(&self, bucket: &Bucket, key: &str) -> Key {
        root(bucket, key).child(place(self.number))
    }

    /// The id as answers show it.
    pub(super) fn shown_id(&self) -> &str {
        self.id.as_deref().unwrap_or(NULL)
    }

    pub(super) fn is_marker(&self) -> bool {
        self.object.is_none()
    }
}

impl Object {
    /// Its id as answers show it.
    pub(super) fn version_id(&self) -> &str {
        self.standing.version.as_deref().unwrap_or(NULL)
    }

    /// Its id for answers about a bucket that keeps or kept versions.
    pub(super) fn shown_version(&self, bucket: &Bucket) -> Option<&str> {
        (bucket.versioning != Versioning::Off).then(|| self.version_id())
    }
}

/// What is found under a key and a version's id.
pub(super) enum Found {
    Object(Arc<Object>),
    /// A delete marker, which is the current version.
    CurrentMarker(Box<Version>),
    /// A delete marker that was asked for.
    Marker(Box<Version>),
}

/// The version with this id, or else the current one, as of `tx`.
///
/// # Errors
/// When the state fails, or the id cannot be one.
pub(super) fn find(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<Option<Found>, ApiError> {
    let current: Option<Arc<Object>> = tx.shared(&Object::key(bucket, key))?;
    let Some(id) = id else {
        if let Some(object) = current {
            return Ok(Some(Found::Object(object)));
        }
        // Without versions there are no markers, and nothing to look up.
        let newest = newest(tx, bucket, key)?;
        return Ok(newest.map(|version| Found::CurrentMarker(Box::new(version))));
    };
    check_id(id)?;
    if let Some(object) = current.filter(|object| object.version_id() == id) {
        return Ok(Some(Found::Object(object)));
    }
    Ok(
        older(tx, bucket, key, id)?.map(|version| match version.object {
            Some(object) => Found::Object(Arc::new(object)),
            None => Found::Marker(Box::new(version)),
        }),
    )
}

/// The object under a key and a version's id; no marker is one.
///
/// # Errors
/// As [`find`].
pub(super) fn object(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<Option<Arc<Object>>, ApiError> {
    Ok(match find(tx, bucket, key, id)? {
        Some(Found::Object(object)) => Some(object),
        _ => None,
    })
}

fn check_id(id: &str) -> Result<(), ApiError> {
    let possible = id.len() == PLACE + RANDOM && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if possible || id == NULL {
        return Ok(());
    }
    let text = "Invalid version id specified";
    Err(error::invalid_argument("versionId", id, text))
}

/// The newest version that is not the current object.
fn newest(tx: &dyn Read, bucket: &Bucket, key: &str) -> Result<Option<Version>, ApiError> {
    if bucket.versioning == Versioning::Off {
        return Ok(None);
    }
    let first = tx.scan::<Version>(&Scan::under(&root(bucket, key)).limit(1))?;
    Ok(first.into_iter().next().map(|entry| entry.value))
}

/// A version, by its id, that is not the current object.
fn older(tx: &dyn Read, bucket: &Bucket, key: &str, id: &str) -> Result<Option<Version>, ApiError> {
    if bucket.versioning == Versioning::Off {
        return Ok(None);
    }
    let root = root(bucket, key);
    if id == NULL {
        let all = tx.scan::<Version>(&Scan::under(&root))?;
        let mut all = all.into_iter().map(|entry| entry.value);
        return Ok(all.find(|version| version.id.is_none()));
    }
    let Some(place) = place_in(id) else {
        return Ok(None);
    };
    let found: Option<Version> = tx.get(&root.child(place))?;
    Ok(found.filter(|version| version.id.as_deref() == Some(id)))
}

/// All versions of a key that are not the current object, the newest first.
///
/// # Errors
/// When the state fails.
pub(super) fn older_of(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
) -> Result<Vec<Version>, ApiError> {
    let all = tx.scan::<Version>(&Scan::under(&root(bucket, key)))?;
    Ok(all.into_iter().map(|entry| entry.value).collect())
}

/// The number of the next version of a key.
fn next(
    tx: &dyn Read,
    bucket: &Bucket,
    key: &str,
    current: Option<&Object>,
) -> Result<u64, ApiError> {
    let held = current.map(|object| object.standing.number + 1);
    let marker = newest(tx, bucket, key)?.map(|version| version.number + 1);
    Ok(held.max(marker).unwrap_or(0))
}

/// Removes a version that is not the current object. Returns the pieces to forget.
fn drop_version(
    tx: &mut dyn Write,
    bucket: &Bucket,
    key: &str,
    version: &Version,
) -> Result<Vec<String>, ApiError> {
    tx.delete::<Version>(&version.key(bucket, key))?;
    match &version.object {
        Some(object) => content::remove(tx, &object.content),
        None => Ok(Vec::new()),
    }
}

/// Whether an object that is current becomes an older version when another takes its place.
pub(super) fn stays(bucket: &Bucket, object: &Object) -> bool {
    match bucket.versioning {
        Versioning::Off => false,
        Versioning::Enabled => true,
        Versioning::Suspended => object.standing.version.is_some(),
    }
}

/// Makes room for a new version: what was current becomes an older one, or goes, where the bucket
/// keeps no versions and it is the null version itself. `next` is the object that is put there then.
/// Returns the pieces to forget.
fn give_way(
    tx: &mut dyn Write,
    bucket: &Bucket,
    key: &str,
    (current, next): (Option<Object>, Option<&Object>),
    time: Timestamp,
) -> Result<Vec<String>, ApiError> {
    let mut gone = Vec::new();
    if bucket.versioning == Versioning::Suspended
        && let Some(version) = older(&*tx, bucket, key, NULL)?
    {
        gone = drop_version(tx, bucket, key, &version)?;
    }
    if let Some(object) = current {
        if next.is_none() {
            tx.delete::<Object>(&Object::key(bucket, key))?;
        }
        if stays(bucket, &object) {
            let version = Version {
                id: object.standing.version.clone(),
                number: object.standing.number,
                made: object.modified,
                superseded: Some(time),
                object: Some(object),
            };
            tx.put(&version.key(bucket, key), &version)?;
        } else {
            let next = next.map(|next| &next.content);
            gone.extend(content::remove_for(tx, &object.content, next)?);
        }
    } else if let Some(mut marker) = newest(&*tx, bucket, key)? {
        marker.superseded = Some(time);
        tx.put(&marker.key(bucket, key), &marker)?;
    }
    Ok(gone)
}

/// Makes `object` the current version of a key and gives it its id. `before` is the one that is
/// current. Returns the pieces to forget when that is committed.
///
/// # Errors
/// When the state or the random source fails.
pub(super) fn put(
    tx: &mut dyn Write,
    random: &dyn Random,
    bucket: &Bucket,
    key: &str,
    before: Option<Object>,
    object: &mut Object,
) -> Result<Vec<String>, ApiError> {
    let number = next(&*tx, bucket, key, before.as_ref())?;
    object.standing.number = number;
    object.standing.version = match bucket.versioning {
        Versioning::Enabled => Some(new_id(random, number)?),
        Versioning::Off | Versioning::Suspended => None,
    };
    let gone = give_way(tx, bucket, key, (before, Some(object)), object.modified)?;
    tx.put(&Object::key(bucket, key), object)?;
    Ok(gone)
}

/// Changes an object in its place, such as its tags.
///
/// # Errors
/// When the state fails.
pub(super) fn change(
    tx: &mut dyn Write,
    bucket: &Bucket,
    key: &str,
    object: Object,
) -> Result<(), ApiError> {
    let place = Object::key(bucket, key);
    let current: Option<Object> = tx.get(&place)?;
    if current.is_some_and(|current| current.version_id() == object.version_id()) {
        return Ok(tx.put(&place, &object)?);
    }
    let held = older(&*tx, bucket, key, object.version_id())?;
    let Some(mut held) = held else {
        return Err(error::no_such_version(key, object.version_id()));
    };
    held.object = Some(object);
    Ok(tx.put(&held.key(bucket, key), &held)?)
}

/// What a deletion did.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// The pieces to forget when it is committed.
    pub(super) gone: Vec<String>,
    /// The version that was deleted, or the marker that was made.
    pub(super) version: Option<String>,
    /// Whether that is a delete marker.
    pub(super) marker: bool,
}

/// Deletes the current version: where the bucket keeps versions, by a delete marker. That there is
/// none is no error.
///
/// # Errors
/// When the state or the random source fails.
pub(super) fn delete_current(
    tx: &mut dyn Write,
    random: &dyn Random,
    bucket: &Bucket,
    key: &str,
    time: Timestamp,
) -> Result<Deleted, ApiError> {
    let current: Option<Object> = tx.get(&Object::key(bucket, key))?;
    let number = next(&*tx, bucket, key, current.as_ref())?;
    let gone = give_way(tx, bucket, key, (current, None), time)?;
    let id = match bucket.versioning {
        Versioning::Off => {
            return Ok(Deleted {
                gone,
                ..Deleted::default()
            });
        }
        Versioning::Enabled => Some(new_id(random, number)?),
        Versioning::Suspended => None,
    };
    let marker = Version {
        id,
        number,
        made: time,
        superseded: None,
        object: None,
    };
    tx.put(&marker.key(bucket, key), &marker)?;
    Ok(Deleted {
        gone,
        version: Some(marker.shown_id().to_owned()),
        marker: true,
    })
}

/// Deletes one version for good. The newest of those that are left becomes the current one. That
/// there is no such version is no error.
///
/// # Errors
/// When the state fails, or the id cannot be one.
pub(super) fn delete_version(
    tx: &mut dyn Write,
    bucket: &Bucket,
    key: &str,
    id: &str,
) -> Result<Deleted, ApiError> {
    check_id(id)?;
    let place = Object::key(bucket, key);
    let current: Option<Object> = tx.get(&place)?;
    let mut deleted = Deleted {
        version: Some(id.to_owned()),
        ..Deleted::default()
    };
    match current {
        Some(object) if object.version_id() == id => {
            tx.delete::<Object>(&place)?;
            deleted.gone = content::remove(tx, &object.content)?;
            promote(tx, bucket, key)?;
        }
        current => {
            let Some(version) = older(&*tx, bucket, key, id)? else {
                return Ok(deleted);
            };
            deleted.marker = version.is_marker();
            deleted.gone = drop_version(tx, bucket, key, &version)?;
            if current.is_none() {
                promote(tx, bucket, key)?;
            }
        }
    }
    Ok(deleted)
}

/// Makes the newest version the current one, where no object is.
fn promote(tx: &mut dyn Write, bucket: &Bucket, key: &str) -> Result<(), ApiError> {
    let Some(mut version) = newest(&*tx, bucket, key)? else {
        return Ok(());
    };
    let place = version.key(bucket, key);
    match version.object.take() {
        Some(object) => {
            tx.delete::<Version>(&place)?;
            tx.put(&Object::key(bucket, key), &object)?;
        }
        None => {
            version.superseded = None;
            tx.put(&place, &version)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_versions_sort_first() {
        let places: Vec<String> = [u64::MAX, 1 << 40, 33, 32, 31, 1, 0].map(place).into();
        assert!(places.is_sorted(), "{places:?}");
        assert!(places.iter().all(|place| place.len() == PLACE));
    }
}

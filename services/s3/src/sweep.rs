//! Removing what a crash left.

use platform::{ApiError, Platform, id};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use store::{Key, Read, Record, Scan};

use crate::bytes::{ObjectBytes, location};
use crate::multipart::Part;
use crate::record::{Content, Object};
use crate::versions::Version;

/// How many records are looked at together.
const SOME: usize = 1_000;

/// The key of [`Owner`].
const OWNER: &str = "objects";

/// Whose the bytes in a store elsewhere are.
#[derive(Serialize, Deserialize)]
pub(super) struct Owner {
    id: String,
}

impl Record for Owner {
    const KIND: &'static str = "s3-owner";
    const VERSION: u32 = 1;
}

/// Makes sure that the bytes are where they were, and that nobody else has bytes there: each would take
/// the other's for what a crash left. Call it before [`sweep`].
///
/// # Errors
/// When they were elsewhere, or the place is another platform's, or the state or the object store fails.
pub fn claim(platform: &Platform) -> Result<(), ApiError> {
    let bytes: &ObjectBytes = platform.part()?;
    let key = Key::new([OWNER]);
    let (elsewhere, none) = platform.store().read(|tx| {
        let elsewhere = lies_elsewhere(tx)?;
        let moved = elsewhere != bytes.is_shared();
        Ok::<_, ApiError>((elsewhere, moved && pieces(tx)?.is_empty()))
    })?;
    match (elsewhere, bytes.is_shared()) {
        (true, false) if !none => {
            return Err(ApiError::internal(
                "the bytes of objects are in another store: name it with `--objects`",
            ));
        }
        (false, true) if !none => {
            return Err(ApiError::internal(
                "the bytes of objects are in the data directory: leave `--objects` out",
            ));
        }
        (_, false) => return Ok(()),
        (_, true) => {}
    }
    let new = id::lower(platform.random(), 26)?;
    let id = platform.store().write(|tx| {
        let held: Option<Owner> = tx.get(&key)?;
        match held {
            Some(owner) => Ok::<_, ApiError>(owner.id),
            None => tx
                .put(&key, &Owner { id: new.clone() })
                .map(|()| new)
                .map_err(ApiError::from),
        }
    })?;
    if bytes.mark(&id)? == id {
        return Ok(());
    }
    Err(ApiError::internal(
        "the object store holds the objects of another platform: choose another prefix in \
         `--objects`, or use the data directory that belongs to this one",
    ))
}

/// Removes the bytes that no object names, which a crash may have left; returns how many pieces. What is put
/// since [`ObjectBytes::spare_new`] is spared, so that it can go on beside requests. It breaks off
/// when `go_on` says so.
///
/// # Errors
/// When the state or the object store fails.
pub fn sweep(platform: &Platform, go_on: &mut dyn FnMut() -> bool) -> Result<usize, ApiError> {
    let bytes: &ObjectBytes = platform.part()?;
    // First the pieces, then the names: a piece that is old enough to be found has its name by now.
    let mut unnamed = bytes.candidates(platform.now(), go_on)?;
    let mut complete = go_on();
    if complete && !unnamed.is_empty() {
        let tx = platform.store().begin_read()?;
        complete = each_piece(&*tx, &mut |name| {
            unnamed.remove(name);
            go_on()
        })?;
    }
    if !complete {
        return Ok(0);
    }
    let removed = bytes.remove_all(unnamed, go_on)?;
    bytes.swept();
    Ok(removed)
}

/// Whether the bytes of objects are in a store elsewhere.
///
/// # Errors
/// When the state cannot be read.
pub fn lies_elsewhere(tx: &dyn Read) -> Result<bool, ApiError> {
    Ok(tx.get::<Owner>(&Key::new([OWNER]))?.is_some())
}

/// The names of all pieces that objects, and parts of objects to be, consist of.
///
/// # Errors
/// When the state cannot be read.
pub fn pieces(tx: &dyn Read) -> Result<HashSet<String>, ApiError> {
    let mut named = HashSet::new();
    each_piece(tx, &mut |name| {
        named.insert(name.to_owned());
        true
    })?;
    Ok(named)
}

/// Shows `see` the name of every piece, until it answers no. Whether it never did.
fn each_piece(tx: &dyn Read, see: &mut dyn FnMut(&str) -> bool) -> Result<bool, ApiError> {
    let mut all = |content: &Content| content.pieces.iter().all(|piece| see(&piece.name));
    Ok(each::<Object>(tx, |object| all(&object.content))?
        && each::<Version>(tx, |version| {
            version.object.is_none_or(|object| all(&object.content))
        })?
        && each::<Part>(tx, |part| all(&part.content))?)
}

/// Where a piece lies below the directory of [`ObjectBytes::on_disk`].
#[must_use]
pub fn piece_path(name: &str) -> String {
    location(name).to_string()
}

/// Shows `see` every record of a kind, some at a time, until it answers no. Whether it never did.
fn each<T: Record>(tx: &dyn Read, mut see: impl FnMut(T) -> bool) -> Result<bool, ApiError> {
    let mut scan = Scan::under(&Key::default()).limit(SOME);
    loop {
        let some = tx.scan::<T>(&scan)?;
        let Some(last) = some.last().map(|entry| entry.key.clone()) else {
            return Ok(true);
        };
        if !some.into_iter().all(|entry| see(entry.value)) {
            return Ok(false);
        }
        scan = Scan::under(&Key::default()).after(&last).limit(SOME);
    }
}

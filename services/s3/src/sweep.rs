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
    let key = Key::new(["objects"]);
    let (elsewhere, none) = platform.store().read(|tx| {
        let elsewhere = tx.get::<Owner>(&key)?.is_some();
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

/// Removes the bytes that no object names, which a crash may have left. Call it once, before the
/// platform serves. Returns how many pieces were removed.
///
/// # Errors
/// When the state or the object store fails.
pub fn sweep(platform: &Platform) -> Result<usize, ApiError> {
    let bytes: &ObjectBytes = platform.part()?;
    let tx = platform.store().begin_read()?;
    Ok(bytes.sweep(&pieces(&*tx)?, platform.now())?)
}

/// The names of all pieces that objects, and parts of objects to be, consist of.
///
/// # Errors
/// When the state cannot be read.
pub fn pieces(tx: &dyn Read) -> Result<HashSet<String>, ApiError> {
    let mut named = HashSet::new();
    each::<Object>(tx, |object| names(&object.content, &mut named))?;
    each::<Version>(tx, |version| {
        if let Some(object) = version.object {
            names(&object.content, &mut named);
        }
    })?;
    each::<Part>(tx, |part| names(&part.content, &mut named))?;
    Ok(named)
}

/// Where a piece lies below the directory of [`ObjectBytes::on_disk`].
#[must_use]
pub fn piece_path(name: &str) -> String {
    location(name).to_string()
}

fn names(content: &Content, named: &mut HashSet<String>) {
    named.extend(content.pieces.iter().map(|piece| piece.name.clone()));
}

/// Shows `see` every record of a kind, some at a time.
fn each<T: Record>(tx: &dyn Read, mut see: impl FnMut(T)) -> Result<(), ApiError> {
    let mut scan = Scan::under(&Key::default()).limit(SOME);
    loop {
        let some = tx.scan::<T>(&scan)?;
        let Some(last) = some.last().map(|entry| entry.key.clone()) else {
            return Ok(());
        };
        some.into_iter().for_each(|entry| see(entry.value));
        scan = Scan::under(&Key::default()).after(&last).limit(SOME);
    }
}

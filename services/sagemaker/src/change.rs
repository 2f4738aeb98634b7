//! Updating, stopping, deleting.

use jiff::Timestamp;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use std::sync::Arc;
use store::Scan;
use wire::value::Value;

use super::item::{Item, Place, State};
use super::row::{Life, Row, in_use};
use super::{Kind, create, kept, keys, named, show};

pub(super) fn may_update<K: Kind>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let row = K::row();
    let check = Check::of(call.action(), named::target(call, row)?);
    let mut check = keys::set(check, row.update_keys, call, call.input());
    if let Some(item) = named::find(call, row)? {
        check = keys::set(check, row.kept_keys, call, &show::show(call, row, &item)?);
    }
    let arn = row.arn(call, &row.names_in(call)?);
    Ok(Checks::from(check).and_all(create::of_roles(call, row, &arn)?))
}

pub(super) fn update<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let row = K::row();
    let item = change(call, row, |item| {
        must_be(row, item, "InProgress")?;
        let mut new = kept::to_json(call.input());
        if let Some(members) = new.as_object_mut() {
            members.retain(|name, _| !row.names.contains(&name.as_str()));
        }
        kept::merge(&mut item.input, new);
        Ok(())
    })?;
    Ok(Outcome::new(
        Value::map().with(format!("{}Arn", row.noun), row.arn_of(call, &item)),
    ))
}

/// Stops a job. Nothing runs for it, so it has stopped as soon as it is told to.
pub(super) fn stop<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let row = K::row();
    change(call, row, |item| {
        must_be(row, item, "InProgress")?;
        for status in ["Stopping", "Stopped"] {
            item.states.push(State {
                status: status.to_owned(),
                since: call.time(),
            });
        }
        Ok(())
    })?;
    Ok(Outcome::empty())
}

pub(super) fn delete<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (row, place) = (K::row(), Place::of(call));
    let names = row.names_in(call)?;
    call.write(|tx| {
        let item = place
            .find(&*tx, row, &names)?
            .ok_or_else(|| row.missing(call, &names))?;
        if let (Life::Job { noun, .. }, Some("InProgress")) = (&row.life, item.status()) {
            return Err(in_use(format!(
                "The {noun} {} is in progress: stop it first.",
                item.path()
            )));
        }
        for child in row.children {
            let under = Scan::under(&place.key(child, &names)).limit(1);
            if !tx.scan::<Item>(&under)?.is_empty() {
                return Err(in_use(format!(
                    "Unable to delete {} [{}] because {}(s) are associated with it.",
                    row.noun,
                    row.arn_of(call, &item),
                    child.noun
                )));
            }
        }
        tx.delete::<Item>(&place.key(row, &names))?;
        Ok(Outcome::empty())
    })
}

/// Changes the resource that the input names.
fn change(
    call: &Permitted<Call<'_>>,
    row: &Row,
    body: impl FnOnce(&mut Item) -> Result<(), ApiError>,
) -> Result<Item, ApiError> {
    let (place, names) = (Place::of(call), row.names_in(call)?);
    call.write(|tx| {
        let item = place.find(&*tx, row, &names)?;
        let item = item.ok_or_else(|| row.missing(call, &names))?;
        let mut item = Arc::unwrap_or_clone(item);
        body(&mut item)?;
        item.modified = later(item.modified, call.time());
        tx.put(&place.key(row, &names), &item)?;
        Ok(item)
    })
}

fn later(one: Timestamp, other: Timestamp) -> Timestamp {
    one.max(other)
}

/// Refuses what a job admits only in a certain state.
fn must_be(row: &Row, item: &Item, status: &str) -> Result<(), ApiError> {
    match (&row.life, item.status()) {
        (Life::Job { noun, .. }, Some(is)) if is != status => Err(ApiError::validation(format!(
            "The request was rejected because the {noun} is in status {is}."
        ))),
        _ => Ok(()),
    }
}

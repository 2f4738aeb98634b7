//! Tags of users and roles.

use platform::{ApiError, Call, Checks, Outcome, Permitted};

use super::entity::{Entity, get as entity, update};
use super::{check, list, quota};
use platform::tags;

pub(super) fn may_tag<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let check = check::check_on::<E>(call, call.text(E::NAME)?)?;
    Ok(check.request_tags(&tags::read(call.input(), "Tags")).into())
}

pub(super) fn may_untag<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let check = check::check_on::<E>(call, call.text(E::NAME)?)?;
    Ok(check.tag_keys(tags::keys(call.input(), "TagKeys")).into())
}

pub(super) fn tag<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = tags::read(call.input(), "Tags");
    update::<E>(call, |entity| {
        quota::tags(E::NOUN, entity.tags(), &new)?;
        tags::put(entity.tags_mut(), new);
        Ok(())
    })
}

pub(super) fn untag<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    update::<E>(call, |entity| {
        tags::remove(entity.tags_mut(), &keys);
        Ok(())
    })
}

pub(super) fn list<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let entity: E = entity(call)?;
    let mut held = entity.tags().to_vec();
    held.sort_by(|a, b| a.key.cmp(&b.key));
    list::page(
        call,
        "Tags",
        entity.name(),
        held,
        |tag| &tag.key,
        tags::write_one,
    )
}

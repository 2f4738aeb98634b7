//! Tags of everything in IAM that has some.

use platform::identity::{self, Role, Tag, User};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use store::{Read, Write};

use super::entity::{Entity, need};
use super::{check, list, quota};
use platform::tags;

/// Something with tags.
pub(super) trait Taggable: Sized {
    /// What the limit of tags is called after: `TagsPerNOUN`.
    const NOUN: &'static str;

    /// The one that the input names.
    fn of(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError>;
    /// The one that the input names, for authorization.
    fn target(call: &Call<'_>) -> Result<Target, ApiError>;
    fn name(&self) -> &str;
    fn tags(&self) -> &[Tag];
    fn tags_mut(&mut self) -> &mut Vec<Tag>;
    fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError>;
}

macro_rules! entity {
    ($type:ident, $noun:literal) => {
        impl Taggable for $type {
            const NOUN: &'static str = $noun;

            fn of(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError> {
                need(tx, call.account(), call.text(<Self as Entity>::NAME)?)
            }
            fn target(call: &Call<'_>) -> Result<Target, ApiError> {
                check::target::<Self>(call, call.text(<Self as Entity>::NAME)?)
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn tags(&self) -> &[Tag] {
                &self.tags
            }
            fn tags_mut(&mut self) -> &mut Vec<Tag> {
                &mut self.tags
            }
            fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError> {
                let key = identity::named(call.account(), &self.name);
                Ok(tx.put(&key, self)?)
            }
        }
    };
}

entity!(Role, "role");
entity!(User, "user");

pub(super) fn may_tag<T: Taggable>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let check = Check::of(call.action(), T::target(call)?);
    Ok(check.request_tags(&tags::read(call.input(), "Tags")).into())
}

pub(super) fn may_untag<T: Taggable>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let check = Check::of(call.action(), T::target(call)?);
    Ok(check.tag_keys(tags::keys(call.input(), "TagKeys")).into())
}

pub(super) fn may_list<T: Taggable>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), T::target(call)?).into())
}

pub(super) fn tag<T: Taggable>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = tags::read(call.input(), "Tags");
    call.write(|tx| {
        let mut thing = T::of(&*tx, call)?;
        quota::tags(T::NOUN, thing.tags(), &new)?;
        tags::put(thing.tags_mut(), new);
        thing.put(tx, call)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn untag<T: Taggable>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    call.write(|tx| {
        let mut thing = T::of(&*tx, call)?;
        tags::remove(thing.tags_mut(), &keys);
        thing.put(tx, call)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list<T: Taggable>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let thing = T::of(call.state(), call)?;
    let mut held = thing.tags().to_vec();
    held.sort_by(|a, b| a.key.cmp(&b.key));
    list::page(
        call,
        "Tags",
        thing.name(),
        held,
        |tag| &tag.key,
        tags::write_one,
    )
}

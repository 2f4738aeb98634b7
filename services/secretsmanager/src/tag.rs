//! Tags of secrets.

use platform::identity::Tag;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use std::sync::Arc;

use super::{check, error, name};
use platform::tags;

/// The most tags of a secret (Secrets Manager API Reference, "TagResource").
const MOST: usize = 50;

/// The tags in the input.
///
/// # Errors
/// When they are not such as secrets have.
pub(super) fn read(call: &Call<'_>) -> Result<Vec<Tag>, ApiError> {
    let given = tags::read(call.input(), "Tags");
    for (number, tag) in given.iter().enumerate() {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(error::parameter(
                "Tag keys that start with aws: are reserved for AWS use. You can't add, edit, or \
                 delete tag keys or values with this prefix.",
            ));
        }
        // Condition keys tell tags apart without regard to case.
        if given
            .iter()
            .skip(number + 1)
            .any(|other| other.key.eq_ignore_ascii_case(&tag.key))
        {
            return Err(duplicate());
        }
    }
    if given.len() > MOST {
        return Err(error::parameter("A secret can have up to 50 tags."));
    }
    Ok(given)
}

fn duplicate() -> ApiError {
    error::parameter("You can't use duplicate tag keys.")
}

pub(super) fn may_tag(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check::check(call)?.request_tags(&read(call)?).into())
}

pub(super) fn may_untag(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check::check(call)?
        .tag_keys(tags::keys(call.input(), "TagKeys"))
        .into())
}

pub(super) fn tag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = read(call)?;
    change(call, |held| {
        tags::put_exactly(held, new).map_err(|_| duplicate())?;
        if held.len() > MOST {
            return Err(error::parameter("A secret can have up to 50 tags."));
        }
        Ok(())
    })
}

pub(super) fn untag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    change(call, |held| {
        tags::remove_exactly(held, &keys);
        Ok(())
    })
}

fn change(
    call: &Permitted<Call<'_>>,
    edit: impl FnOnce(&mut Vec<Tag>) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut secret = Arc::unwrap_or_clone(name::usable(call, &*tx)?);
        edit(&mut secret.tags)?;
        secret.changed = call.time();
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(Outcome::empty())
    })
}

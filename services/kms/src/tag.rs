//! Tags of keys.

use platform::identity::Tag;
use platform::{ApiError, Call, Checks, Outcome, Permitted, tags};
use wire::value::Value;

use super::{check, error, list};

/// Tags of a key (KMS Developer Guide, "Tags in AWS KMS").
const MOST: usize = 50;

/// The tags in the input, which KMS spells in its own way.
pub(super) fn read(call: &Call<'_>) -> Result<Vec<Tag>, ApiError> {
    let mut read: Vec<Tag> = Vec::new();
    for value in call.input().list("Tags") {
        let key = value.str("TagKey").unwrap_or_default();
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(error::tag("Tags beginning with aws: are reserved"));
        }
        // Condition keys tell tags apart without regard to case.
        if read.iter().any(|tag| tag.key.eq_ignore_ascii_case(key)) {
            return Err(error::tag("Duplicate tag keys"));
        }
        read.push(Tag::new(key, value.str("TagValue").unwrap_or_default()));
    }
    if read.len() > MOST {
        return Err(error::limit("Too many tags"));
    }
    Ok(read)
}

pub(super) fn may_tag(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check::on_own_key(call)?.request_tags(&read(call)?).into())
}

pub(super) fn may_untag(call: &Call<'_>) -> Result<Checks, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    Ok(check::on_own_key(call)?.tag_keys(keys).into())
}

fn change(
    call: &Permitted<Call<'_>>,
    edit: impl FnOnce(&mut Vec<Tag>) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        key.not_pending(call.platform())?;
        edit(&mut key.tags)?;
        if key.tags.len() > MOST {
            return Err(error::limit("Too many tags"));
        }
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn tag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = read(call)?;
    change(call, |held| {
        tags::put_exactly(held, new)
            .map_err(|key| error::tag(format!("The key has the tag {key} in another case")))
    })
}

pub(super) fn untag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    change(call, |held| {
        tags::remove_exactly(held, &keys);
        Ok(())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = check::own(call, call.state())?;
    let arn = key.arn(call.platform());
    let mut tags = key.tags.clone();
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    let page = list::page(call, &[&arn], tags, |tag: &Tag| &tag.key, 50)?;
    let show = |tag: &Tag| {
        Value::map()
            .with("TagKey", tag.key.as_str())
            .with("TagValue", tag.value.as_str())
    };
    let shown: Value = page.items.iter().map(show).collect();
    Ok(list::answer("Tags", shown, page.next))
}

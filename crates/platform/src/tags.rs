//! Tags in inputs and outputs, which most services write as lists of `Key` and `Value`.

use crate::identity::Tag;
use wire::value::Value;

/// The tags in a member of an input.
pub fn read(input: &Value, member: &str) -> Vec<Tag> {
    let tag = |value: &Value| {
        Some(Tag::new(
            value.str("Key")?,
            value.str("Value").unwrap_or(""),
        ))
    };
    input.list(member).iter().filter_map(tag).collect()
}

/// The tag keys in a member of an input.
pub fn keys(input: &Value, member: &str) -> Vec<String> {
    input
        .list(member)
        .iter()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect()
}

/// Tags as an output lists them.
pub fn write(tags: &[Tag]) -> Value {
    tags.iter().map(write_one).collect()
}

/// One tag as an output lists it.
pub fn write_one(tag: &Tag) -> Value {
    Value::map()
        .with("Key", tag.key.as_str())
        .with("Value", tag.value.as_str())
}

/// Adds `new` tags to `held`, replacing those with the same key ignoring case.
pub fn put(held: &mut Vec<Tag>, new: Vec<Tag>) {
    for tag in new {
        match held
            .iter_mut()
            .find(|old| old.key.eq_ignore_ascii_case(&tag.key))
        {
            Some(old) => *old = tag,
            None => held.push(tag),
        }
    }
}

/// Removes the tags with these keys, ignoring case.
pub fn remove(held: &mut Vec<Tag>, keys: &[String]) {
    held.retain(|tag| !keys.iter().any(|key| key.eq_ignore_ascii_case(&tag.key)));
}

/// Adds `new` tags to `held`, where keys keep their case: a key that is there already in another case
/// is refused. Replacing it would let a request for one key, which is what `aws:TagKeys` shows to
/// policies, change another.
///
/// # Errors
/// That key.
pub fn put_exactly(held: &mut Vec<Tag>, new: Vec<Tag>) -> Result<(), String> {
    for tag in new {
        match held
            .iter_mut()
            .find(|old| old.key.eq_ignore_ascii_case(&tag.key))
        {
            Some(old) if old.key == tag.key => *old = tag,
            Some(_) => return Err(tag.key),
            None => held.push(tag),
        }
    }
    Ok(())
}

/// Removes the tags with exactly these keys.
pub fn remove_exactly(held: &mut Vec<Tag>, keys: &[String]) {
    held.retain(|tag| !keys.contains(&tag.key));
}

/// Tags as a blueprint wants them.
pub fn wanted(tags: &[(String, String)]) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::new(key, value))
        .collect()
}

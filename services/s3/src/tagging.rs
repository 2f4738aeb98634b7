//! Tags of objects.

use platform::identity::Tag;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use std::sync::Arc;
use wire::value::Value;

use super::object;
use super::record::{Bucket, Object};
use super::{body, check, error, versions};
use platform::tags;

/// The most tags of an object (Amazon S3 User Guide, "Categorizing your objects using tags").
const MOST: usize = 10;

/// The tags in the `x-amz-tagging` header: a query string.
///
/// # Errors
/// When it is none, or the tags are not such as objects have.
pub(super) fn from_header(call: &Call<'_>) -> Result<Vec<Tag>, ApiError> {
    let Some(text) = call.input().str("Tagging") else {
        return Ok(Vec::new());
    };
    let wrong = || {
        error::invalid_argument(
            "x-amz-tagging",
            text,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query \
             parameters without tag name duplicates.",
        )
    };
    let tags: Vec<Tag> = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some(Tag::new(decode(key)?, decode(value)?))
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let mut keys: Vec<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    if !keys.is_sorted_by(|one, next| one < next) {
        return Err(wrong());
    }
    if tags.iter().any(|tag| tag.key.starts_with("aws:")) {
        let text = "Your TagKey cannot be prefixed with aws:";
        return Err(ApiError::new("InvalidTag", 400, text));
    }
    check_tags(&tags)?;
    Ok(tags)
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(wire::uri::decode(&text.replace('+', " "))).ok()
}

fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.len() > MOST {
        let text = "Object tags cannot be greater than 10";
        return Err(ApiError::new("BadRequest", 400, text));
    }
    check_each(tags)
}

/// Refuses tags that neither objects nor buckets can have.
///
/// # Errors
/// `InvalidTag`.
pub(super) fn check_each(tags: &[Tag]) -> Result<(), ApiError> {
    let invalid = |text: &str| Err(ApiError::new("InvalidTag", 400, text));
    for (number, tag) in tags.iter().enumerate() {
        if tag.key.is_empty() || tag.key.chars().count() > 128 {
            return invalid("The TagKey you have provided is invalid");
        }
        if tag.value.chars().count() > 256 {
            return invalid("The TagValue you have provided is invalid");
        }
        if tag.key.starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        // Condition keys tell tags apart without regard to case.
        if tags
            .iter()
            .skip(number + 1)
            .any(|other| other.key.eq_ignore_ascii_case(&tag.key))
        {
            return invalid("Cannot provide multiple Tags with the same key");
        }
    }
    Ok(())
}

/// The tags in the request as condition keys.
pub(super) fn keys(mut check: Check, tags: &[Tag]) -> Check {
    for tag in tags {
        check = check.key(
            format!("s3:RequestObjectTag/{}", tag.key),
            tag.value.as_str(),
        );
    }
    let names: Vec<String> = tags.iter().map(|tag| tag.key.clone()).collect();
    check.key_if(
        "s3:RequestObjectTagKeys",
        (!names.is_empty()).then_some(names),
    )
}

/// The tags of the object that is there as condition keys.
pub(super) fn existing(mut check: Check, held: Option<&Object>) -> Check {
    for tag in held.into_iter().flat_map(|object| &object.tags) {
        check = check.key(
            format!("s3:ExistingObjectTag/{}", tag.key),
            tag.value.as_str(),
        );
    }
    check
}

/// The operation's own action on the object that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let target = check::object_target(call, &bucket, key)?;
    let version = call.input().str("VersionId");
    let held = versions::object(call.state(), &bucket, key, version)?;
    let action = match version {
        // `GetObjectTagging`, `GetObjectVersionTagging`.
        Some(_) => format!("s3:{}", call.operation().replace("Object", "ObjectVersion")),
        None => format!("s3:{}", call.operation()),
    };
    let check = check::ask(call, &action, target, &bucket)?.key_if("s3:versionid", version);
    let check = existing(check, held.as_deref());
    let given = given(call);
    check_tags(&given)?;
    Ok(keys(check, &given).into())
}

/// Whether the caller may know how many tags an object has: who may read them.
pub(super) fn may_count(
    call: &Call<'_>,
    bucket: &Bucket,
    object: &Object,
) -> Result<bool, ApiError> {
    let version = call.input().str("VersionId");
    let action = match version {
        Some(_) => "s3:GetObjectVersionTagging",
        None => "s3:GetObjectTagging",
    };
    let target = check::object_target(call, bucket, call.text("Key")?)?;
    let check = check::ask(call, action, target, bucket)?.key_if("s3:versionid", version);
    match call.demand(&existing(check, Some(object))) {
        Ok(()) => Ok(true),
        Err(error) if error.is_denial() => Ok(false),
        Err(error) => Err(error),
    }
}

fn given(call: &Call<'_>) -> Vec<Tag> {
    call.input()
        .get("Tagging")
        .map(|tagging| tags::read(tagging, "TagSet"))
        .unwrap_or_default()
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let object = object::named(call, call.state(), &bucket, key)?;
    Ok(Outcome::new(
        Value::map()
            .with("TagSet", tags::write(&object.tags))
            .with_some("VersionId", object.shown_version(&bucket)),
    ))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    change(call, given(call))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, Vec::new())
}

fn change(call: &Permitted<Call<'_>>, tags: Vec<Tag>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let (bucket, key) = (check::bucket_in(call, &*tx)?, call.text("Key")?);
        let mut object = Arc::unwrap_or_clone(object::named(call, &*tx, &bucket, key)?);
        object.tags = tags;
        let version = object.shown_version(&bucket).map(str::to_owned);
        versions::change(tx, &bucket, key, object)?;
        Ok(Outcome::new(Value::map().with_some("VersionId", version)))
    })
}

//! Tags: those that a new resource gets, and those that are put on it later.

use platform::identity::{Tag, tag_value};
use platform::paging::{self, InvalidToken};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use policy::{AccountId, Arn};
use std::sync::Arc;
use wire::value::Value;

use super::item::{Item, Place};
use super::row::Row;
use super::{KINDS, named};
use platform::tags::{keys, put_exactly, read, remove_exactly, write, write_one};

/// How many tags a resource may have.
const TAGS: usize = 50;
/// How many are on a page when the caller does not say.
const PAGE: i64 = 50;

/// The tags that a new resource will have: those in the input, then those that Studio adds, unless
/// the input has one of the same key. Policies see all of them, and only what they let through is
/// stored (`docs/decisions`).
pub(super) fn of_new(call: &Call<'_>) -> Result<Vec<Tag>, ApiError> {
    let mut tags = read(call.input(), "Tags");
    check(&tags)?;
    for tag in automatic(call) {
        if tag_value(&tags, &tag.key).is_none() {
            tags.push(tag);
        }
    }
    within_limit(tags)
}

/// The tags that say from which Studio application a resource comes (SageMaker Developer Guide,
/// "Domain resource isolation").
fn automatic(call: &Call<'_>) -> Vec<Tag> {
    let Some(studio) = call
        .caller()
        .claims()
        .and_then(|claims| claims.studio.as_ref())
    else {
        return Vec::new();
    };
    let (partition, account) = (call.platform().partition(), call.account());
    let (region, domain) = (&studio.region, &studio.domain_id);
    let tag = |key: &str, resource: String| {
        Tag::new(
            key,
            format!("arn:{partition}:sagemaker:{region}:{account}:{resource}"),
        )
    };
    let mut tags = vec![tag("sagemaker:domain-arn", format!("domain/{domain}"))];
    if let Some(space) = &studio.space_name {
        tags.push(tag(
            "sagemaker:space-arn",
            format!("space/{domain}/{space}"),
        ));
    } else if let Some(profile) = &studio.user_profile_name {
        let resource = format!("user-profile/{domain}/{profile}");
        tags.push(tag("sagemaker:user-profile-arn", resource));
    }
    tags
}

/// Refuses tags that no resource may have. Two keys that differ in case only would be one condition
/// key, and a policy could not tell which of the two it sees.
fn check(tags: &[Tag]) -> Result<(), ApiError> {
    for (at, tag) in tags.iter().enumerate() {
        if tags
            .iter()
            .take(at)
            .any(|other| other.key.eq_ignore_ascii_case(&tag.key))
        {
            return Err(duplicate(&tag.key));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::validation(
                "Tag keys that start with aws: are reserved for system use.",
            ));
        }
    }
    Ok(())
}

fn duplicate(key: &str) -> ApiError {
    ApiError::validation(format!(
        "Duplicate tag keys found: {key}. Keys are compared ignoring case."
    ))
}

fn within_limit(tags: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    if tags.len() > TAGS {
        return Err(ApiError::validation(format!(
            "A resource may have {TAGS} tags, and this one would have {}.",
            tags.len()
        )));
    }
    Ok(tags)
}

/// A resource by its ARN.
struct Tagged {
    arn: String,
    row: &'static Row,
    names: Vec<String>,
    /// None when it does not exist, or not in the call's account and region.
    item: Option<Arc<Item>>,
}

/// The resource with this ARN.
pub(super) fn held(
    call: &Call<'_>,
    arn: &Arn,
    _asker: AccountId,
) -> Result<Option<Target>, ApiError> {
    let Some((kind, path)) = arn.resource().split_once('/') else {
        return Ok(None);
    };
    let names: Vec<String> = path.split('/').map(str::to_owned).collect();
    let row = KINDS
        .iter()
        .find(|row| row.arn_type == kind && row.names.len() == names.len());
    let Some(row) = row else {
        return Ok(None);
    };
    let Some(account) = AccountId::parse(arn.account()) else {
        return Ok(None);
    };
    let place = Place {
        account,
        region: arn.region(),
    };
    match place.find(call.state(), row, &names)? {
        Some(item) => named::target_of(arn.as_str(), row, Some(&item)).map(Some),
        None => Ok(None),
    }
}

fn tagged(call: &Call<'_>) -> Result<Tagged, ApiError> {
    let arn = call.text("ResourceArn")?;
    let invalid = || ApiError::validation(format!("{arn} is not the ARN of a resource with tags"));
    let parsed = Arn::parse(arn).map_err(|_| invalid())?;
    let (kind, path) = parsed.resource().split_once('/').ok_or_else(invalid)?;
    let names: Vec<String> = path.split('/').map(str::to_owned).collect();
    let row = KINDS
        .iter()
        .find(|row| row.arn_type == kind && row.names.len() == names.len())
        .ok_or_else(invalid)?;
    let here = parsed.partition() == call.platform().partition()
        && parsed.service() == "sagemaker"
        && parsed.region() == call.region()
        && parsed.account() == call.account().as_str();
    let item = if here {
        Place::of(call).find(call.state(), row, &names)?
    } else {
        None
    };
    Ok(Tagged {
        arn: arn.to_owned(),
        row,
        names,
        item,
    })
}

impl Tagged {
    fn check(&self, call: &Call<'_>) -> Result<Check, ApiError> {
        let target = named::target_of(&self.arn, self.row, self.item.as_deref())?;
        Ok(Check::of(call.action(), target))
    }

    fn missing(&self) -> ApiError {
        let name = self.names.last().map_or("", String::as_str);
        (self.row.errors.missing)(&self.arn, name)
    }
}

pub(super) fn may_add(call: &Call<'_>) -> Result<Checks, ApiError> {
    let tags = read(call.input(), "Tags");
    check(&tags)?;
    Ok(tagged(call)?.check(call)?.request_tags(&tags).into())
}

pub(super) fn may_delete(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(tagged(call)?
        .check(call)?
        .tag_keys(keys(call.input(), "TagKeys"))
        .into())
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(tagged(call)?.check(call)?.into())
}

pub(super) fn add(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = read(call.input(), "Tags");
    let tags = change(call, |tags| {
        put_exactly(tags, new).map_err(|key| duplicate(&key))
    })?;
    Ok(Outcome::new(Value::map().with("Tags", write(&tags))))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let gone = keys(call.input(), "TagKeys");
    change(call, |tags| {
        remove_exactly(tags, &gone);
        Ok(())
    })?;
    Ok(Outcome::empty())
}

fn change(
    call: &Permitted<Call<'_>>,
    body: impl FnOnce(&mut Vec<Tag>) -> Result<(), ApiError>,
) -> Result<Vec<Tag>, ApiError> {
    let tagged = tagged(call)?;
    if tagged.item.is_none() {
        return Err(tagged.missing());
    }
    let key = Place::of(call).key(tagged.row, &tagged.names);
    call.write(|tx| {
        let mut item: Item = tx.get(&key)?.ok_or_else(|| tagged.missing())?;
        body(&mut item.tags)?;
        item.tags = within_limit(item.tags)?;
        tx.put(&key, &item)?;
        Ok(item.tags)
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let tagged = tagged(call)?;
    let mut held = tagged
        .item
        .as_ref()
        .ok_or_else(|| tagged.missing())?
        .tags
        .clone();
    held.sort_by(|a, b| a.key.cmp(&b.key));
    let input = call.input();
    let after = paging::begin(call, &[&tagged.arn], input.str("NextToken"))
        .map_err(|InvalidToken| ApiError::validation("The NextToken is not valid."))?;
    let size = usize::try_from(input.int("MaxResults").unwrap_or(PAGE)).unwrap_or(1);
    let page = paging::cut(
        call,
        &[&tagged.arn],
        held,
        |tag| &tag.key,
        after.as_deref(),
        size,
    )?;
    Ok(Outcome::new(
        Value::map()
            .with("Tags", page.items.iter().map(write_one).collect::<Value>())
            .with_some("NextToken", page.next),
    ))
}

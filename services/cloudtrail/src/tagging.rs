//! Tags of trails.

use platform::identity::Tag;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, tags};
use wire::value::Value;

use crate::name::Named;
use crate::record::Trail;
use crate::{error, trails};

/// The most tags of a trail.
const MOST: usize = 50;
/// The most trails that `ListTags` takes.
const MOST_LISTED: usize = 20;

/// The trail with the ARN in the input.
fn named(call: &Call<'_>, arn: &str) -> Result<Named, ApiError> {
    let named = Named::read(call, arn).map_err(|_| error::invalid_arn(arn))?;
    if named.by_arn {
        Ok(named)
    } else {
        Err(error::invalid_arn(arn))
    }
}

/// The tags in an input, whose values may be left out.
fn given(call: &Call<'_>) -> Vec<Tag> {
    tags::read(call.input(), "TagsList")
}

pub(crate) fn may_add(call: &Call<'_>) -> Result<Checks, ApiError> {
    let named = named(call, call.text("ResourceId")?)?;
    let target = trails::target(call, &named)?;
    Ok(Check::new("cloudtrail:AddTags", target)?
        .request_tags(&given(call))
        .into())
}

pub(crate) fn may_remove(call: &Call<'_>) -> Result<Checks, ApiError> {
    let named = named(call, call.text("ResourceId")?)?;
    let target = trails::target(call, &named)?;
    let keys = given(call).into_iter().map(|tag| tag.key);
    Ok(Check::new("cloudtrail:RemoveTags", target)?
        .tag_keys(keys)
        .into())
}

pub(crate) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    let mut checks = Vec::new();
    for arn in arns(call)? {
        let target = trails::target(call, &named(call, arn)?)?;
        checks.push(Check::new("cloudtrail:ListTags", target)?);
    }
    let mut checks = checks.into_iter();
    let first = checks
        .next()
        .ok_or_else(|| ApiError::validation("ResourceIdList must name at least one resource."))?;
    Ok(Checks::from(first).and_all(checks))
}

fn arns<'c>(call: &'c Call<'_>) -> Result<Vec<&'c str>, ApiError> {
    let given = call.input().list("ResourceIdList");
    if given.len() > MOST_LISTED {
        return Err(ApiError::validation(format!(
            "ResourceIdList must have at most {MOST_LISTED} elements."
        )));
    }
    Ok(given.iter().filter_map(Value::as_str).collect())
}

/// Whether a trail may be given these tags.
pub(crate) fn check(given: &[Tag], arn: &str) -> Result<(), ApiError> {
    let mut keys: Vec<&str> = given.iter().map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(error::tag("Duplicate tag keys are not allowed."));
    }
    let reserved = |key: &&&str| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    if let Some(key) = keys.iter().find(reserved) {
        return Err(error::tag(format!(
            "The tag key {key} begins with aws:, which is reserved."
        )));
    }
    if given.len() > MOST {
        return Err(error::too_many_tags(arn));
    }
    Ok(())
}

pub(crate) fn add(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("ResourceId")?;
    check(&given(call), arn)?;
    change(call, arn, |trail| {
        tags::put_exactly(&mut trail.tags, given(call)).map_err(|key| {
            error::tag(format!(
                "The tag key {key} is there already in another case."
            ))
        })?;
        check(&trail.tags, arn)
    })
}

pub(crate) fn remove(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys: Vec<String> = given(call).into_iter().map(|tag| tag.key).collect();
    change(call, call.text("ResourceId")?, |trail| {
        tags::remove_exactly(&mut trail.tags, &keys);
        Ok(())
    })
}

fn change(
    call: &Permitted<Call<'_>>,
    arn: &str,
    change: impl FnOnce(&mut Trail) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let named = named(call, arn)?;
    call.write(|tx| {
        let found = trails::find(&*tx, &named)?;
        let mut trail = found.ok_or_else(|| error::no_resource(arn))?;
        change(&mut trail)?;
        tx.put(&trail.own_key(), &trail)?;
        Ok(())
    })?;
    Ok(Outcome::empty())
}

pub(crate) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let token = call.input().str("NextToken");
    if token.is_some() {
        // All fits on one page, so that no token is ever given out.
        let text = "The pagination token is not valid.";
        return Err(ApiError::new("InvalidTokenException", 400, text));
    }
    let mut shown = Vec::new();
    for arn in arns(call)? {
        let found = trails::find(call.state(), &named(call, arn)?)?;
        let trail = found.ok_or_else(|| error::no_resource(arn))?;
        shown.push(
            Value::map()
                .with("ResourceId", arn)
                .with("TagsList", tags::write(&trail.tags)),
        );
    }
    Ok(Outcome::new(Value::map().with("ResourceTagList", shown)))
}

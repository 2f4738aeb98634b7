//! Tags.

use platform::identity::Tag;
use platform::organization::{ControlPolicy, Member, Unit};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, tags};

use super::place::{self, Thing, change, need};
use super::{error, list};

/// How many tags one thing can have.
const TAGS: usize = 50;

/// The tags in the input, if they are in order.
pub(super) fn read(call: &Call<'_>) -> Result<Vec<Tag>, ApiError> {
    let read = tags::read(call.input(), "Tags");
    let mut held = Vec::new();
    for tag in read {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let text = "You specified a tag key that is reserved for AWS.";
            return Err(error::invalid("INVALID_SYSTEM_TAGS_PARAMETER", text));
        }
        let twice = held
            .iter()
            .any(|other: &Tag| other.key.eq_ignore_ascii_case(&tag.key));
        if twice {
            let text = "You specified the same tag key twice.";
            return Err(error::invalid("DUPLICATE_TAG_KEY", text));
        }
        held.push(tag);
    }
    limit(held)
}

fn limit(held: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    match held.len() > TAGS {
        true => Err(error::constraint(
            "MAX_TAG_LIMIT_EXCEEDED",
            "You have exceeded the number of tags allowed on this resource.",
        )),
        false => Ok(held),
    }
}

/// The checks of a call that makes something of this ARN, or what stands for one that is not known yet,
/// with the tags in the input. Where there are any, tagging is demanded too (Organizations User Guide,
/// "Adding tags to a resource when you create it").
pub(super) fn of_new(
    checks: Checks,
    call: &Call<'_>,
    arn: Option<String>,
) -> Result<Checks, ApiError> {
    let read = tags::read(call.input(), "Tags");
    let checks = checks.map(|check| check.request_tags(&read));
    if read.is_empty() {
        return Ok(checks);
    }
    let target = arn.map_or_else(|| Ok(Target::any()), |arn| Target::arn(&arn))?;
    let tagging = Check::new("organizations:TagResource", target)?.request_tags(&read);
    let kind = call
        .input()
        .str("Type")
        .filter(|_| call.operation() == "CreatePolicy");
    Ok(checks.and(tagging.key_if("organizations:PolicyType", kind)))
}

/// The checks with the tags in the input as keys of the request.
fn with_tags(checks: Checks, call: &Call<'_>) -> Checks {
    let read = tags::read(call.input(), "Tags");
    checks.map(|check| check.request_tags(&read))
}

pub(super) fn may_tag(call: &Call<'_>) -> Result<Checks, ApiError> {
    let checks = place::may_manage_on(call, &["ResourceId"])?;
    Ok(with_tags(checks, call))
}

pub(super) fn may_untag(call: &Call<'_>) -> Result<Checks, ApiError> {
    let checks = place::may_manage_on(call, &["ResourceId"])?;
    let keys = tags::keys(call.input(), "TagKeys");
    Ok(checks.map(|check| check.tag_keys(keys.clone())))
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["ResourceId"])
}

fn missing() -> ApiError {
    error::no_such("TargetNotFoundException", "a target")
}

pub(super) fn tag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let new = read(call)?;
    update(call, |held| {
        tags::put(held, new);
    })
}

pub(super) fn untag(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = tags::keys(call.input(), "TagKeys");
    update(call, |held| tags::remove(held, &keys))
}

fn update(
    call: &Permitted<Call<'_>>,
    body: impl FnOnce(&mut Vec<Tag>),
) -> Result<Outcome, ApiError> {
    let id = call.text("ResourceId")?;
    change(call, |tx, organization| {
        let thing = Thing::find(&*tx, organization, id)?.ok_or_else(missing)?;
        let mut tags = thing.tags().to_vec();
        body(&mut tags);
        let tags = limit(tags)?;
        match thing {
            Thing::Unit(unit) => {
                let key = Unit::key(&organization.id, &unit.id);
                tx.put(&key, &Unit { tags, ..unit })?;
            }
            Thing::Account(id, member) => {
                tx.put(&Member::key(id), &Member { tags, ..*member })?;
            }
            Thing::Policy(policy) => {
                let key = ControlPolicy::key(&organization.id, &policy.id);
                tx.put(&key, &ControlPolicy { tags, ..*policy })?;
            }
            Thing::Root => return Err(ApiError::unsupported("a tag of the root")),
        }
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let id = call.text("ResourceId")?;
    let thing = Thing::find(call.state(), &organization, id)?.ok_or_else(missing)?;
    Ok(list::all("Tags", thing.tags().iter().map(tags::write_one)))
}

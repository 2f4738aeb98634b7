//! What must be allowed for operations on a user or role.

use platform::identity::Tag;
use platform::{ApiError, Call, Check, Checks, Target};

use super::entity::{Entity, find};
use platform::tags;

/// The operation's own action on the entity that the input names.
pub(super) fn on<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check_on::<E>(call, call.text(E::NAME)?)?.into())
}

/// As [`on`], with the entity's boundary in `iam:PermissionsBoundary`.
pub(super) fn on_bounded<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(bounded::<E>(call)?.into())
}

/// The check of [`on_bounded`].
pub(super) fn bounded<E: Entity>(call: &Call<'_>) -> Result<Check, ApiError> {
    let name = call.text(E::NAME)?;
    let entity: Option<E> = find(call.state(), call.account(), name)?;
    let boundary = entity.and_then(|entity| entity.policies().boundary.clone());
    Ok(check_on::<E>(call, name)?.key_if("iam:PermissionsBoundary", boundary))
}

/// The operation's action on the entity of this name.
pub(super) fn check_on<E: Entity>(call: &Call<'_>, name: &str) -> Result<Check, ApiError> {
    let entity: Option<E> = find(call.state(), call.account(), name)?;
    let target = match &entity {
        Some(entity) => {
            let arn = entity.arn(call.platform().partition(), call.account());
            Target::arn(&arn)?.tagged("iam", entity.tags())
        }
        None => Target::arn(&arn(call, &format!("{}/{name}", E::NOUN)))?,
    };
    Check::new(&action(call), target.listed_as(E::TRAIL_TYPE))
}

/// The operation's action on a user or role that is to be made as the input says, with its boundary
/// and its tags.
pub(super) fn on_new<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let path = input.str("Path").unwrap_or("/");
    let arn = arn(call, &format!("{}{path}{}", E::NOUN, call.text(E::NAME)?));
    let target = Target::arn(&arn)?.listed_as(E::TRAIL_TYPE);
    let creation = Check::new(&action(call), target.clone())?
        .key_if("iam:PermissionsBoundary", input.str("PermissionsBoundary"));
    let noun = E::NAME.trim_end_matches("Name");
    with_tags(
        creation,
        &format!("iam:Tag{noun}"),
        target,
        &tags::read(input, "Tags"),
    )
}

/// A creation with these tags. Where there are any, the action `tagging` is demanded too (IAM User
/// Guide, "Tags for IAM resources").
pub(super) fn with_tags(
    creation: Check,
    tagging: &str,
    target: Target,
    tags: &[Tag],
) -> Result<Checks, ApiError> {
    let checks = Checks::from(creation.request_tags(tags));
    if tags.is_empty() {
        return Ok(checks);
    }
    Ok(checks.and(Check::new(tagging, target)?.request_tags(tags)))
}

/// The action that has the operation's name.
pub(super) fn action(call: &Call<'_>) -> String {
    format!("iam:{}", call.operation())
}

/// The ARN of something in the caller's account.
pub(super) fn arn(call: &Call<'_>, resource: &str) -> String {
    format!(
        "arn:{}:iam::{}:{resource}",
        call.platform().partition(),
        call.account()
    )
}

//! What must be allowed for operations on a user or role.

use platform::{ApiError, Call, Check, Checks, Target};

use super::entity::{Entity, find};

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

/// The operation's action on an entity that is to be made with this name and path.
pub(super) fn check_new<E: Entity>(
    call: &Call<'_>,
    path: &str,
    name: &str,
) -> Result<Check, ApiError> {
    let target = Target::arn(&arn(call, &format!("{}{path}{name}", E::NOUN)))?;
    Check::new(&action(call), target.listed_as(E::TRAIL_TYPE))
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

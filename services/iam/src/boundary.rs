//! Permissions boundaries of users and roles.

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use store::Read;
use wire::value::Value;

use super::entity::{Entity, no_such, update};
use super::{attach, check};

const MEMBER: &str = "PermissionsBoundary";

/// The operation's action on the entity, with the new boundary in `iam:PermissionsBoundary`.
pub(super) fn may<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let check = check::check_on::<E>(call, call.text(E::NAME)?)?;
    Ok(check
        .key("iam:PermissionsBoundary", call.text(MEMBER)?)
        .into())
}

pub(super) fn put<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text(MEMBER)?;
    update::<E>(call, |tx, entity| {
        attach::attachable(tx, call, arn)?;
        entity.policies_mut().boundary = Some(arn.to_owned());
        Ok(())
    })
}

pub(super) fn delete<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    update::<E>(call, |_, entity| {
        let name = entity.name().to_owned();
        entity
            .policies_mut()
            .boundary
            .take()
            .map(|_| ())
            .ok_or_else(|| {
                no_such(format!(
                    "The {} with name {name} has no permissions boundary.",
                    E::NOUN
                ))
            })
    })
}

/// The boundary that the input of a creation asks for.
pub(super) fn asked(tx: &dyn Read, call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(arn) = call.input().str(MEMBER) else {
        return Ok(None);
    };
    attach::attachable(tx, call, arn)?;
    Ok(Some(arn.to_owned()))
}

/// A boundary as answers show it.
pub(super) fn write(arn: &str) -> Value {
    Value::map()
        .with("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
        .with("PermissionsBoundaryArn", arn)
}

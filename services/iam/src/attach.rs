//! Managed policies attached to users, groups and roles.

use platform::identity::{Attachments, managed_document};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use policy::Arn;
use store::Read;
use wire::value::Value;

use super::entity::{Entity, get as entity, no_such, update};
use super::{check, list, quota};

/// The operation's action on the entity, with the policy in `iam:PolicyARN`.
pub(super) fn may<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check::bounded::<E>(call)?
        .key("iam:PolicyARN", call.text("PolicyArn")?)
        .into())
}

pub(super) fn attach<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    update::<E>(call, |tx, entity| {
        attachable(tx, call, arn)?;
        let Attachments { managed, .. } = entity.policies_mut();
        if managed.iter().any(|held| held == arn) {
            return Ok(());
        }
        if managed.len() >= quota::MANAGED_POLICIES {
            return Err(quota::exceeded(E::ATTACHED, quota::MANAGED_POLICIES));
        }
        managed.push(arn.to_owned());
        Ok(())
    })
}

/// Whether there is such a policy for the caller's account.
pub(super) fn attachable(tx: &dyn Read, call: &Call<'_>, arn: &str) -> Result<(), ApiError> {
    match managed_document(tx, call.platform().partition(), call.account(), arn)? {
        Some(_) => Ok(()),
        None if Arn::parse(arn).is_err() => {
            let text = format!("ARN {arn} is not valid.");
            Err(ApiError::new("InvalidInput", 400, text))
        }
        None => Err(no_such(format!(
            "Policy {arn} does not exist or is not attachable."
        ))),
    }
}

pub(super) fn detach<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    update::<E>(call, |_, entity| {
        let held = &mut entity.policies_mut().managed;
        let at = held
            .iter()
            .position(|held| held == arn)
            .ok_or_else(|| no_such(format!("Policy {arn} was not found.")))?;
        held.remove(at);
        Ok(())
    })
}

pub(super) fn list<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let entity: E = entity(call)?;
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let held = entity.policies().managed.iter();
    let mut arns: Vec<&String> = held.filter(|arn| path_of(arn).starts_with(path)).collect();
    arns.sort();
    let filter = format!("{} {path}", entity.name());
    list::page(
        call,
        "AttachedPolicies",
        &filter,
        arns,
        |arn| arn,
        |arn| show(arn),
    )
}

/// The path in a policy's ARN: `/` or `/team/`.
fn path_of(arn: &str) -> &str {
    let (_, named) = arn.split_once(":policy").unwrap_or(("", "/"));
    let (path, _) = named.rsplit_once('/').unwrap_or((named, ""));
    named.get(..=path.len()).unwrap_or("/")
}

/// An attached policy as answers list it.
pub(super) fn show(arn: &str) -> Value {
    Value::map()
        .with("PolicyName", arn.rsplit('/').next().unwrap_or(arn))
        .with("PolicyArn", arn)
}

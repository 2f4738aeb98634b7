//! Managed policies attached to users and roles.

use platform::identity::{Attachments, managed_document};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
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
    attachable(call.state(), call, arn)?;
    update::<E>(call, |entity| {
        let Attachments { managed, .. } = entity.policies_mut();
        if managed.iter().any(|held| held == arn) {
            return Ok(());
        }
        if managed.len() >= quota::MANAGED_POLICIES {
            let noun = if E::NOUN == "role" {
                "PoliciesPerRole"
            } else {
                "PoliciesPerUser"
            };
            return Err(quota::exceeded(noun, quota::MANAGED_POLICIES));
        }
        managed.push(arn.to_owned());
        Ok(())
    })
}

/// Whether there is such a policy for the caller's account.
pub(super) fn attachable(tx: &dyn Read, call: &Call<'_>, arn: &str) -> Result<(), ApiError> {
    match managed_document(tx, call.platform().partition(), call.account(), arn)? {
        Some(_) => Ok(()),
        None => Err(no_such(format!(
            "Policy {arn} does not exist or is not attachable."
        ))),
    }
}

pub(super) fn detach<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    update::<E>(call, |entity| {
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
    let mut arns: Vec<&String> = entity.policies().managed.iter().collect();
    arns.sort();
    let show = |arn: &&String| {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        Value::map()
            .with("PolicyName", name)
            .with("PolicyArn", arn.as_str())
    };
    list::page(
        call,
        "AttachedPolicies",
        entity.name(),
        arns,
        |arn| arn,
        show,
    )
}

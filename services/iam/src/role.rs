//! Roles.

use platform::identity::{Attachments, Role, to_second};
use platform::principal_ids::{self, PrincipalKind};
use platform::{ApiError, Call, Outcome, Permitted, id};
use policy::PolicyType;
use std::cell::RefCell;
use wire::value::Value;

use super::entity::{find, get as entity, missing, update as change, without_policies};
use super::{boundary, document, list, quota};
use platform::tags;

/// The longest session in seconds when a role does not say.
const MAX_SESSION: i64 = 3_600;

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("RoleName")?);
    let input = call.input();
    let tags = tags::read(input, "Tags");
    quota::tags("role", &[], &tags)?;
    let text = trust(call, "AssumeRolePolicyDocument")?;
    let partition = call.platform().partition();
    let id = id::unique(call.platform().random(), id::Prefix::Role)?;
    let boundary = boundary::asked(call)?;
    let role = call.write(|tx| {
        let role = Role {
            trust: document::bind_trust(&*tx, partition, text)?,
            name: name.to_owned(),
            path: input.str("Path").unwrap_or("/").to_owned(),
            id,
            created: call.time(),
            description: input.str("Description").map(str::to_owned),
            max_session_duration: input.int("MaxSessionDuration").unwrap_or(MAX_SESSION),
            tags,
            policies: Attachments {
                boundary,
                ..Attachments::default()
            },
        };
        if !tx.insert(&Role::key(account, name), &role)? {
            let text = format!("Role with name {name} already exists.");
            return Err(ApiError::new("EntityAlreadyExists", 409, text));
        }
        principal_ids::enter(tx, account, PrincipalKind::Role, &role.id, name)?;
        Ok(role)
    })?;
    Ok(Outcome::new(Value::map().with("Role", show(call, &role)?)))
}

/// The text of a trust policy.
fn trust<'t>(call: &Call<'t>, member: &str) -> Result<&'t str, ApiError> {
    let text = document::read(call, member, PolicyType::Trust)?;
    if quota::characters(text) > quota::TRUST_CHARACTERS {
        return Err(quota::exceeded("ACLSizePerRole", quota::TRUST_CHARACTERS));
    }
    Ok(text)
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let role: Role = entity(call)?;
    Ok(Outcome::new(Value::map().with("Role", show(call, &role)?)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("RoleName")?);
    call.write(|tx| {
        let role: Role = find(&*tx, account, name)?.ok_or_else(|| missing::<Role>(name))?;
        without_policies(&role)?;
        tx.delete::<Role>(&Role::key(account, name))?;
        principal_ids::leave(tx, &role.id)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let roles = list::all::<Role>(call)?;
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let failed = RefCell::new(None);
    let show = |role: &Role| {
        summary(call, role).unwrap_or_else(|error| {
            failed.replace(Some(error));
            Value::map()
        })
    };
    let page = list::page(call, "Roles", path, roles, |role| &role.name, show)?;
    failed.into_inner().map_or(Ok(page), Err)
}

pub(super) fn update_trust(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trust = trust(call, "PolicyDocument")?;
    let (account, name) = (call.account(), call.text("RoleName")?);
    let partition = call.platform().partition();
    call.write(|tx| {
        let mut role: Role = find(&*tx, account, name)?.ok_or_else(|| missing::<Role>(name))?;
        role.trust = document::bind_trust(&*tx, partition, trust)?;
        tx.put(&Role::key(account, name), &role)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    change::<Role>(call, |role| {
        if let Some(text) = input.str("Description") {
            role.description = Some(text.to_owned());
        }
        if let Some(seconds) = input.int("MaxSessionDuration") {
            role.max_session_duration = seconds;
        }
        Ok(())
    })
}

fn summary(call: &Call<'_>, role: &Role) -> Result<Value, ApiError> {
    let partition = call.platform().partition();
    let trust = role.trust.shown(call.state(), partition)?;
    Ok(Value::map()
        .with("Path", role.path.as_str())
        .with("RoleName", role.name.as_str())
        .with("RoleId", role.id.as_str())
        .with("Arn", role.arn(partition, call.account()))
        .with("CreateDate", to_second(role.created))
        .with("AssumeRolePolicyDocument", document::write(&trust))
        .with_some("Description", role.description.as_deref())
        .with("MaxSessionDuration", role.max_session_duration))
}

fn show(call: &Call<'_>, role: &Role) -> Result<Value, ApiError> {
    let tags = (!role.tags.is_empty()).then(|| tags::write(&role.tags));
    Ok(summary(call, role)?
        .with_some(
            "PermissionsBoundary",
            role.policies.boundary.as_deref().map(boundary::write),
        )
        .with_some("Tags", tags))
}

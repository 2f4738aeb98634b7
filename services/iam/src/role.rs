//! Roles.

use platform::identity::{Attachments, Role, to_second};
use platform::{ApiError, Call, Outcome, Permitted, id};
use policy::PolicyType;
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
    let role = Role {
        name: name.to_owned(),
        path: input.str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::Role)?,
        created: call.time(),
        description: input.str("Description").map(str::to_owned),
        max_session_duration: input.int("MaxSessionDuration").unwrap_or(MAX_SESSION),
        trust: trust(call, "AssumeRolePolicyDocument")?,
        tags,
        policies: Attachments {
            boundary: boundary::asked(call)?,
            ..Attachments::default()
        },
    };
    call.write(|tx| {
        if tx.insert(&Role::key(account, name), &role)? {
            Ok(())
        } else {
            let text = format!("Role with name {name} already exists.");
            Err(ApiError::new("EntityAlreadyExists", 409, text))
        }
    })?;
    Ok(Outcome::new(Value::map().with("Role", show(call, &role))))
}

fn trust(call: &Call<'_>, member: &str) -> Result<String, ApiError> {
    let text = document::read(call, member, PolicyType::Trust)?;
    if quota::characters(text) > quota::TRUST_CHARACTERS {
        return Err(quota::exceeded("ACLSizePerRole", quota::TRUST_CHARACTERS));
    }
    Ok(text.to_owned())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let role: Role = entity(call)?;
    Ok(Outcome::new(Value::map().with("Role", show(call, &role))))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("RoleName")?);
    call.write(|tx| {
        let role: Role = find(&*tx, account, name)?.ok_or_else(|| missing::<Role>(name))?;
        without_policies(&role)?;
        tx.delete::<Role>(&Role::key(account, name))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let roles = list::all::<Role>(call)?;
    let path = call.input().str("PathPrefix").unwrap_or("/");
    list::page(
        call,
        "Roles",
        path,
        roles,
        |role| &role.name,
        |role| summary(call, role),
    )
}

pub(super) fn update_trust(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trust = trust(call, "PolicyDocument")?;
    change::<Role>(call, |role| {
        role.trust = trust;
        Ok(())
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

fn summary(call: &Call<'_>, role: &Role) -> Value {
    Value::map()
        .with("Path", role.path.as_str())
        .with("RoleName", role.name.as_str())
        .with("RoleId", role.id.as_str())
        .with("Arn", role.arn(call.platform().partition(), call.account()))
        .with("CreateDate", to_second(role.created))
        .with("AssumeRolePolicyDocument", document::write(&role.trust))
        .with_some("Description", role.description.as_deref())
        .with("MaxSessionDuration", role.max_session_duration)
}

fn show(call: &Call<'_>, role: &Role) -> Value {
    let tags = (!role.tags.is_empty()).then(|| tags::write(&role.tags));
    summary(call, role)
        .with_some(
            "PermissionsBoundary",
            role.policies.boundary.as_deref().map(boundary::write),
        )
        .with_some("Tags", tags)
}

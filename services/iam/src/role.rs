//! Roles.

use platform::identity::{self, Attachments, ProfileOfRole, Role, to_second};
use platform::{ApiError, Call, Outcome, Permitted, id};
use policy::PolicyType;
use wire::value::Value;

use super::entity::{conflict, get as entity, insert, need, update as change, without_policies};
use super::{boundary, document, last_used, list, quota};
use platform::tags;

/// The longest session in seconds when a role does not say.
const MAX_SESSION: i64 = 3_600;
/// The path of roles that services make for themselves. Organizations' policies leave them alone, so
/// that nobody may make a role there.
pub(super) const SERVICE_LINKED: &str = "/aws-service-role/";
pub(super) const RESERVED: &str =
    "The path /aws-service-role/ is reserved for service-linked roles.";

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let tags = tags::read(input, "Tags");
    quota::tags("role", &[], &tags)?;
    let path = input.str("Path").unwrap_or("/");
    if path.starts_with(SERVICE_LINKED) {
        return Err(ApiError::new("InvalidInput", 400, RESERVED));
    }
    let text = trust(call, "AssumeRolePolicyDocument")?;
    let partition = call.platform().partition();
    let id = id::unique(call.platform().random(), id::Prefix::Role)?;
    let role = call.write(|tx| {
        let role = Role {
            trust: document::bind_trust(&*tx, partition, text)?,
            name: call.text("RoleName")?.to_owned(),
            path: path.to_owned(),
            id,
            created: call.time(),
            description: input.str("Description").map(str::to_owned),
            max_session_duration: input.int("MaxSessionDuration").unwrap_or(MAX_SESSION),
            tags,
            policies: Attachments {
                boundary: boundary::asked(&*tx, call)?,
                ..Attachments::default()
            },
        };
        insert(tx, call.account(), &role)?;
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
        let role: Role = need(&*tx, account, name)?;
        let profiles = store::Scan::under(&ProfileOfRole::of_role(account, name)).limit(1);
        if !tx.scan::<ProfileOfRole>(&profiles)?.is_empty() {
            return Err(conflict(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        without_policies(&role)?;
        identity::remove(tx, account, &role)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    list::all(call, "Roles", path, |role: Role| {
        let wanted = role.path.starts_with(path);
        wanted.then(|| summary(call, &role)).transpose()
    })
}

pub(super) fn update_trust(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trust = trust(call, "PolicyDocument")?;
    let partition = call.platform().partition();
    change::<Role>(call, |tx, role| {
        role.trust = document::bind_trust(tx, partition, trust)?;
        Ok(())
    })
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    change::<Role>(call, |_, role| {
        if let Some(text) = input.str("Description") {
            role.description = Some(text.to_owned());
        }
        if let Some(seconds) = input.int("MaxSessionDuration") {
            role.max_session_duration = seconds;
        }
        Ok(())
    })
}

/// The description alone, which is answered with the role.
pub(super) fn update_description(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("RoleName")?);
    let text = call.text("Description")?;
    let role = call.write(|tx| {
        let old: Role = need(&*tx, account, name)?;
        let new = Role {
            description: Some(text.to_owned()),
            ..old.clone()
        };
        identity::save(tx, account, Some(&old), &new)?;
        Ok(new)
    })?;
    Ok(Outcome::new(Value::map().with("Role", show(call, &role)?)))
}

pub(super) fn summary(call: &Call<'_>, role: &Role) -> Result<Value, ApiError> {
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
        .with_some("Tags", tags)
        .with("RoleLastUsed", last_used::of_role(call, role)?))
}

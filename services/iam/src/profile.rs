//! Instance profiles.

use platform::identity::{InstanceProfile, ProfileOfRole, Role, named, to_second};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, id, pass_role, tags};
use store::{Key, Read, Write};
use wire::value::Value;

use super::entity::{already, conflict, find as entity, need, no_such};
use super::list::Pager;
use super::tag::Taggable;
use super::{check, list, quota, role};

const TRAIL_TYPE: &str = "AWS::IAM::InstanceProfile";
/// Who uses the role of an instance profile.
const USER: &str = "ec2.amazonaws.com";

fn find(tx: &dyn Read, call: &Call<'_>, name: &str) -> Result<Option<InstanceProfile>, ApiError> {
    let found: Option<InstanceProfile> = tx.get(&InstanceProfile::key(call.account(), name))?;
    Ok(found.filter(|profile| profile.name == name))
}

fn get_named(tx: &dyn Read, call: &Call<'_>) -> Result<InstanceProfile, ApiError> {
    let name = call.text("InstanceProfileName")?;
    find(tx, call, name)?.ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ApiError {
    no_such(format!("Instance Profile {name} cannot be found."))
}

fn target(call: &Call<'_>) -> Result<Target, ApiError> {
    let name = call.text("InstanceProfileName")?;
    let target = match find(call.state(), call, name)? {
        Some(profile) => Target::arn(&profile.arn(call.platform().partition(), call.account()))?
            .tagged("iam", &profile.tags),
        None => Target::arn(&check::arn(call, &format!("instance-profile/{name}")))?,
    };
    Ok(target.listed_as(TRAIL_TYPE))
}

/// The operation's action on the instance profile that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), target(call)?).into())
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    list::may_list_all(call, "instance-profile")
}

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let path = call.input().str("Path").unwrap_or("/");
    let name = call.text("InstanceProfileName")?;
    let arn = check::arn(call, &format!("instance-profile{path}{name}"));
    let target = Target::arn(&arn)?.listed_as(TRAIL_TYPE);
    let tags = tags::read(call.input(), "Tags");
    let creation = Check::of(call.action(), target.clone());
    check::with_tags(creation, "iam:TagInstanceProfile", target, &tags)
}

/// Whoever puts a role into an instance profile hands it to virtual machines.
pub(super) fn may_add_role(call: &Call<'_>) -> Result<Checks, ApiError> {
    let role = check::target::<Role>(call, call.text("RoleName")?)?;
    Ok(may(call)?.and(pass_role(role, USER, None)?))
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let tags = tags::read(call.input(), "Tags");
    quota::tags("InstanceProfile", &[], &tags)?;
    let profile = InstanceProfile {
        name: call.text("InstanceProfileName")?.to_owned(),
        path: call.input().str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::InstanceProfile)?,
        created: call.time(),
        role: None,
        tags,
    };
    call.write(|tx| {
        let key = InstanceProfile::key(call.account(), &profile.name);
        if tx.get::<InstanceProfile>(&key)?.is_some() {
            let name = &profile.name;
            return Err(already(format!("Instance Profile {name} already exists.")));
        }
        Ok(profile.save(tx, call.account(), None)?)
    })?;
    one(call, &profile)
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    one(call, &get_named(call.state(), call)?)
}

fn one(call: &Call<'_>, profile: &InstanceProfile) -> Result<Outcome, ApiError> {
    let tags = tags::write(&profile.tags);
    let shown = show(call, profile)?.with("Tags", tags);
    Ok(Outcome::new(Value::map().with("InstanceProfile", shown)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let profile = get_named(&*tx, call)?;
        if profile.role.is_some() {
            return Err(conflict(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        profile.remove(tx, call.account())?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    list::all(call, "InstanceProfiles", path, |it: InstanceProfile| {
        let wanted = it.path.starts_with(path);
        wanted.then(|| show(call, &it)).transpose()
    })
}

pub(super) fn add_role(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let role = call.text("RoleName")?;
    call.write(|tx| {
        let old = get_named(&*tx, call)?;
        let role: Role = need(&*tx, call.account(), role)?;
        if old.role.is_some() {
            return Err(quota::exceeded("InstanceSessionsPerInstanceProfile", 1));
        }
        let new = InstanceProfile {
            role: Some(role.name),
            ..old.clone()
        };
        new.save(tx, call.account(), Some(&old))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn remove_role(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let role = call.text("RoleName")?;
    call.write(|tx| {
        let old = get_named(&*tx, call)?;
        if old.role.as_deref() != Some(role) {
            return Err(no_such(format!(
                "The role with name {role} cannot be found."
            )));
        }
        let new = InstanceProfile {
            role: None,
            ..old.clone()
        };
        new.save(tx, call.account(), Some(&old))?;
        Ok(Outcome::empty())
    })
}

/// The instance profiles of a role.
pub(super) fn of_role(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("RoleName")?;
    let role: Role = need(call.state(), call.account(), name)?;
    let mut pager = Pager::begin(call, &role.name)?;
    let under = under(call, &role.name);
    let shown = pager.records("", &under, |it: ProfileOfRole| {
        let profile = find(call.state(), call, &it.profile)?;
        profile.map(|profile| show(call, &profile)).transpose()
    })?;
    pager.finish(Value::map().with("InstanceProfiles", shown))
}

/// The instance profiles of a role, all of them.
pub(super) fn all_of_role(call: &Call<'_>, role: &str) -> Result<Vec<Value>, ApiError> {
    let scan = store::Scan::under(&under(call, role));
    let mut shown = Vec::new();
    for entry in call.state().scan::<ProfileOfRole>(&scan)? {
        let profile = find(call.state(), call, &entry.value.profile)?;
        shown.extend(profile.map(|profile| show(call, &profile)).transpose()?);
    }
    Ok(shown)
}

fn under(call: &Call<'_>, role: &str) -> Key {
    ProfileOfRole::of_role(call.account(), role)
}

fn show(call: &Call<'_>, profile: &InstanceProfile) -> Result<Value, ApiError> {
    let role = match &profile.role {
        Some(name) => entity::<Role>(call.state(), call.account(), name)?,
        None => None,
    };
    let role = role.map(|it| role::summary(call, &it)).transpose()?;
    let roles: Value = role.into_iter().collect();
    let arn = profile.arn(call.platform().partition(), call.account());
    Ok(Value::map()
        .with("Path", profile.path.as_str())
        .with("InstanceProfileName", profile.name.as_str())
        .with("InstanceProfileId", profile.id.as_str())
        .with("Arn", arn)
        .with("CreateDate", to_second(profile.created))
        .with("Roles", roles))
}

impl Taggable for InstanceProfile {
    const NOUN: &'static str = "InstanceProfile";

    fn of(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError> {
        get_named(tx, call)
    }
    fn target(call: &Call<'_>) -> Result<Target, ApiError> {
        target(call)
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn tags(&self) -> &[platform::identity::Tag] {
        &self.tags
    }
    fn tags_mut(&mut self) -> &mut Vec<platform::identity::Tag> {
        &mut self.tags
    }
    fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError> {
        Ok(tx.put(&named(call.account(), &self.name), self)?)
    }
}

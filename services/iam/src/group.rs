//! Groups, and who is in them.

use platform::identity::{self, Attachments, Group, Membership, Totals, User, to_second};
use platform::{ApiError, Call, Checks, Outcome, Permitted, id};
use wire::value::Value;

use super::entity::{
    conflict, find, get as entity, insert, missing, need, no_such, without_policies,
};
use super::list::Pager;
use super::{check, list, quota, user};

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let group = Group {
        name: call.text("GroupName")?.to_owned(),
        path: call.input().str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::Group)?,
        created: call.time(),
        policies: Attachments::default(),
    };
    call.write(|tx| {
        insert(tx, call.account(), &group)?;
        match Totals::of(&*tx, call.account())?.groups > quota::GROUPS as u64 {
            true => Err(quota::exceeded("GroupsPerAccount", quota::GROUPS)),
            false => Ok(()),
        }
    })?;
    Ok(Outcome::new(Value::map().with("Group", show(call, &group))))
}

/// The group with its users, page by page.
pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let group: Group = entity(call)?;
    let mut pager = Pager::begin(call, &group.id)?;
    let under = Membership::of_group(call.account(), &group.name);
    let users = pager.records("", &under, |member: Membership| {
        let user: Option<User> = find(call.state(), call.account(), &member.user)?;
        Ok(user.map(|user| user::summary(call, &user)))
    })?;
    let answer = Value::map().with("Group", show(call, &group));
    pager.finish(answer.with("Users", users))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("GroupName")?);
    call.write(|tx| {
        let group: Group = need(&*tx, account, name)?;
        let members = store::Scan::under(&Membership::of_group(account, name)).limit(1);
        if !tx.scan::<Membership>(&members)?.is_empty() {
            return Err(conflict(
                "Cannot delete entity, must remove users from group first.",
            ));
        }
        without_policies(&group)?;
        identity::remove(tx, account, &group)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    list::all(call, "Groups", path, |group: Group| {
        Ok(group.path.starts_with(path).then(|| show(call, &group)))
    })
}

/// Another name or path. The members stay.
pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let account = call.account();
    call.write(|tx| {
        let (old, new) = super::entity::rename::<Group>(&*tx, call, "NewGroupName")?;
        let under = store::Scan::under(&Membership::of_group(account, &old.name));
        if old.name != new.name {
            for member in tx.scan::<Membership>(&under)? {
                let before: User = need(&*tx, account, &member.value.user)?;
                let mut after = before.clone();
                for group in after.groups.iter_mut().filter(|name| **name == old.name) {
                    group.clone_from(&new.name);
                }
                identity::save(tx, account, Some(&before), &after)?;
            }
        }
        identity::save(tx, account, Some(&old), &new)?;
        Ok(Outcome::empty())
    })
}

/// The operation's action on the group.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    check::on::<Group>(call)
}

pub(super) fn add_user(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change_user(call, |user, group| {
        if user.groups.contains(&group.name) {
            return Ok(());
        }
        if user.groups.len() >= quota::GROUPS_PER_USER {
            return Err(quota::exceeded("GroupsPerUser", quota::GROUPS_PER_USER));
        }
        user.groups.push(group.name.clone());
        Ok(())
    })
}

pub(super) fn remove_user(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change_user(call, |user, group| {
        let before = user.groups.len();
        user.groups.retain(|name| *name != group.name);
        if user.groups.len() == before {
            return Err(no_such(format!(
                "User {} is not in group {}.",
                user.name, group.name
            )));
        }
        Ok(())
    })
}

fn change_user(
    call: &Permitted<Call<'_>>,
    change: impl FnOnce(&mut User, &Group) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let account = call.account();
    let (group, user) = (call.text("GroupName")?, call.text("UserName")?);
    call.write(|tx| {
        let group: Group = need(&*tx, account, group)?;
        let old: User = need(&*tx, account, user)?;
        let mut new = old.clone();
        change(&mut new, &group)?;
        identity::save(tx, account, Some(&old), &new)?;
        Ok(Outcome::empty())
    })
}

/// The groups of a user.
pub(super) fn of_user(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let user: User = entity(call)?;
    let mut groups = Vec::with_capacity(user.groups.len());
    for name in &user.groups {
        let group: Option<Group> = find(call.state(), call.account(), name)?;
        groups.push(group.ok_or_else(|| missing::<Group>(name))?);
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    list::page(
        call,
        "Groups",
        &user.name,
        groups,
        |group| &group.name,
        |group| show(call, group),
    )
}

pub(super) fn show(call: &Call<'_>, group: &Group) -> Value {
    Value::map()
        .with("Path", group.path.as_str())
        .with("GroupName", group.name.as_str())
        .with("GroupId", group.id.as_str())
        .with(
            "Arn",
            group.arn(call.platform().partition(), call.account()),
        )
        .with("CreateDate", to_second(group.created))
}

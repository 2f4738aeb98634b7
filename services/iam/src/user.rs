//! Users.

use platform::identity::{Attachments, User, to_second};
use platform::principal_ids::{self, PrincipalKind};
use platform::{ApiError, Call, Checks, Identity, Outcome, Permitted, Target, id};
use policy::AccountId;
use wire::value::Value;

use super::entity::{find, missing, without_policies};
use super::{boundary, check, list, quota};
use platform::tags;

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("UserName")?);
    let tags = tags::read(call.input(), "Tags");
    quota::tags("user", &[], &tags)?;
    let user = User {
        name: name.to_owned(),
        path: call.input().str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::User)?,
        created: call.time(),
        tags,
        policies: Attachments {
            boundary: boundary::asked(call)?,
            ..Attachments::default()
        },
        access_keys: Vec::new(),
    };
    call.write(|tx| {
        if !tx.insert(&User::key(account, name), &user)? {
            let text = format!("User with name {name} already exists.");
            return Err(ApiError::new("EntityAlreadyExists", 409, text));
        }
        principal_ids::enter(tx, account, PrincipalKind::User, &user.id, name)?;
        Ok(())
    })?;
    Ok(Outcome::new(Value::map().with("User", show(call, &user))))
}

/// Without a name: the caller.
pub(super) fn may_get(call: &Call<'_>) -> Result<Checks, ApiError> {
    match named(call)? {
        Some(name) => Ok(check::check_on::<User>(call, &name)?.into()),
        None => {
            let root = Target::arn(&check::arn(call, "root"))?;
            Ok(platform::Check::new(&check::action(call), root)?.into())
        }
    }
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let user = match named(call)? {
        Some(name) => {
            let user: Option<User> = find(call.state(), call.account(), &name)?;
            show(call, &user.ok_or_else(|| missing::<User>(&name))?)
        }
        None => Value::map()
            .with("UserId", call.account().as_str())
            .with("Arn", call.caller().arn())
            .with("CreateDate", account_created(call)?),
    };
    Ok(Outcome::new(Value::map().with("User", user)))
}

/// The user that the input names or, without a name, the caller; `None`: the root user.
pub(super) fn named(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    match (call.input().str("UserName"), call.caller().identity()) {
        (Some(name), _) => Ok(Some(name.to_owned())),
        (None, Identity::User(user)) => Ok(Some(user.name.clone())),
        (None, Identity::Root) => Ok(None),
        (None, Identity::Session { .. } | Identity::Service(_) | Identity::Nobody) => Err(
            ApiError::validation("Must specify userName when calling with non-User credentials"),
        ),
    }
}

fn account_created(call: &Call<'_>) -> Result<jiff::Timestamp, ApiError> {
    let key = platform::identity::of_account(call.account());
    let account: Option<platform::identity::Account> = call.state().get(&key)?;
    Ok(to_second(
        account.map_or(call.time(), |account| account.created),
    ))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("UserName")?);
    call.write(|tx| {
        let user: User = find(&*tx, account, name)?.ok_or_else(|| missing::<User>(name))?;
        without_policies(&user)?;
        if !user.access_keys.is_empty() {
            let text = "Cannot delete entity, must delete access keys first.";
            return Err(ApiError::new("DeleteConflict", 409, text));
        }
        tx.delete::<User>(&User::key(account, name))?;
        principal_ids::leave(tx, &user.id)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let users = list::all::<User>(call)?;
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let show = |user: &User| summary(call.platform().partition(), call.account(), user);
    list::page(call, "Users", path, users, |user| &user.name, show)
}

fn summary(partition: &str, account: AccountId, user: &User) -> Value {
    Value::map()
        .with("Path", user.path.as_str())
        .with("UserName", user.name.as_str())
        .with("UserId", user.id.as_str())
        .with("Arn", user.arn(partition, account))
        .with("CreateDate", to_second(user.created))
}

fn show(call: &Call<'_>, user: &User) -> Value {
    let tags = (!user.tags.is_empty()).then(|| tags::write(&user.tags));
    summary(call.platform().partition(), call.account(), user)
        .with_some(
            "PermissionsBoundary",
            user.policies.boundary.as_deref().map(boundary::write),
        )
        .with_some("Tags", tags)
}

//! Users.

use platform::identity::{self, Attachments, User, to_second};
use platform::{ApiError, Call, Checks, Identity, Outcome, Permitted, Target, id};
use wire::value::Value;

use super::entity::{conflict, insert, need, without_policies};
use super::{account, boundary, check, list, quota};
use platform::tags;

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let tags = tags::read(call.input(), "Tags");
    quota::tags("user", &[], &tags)?;
    let mut user = User {
        name: call.text("UserName")?.to_owned(),
        path: call.input().str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::User)?,
        created: call.time(),
        tags,
        policies: Attachments::default(),
        access_keys: Vec::new(),
        groups: Vec::new(),
    };
    call.write(|tx| {
        user.policies.boundary = boundary::asked(&*tx, call)?;
        insert(tx, call.account(), &user)
    })?;
    Ok(Outcome::new(Value::map().with("User", show(call, &user))))
}

/// Without a name: the caller.
pub(super) fn may_get(call: &Call<'_>) -> Result<Checks, ApiError> {
    match named(call)? {
        Some(name) => Ok(check::check_on::<User>(call, &name)?.into()),
        None => {
            let root = Target::arn(&check::arn(call, "root"))?;
            Ok(platform::Check::of(call.action(), root).into())
        }
    }
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let user = match named(call)? {
        Some(name) => {
            let user: User = need(call.state(), call.account(), &name)?;
            show(call, &user)
        }
        None => Value::map()
            .with("UserId", call.account().as_str())
            .with("Arn", call.caller().arn())
            .with("CreateDate", account::created(call)?),
    };
    Ok(Outcome::new(Value::map().with("User", user)))
}

/// The user that the input names or, without a name, the caller; `None`: the root user.
pub(super) fn named(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    match (call.input().str("UserName"), call.caller().identity()) {
        (Some(name), _) => Ok(Some(name.to_owned())),
        (None, Identity::User(user)) => Ok(Some(user.name.clone())),
        (None, Identity::Root) => Ok(None),
        (None, _) => Err(ApiError::validation(
            "Must specify userName when calling with non-User credentials",
        )),
    }
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("UserName")?);
    call.write(|tx| {
        let user: User = need(&*tx, account, name)?;
        if !user.groups.is_empty() {
            return Err(conflict(
                "Cannot delete entity, must remove users from group first.",
            ));
        }
        without_policies(&user)?;
        if !user.access_keys.is_empty() {
            return Err(conflict(
                "Cannot delete entity, must delete access keys first.",
            ));
        }
        identity::remove(tx, account, &user)?;
        Ok(Outcome::empty())
    })
}

/// Another name or path. Its id, keys and policies stay.
pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let account = call.account();
    call.write(|tx| {
        let (old, new) = super::entity::rename::<User>(&*tx, call, "NewUserName")?;
        for id in &new.access_keys {
            super::key::give(tx, id, &new)?;
        }
        identity::save(tx, account, Some(&old), &new)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    list::all(call, "Users", path, |user: User| {
        Ok(user.path.starts_with(path).then(|| summary(call, &user)))
    })
}

pub(super) fn summary(call: &Call<'_>, user: &User) -> Value {
    Value::map()
        .with("Path", user.path.as_str())
        .with("UserName", user.name.as_str())
        .with("UserId", user.id.as_str())
        .with("Arn", user.arn(call.platform().partition(), call.account()))
        .with("CreateDate", to_second(user.created))
}

fn show(call: &Call<'_>, user: &User) -> Value {
    let tags = (!user.tags.is_empty()).then(|| tags::write(&user.tags));
    summary(call, user)
        .with_some(
            "PermissionsBoundary",
            user.policies.boundary.as_deref().map(boundary::write),
        )
        .with_some("Tags", tags)
}

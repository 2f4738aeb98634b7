//! Access keys of users and of the root user.

use platform::id::{self, Prefix};
use platform::identity::{AccessKey, Account, KeyOwner, KeyStatus, User, of_account, to_second};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use store::{Read, Write};
use wire::value::Value;

use super::entity::{find, missing, no_such};
use super::user::named;
use super::{check, list, quota};

/// The operation's own action on the user that the input names, or on the caller.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    match named(call)? {
        Some(name) => Ok(check::check_on::<User>(call, &name)?.into()),
        None => {
            let root = Target::arn(&check::arn(call, "root"))?;
            Ok(Check::of(call.action(), root).into())
        }
    }
}

/// Whoever holds the keys in question.
enum Holder {
    Root(Account),
    User(Box<User>),
}

impl Holder {
    fn find(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError> {
        match named(call)? {
            Some(name) => {
                let user: Option<User> = find(tx, call.account(), &name)?;
                user.map(|user| Self::User(Box::new(user)))
                    .ok_or_else(|| missing::<User>(&name))
            }
            None => {
                let account: Option<Account> = tx.get(&of_account(call.account()))?;
                account
                    .map(Self::Root)
                    .ok_or_else(|| ApiError::internal("no such account"))
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Root(_) => None,
            Self::User(user) => Some(&user.name),
        }
    }

    fn owner(&self) -> KeyOwner {
        match self {
            Self::Root(_) => KeyOwner::Root,
            Self::User(user) => KeyOwner::User {
                name: user.name.clone(),
                id: user.id.clone(),
            },
        }
    }

    fn ids(&self) -> &[String] {
        match self {
            Self::Root(account) => &account.root_keys,
            Self::User(user) => &user.access_keys,
        }
    }

    fn ids_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::Root(account) => &mut account.root_keys,
            Self::User(user) => &mut user.access_keys,
        }
    }

    fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError> {
        match self {
            Self::Root(account) => tx.put(&of_account(call.account()), account)?,
            Self::User(user) => tx.put(&User::key(call.account(), &user.name), &**user)?,
        }
        Ok(())
    }

    /// Whether the holder has the key that the input names.
    fn owns(&self, id: &str) -> Result<(), ApiError> {
        if self.ids().iter().any(|held| held == id) {
            Ok(())
        } else {
            Err(no_such(format!(
                "The Access Key with id {id} cannot be found."
            )))
        }
    }
}

/// Tells a key the name of the user who holds it.
pub(super) fn give(tx: &mut dyn Write, id: &str, user: &User) -> Result<(), ApiError> {
    let key: Option<AccessKey> = tx.get(&AccessKey::key(id))?;
    let key = key.ok_or_else(|| ApiError::internal("an access key without record"))?;
    let owner = KeyOwner::User {
        name: user.name.clone(),
        id: user.id.clone(),
    };
    Ok(tx.put(&AccessKey::key(id), &AccessKey { owner, ..key })?)
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let platform = call.platform();
    let id = id::unique(platform.random(), Prefix::AccessKey)?;
    let secret = id::secret_key(platform.random())?;
    let sealed_secret = platform.sealer().seal(
        platform.random(),
        &AccessKey::purpose(&id),
        secret.as_bytes(),
    )?;
    let name = call.write(|tx| {
        let mut holder = Holder::find(&*tx, call)?;
        if holder.ids().len() >= quota::ACCESS_KEYS {
            return Err(quota::exceeded("AccessKeysPerUser", quota::ACCESS_KEYS));
        }
        let key = AccessKey {
            account: call.account().to_string(),
            owner: holder.owner(),
            sealed_secret,
            status: KeyStatus::Active,
            created: call.time(),
        };
        tx.put(&AccessKey::key(&id), &key)?;
        holder.ids_mut().push(id.clone());
        holder.put(tx, call)?;
        Ok(holder.name().map(str::to_owned))
    })?;
    let key = Value::map()
        .with_some("UserName", name)
        .with("AccessKeyId", id)
        .with("Status", KeyStatus::Active.as_str())
        .with("SecretAccessKey", secret)
        .with("CreateDate", to_second(call.time()));
    Ok(Outcome::new(Value::map().with("AccessKey", key)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("AccessKeyId")?;
    call.write(|tx| {
        let mut holder = Holder::find(&*tx, call)?;
        holder.owns(id)?;
        holder.ids_mut().retain(|held| held != id);
        holder.put(tx, call)?;
        tx.delete::<AccessKey>(&AccessKey::key(id))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("AccessKeyId")?;
    let status = match call.text("Status")? {
        "Active" => KeyStatus::Active,
        "Inactive" => KeyStatus::Inactive,
        other => return Err(ApiError::validation(format!("Invalid Status: {other}"))),
    };
    call.write(|tx| {
        Holder::find(&*tx, call)?.owns(id)?;
        let key: Option<AccessKey> = tx.get(&AccessKey::key(id))?;
        let key = key.ok_or_else(|| ApiError::internal("an access key without record"))?;
        tx.put(&AccessKey::key(id), &AccessKey { status, ..key })?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let holder = Holder::find(call.state(), call)?;
    let mut keys = Vec::new();
    for id in holder.ids() {
        let key: Option<AccessKey> = call.state().get(&AccessKey::key(id))?;
        keys.extend(key.map(|key| (id.clone(), key)));
    }
    keys.sort_by(|(a, _), (b, _)| a.cmp(b));
    let show = |(id, key): &(String, AccessKey)| {
        Value::map()
            .with_some("UserName", holder.name())
            .with("AccessKeyId", id.as_str())
            .with("Status", key.status.as_str())
            .with("CreateDate", to_second(key.created))
    };
    let filter = holder.name().unwrap_or("");
    list::page(call, "AccessKeyMetadata", filter, keys, |(id, _)| id, show)
}

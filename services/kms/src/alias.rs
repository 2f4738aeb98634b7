//! Aliases: names for keys.

use platform::{ApiError, Call, Check, Checks, KeyAlias, Outcome, Permitted, Target};
use std::sync::Arc;
use store::{Read, Write};
use wire::value::Value;

use super::check::{self, Reach};
use super::key_id::{self, KeyId};
use super::managed::RESERVED;
use super::record::{Key, alias_arn};
use super::{error, list};

/// Aliases of a key (KMS Developer Guide, "Resource quotas").
const MOST: usize = 50;

fn name<'t>(call: &Call<'t>) -> Result<&'t str, ApiError> {
    let name = call.text("AliasName")?;
    if !name.starts_with("alias/") {
        return Err(invalid(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    }
    if !key_id::is_alias(name) {
        return Err(invalid(format!(
            "{name} contains invalid characters for an alias"
        )));
    }
    Ok(name)
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", 400, text)
}

/// What the input calls the key that the alias is to name.
fn named(call: &Call<'_>) -> Result<KeyId, ApiError> {
    let id = call.text("TargetKeyId")?;
    if key_id::is_alias(id) {
        return Err(invalid("Aliases must refer to keys. Not aliases"));
    }
    KeyId::parse_key(call, id)
}

/// The name of an alias that people may make and change.
fn free<'t>(call: &Call<'t>) -> Result<&'t str, ApiError> {
    let name = name(call)?;
    if name.starts_with(RESERVED) {
        let text = "Aliases that begin with alias/aws/ are reserved for AWS managed keys.";
        return Err(ApiError::new("NotAuthorizedException", 400, text));
    }
    Ok(name)
}

/// The operation's action on the alias itself, which identity policies alone decide.
fn on_alias(call: &Call<'_>, name: &str) -> Result<Check, ApiError> {
    let arn = call.arn("kms", name);
    let target = Target::arn(&arn)?.listed_as("AWS::KMS::Alias");
    Ok(check::of_call(call, Check::of(call.action(), target)))
}

/// The operation's action on the key that the alias is to name.
fn on_target(call: &Call<'_>) -> Result<Check, ApiError> {
    let id = named(call)?;
    check::on(call, call.action(), &id, Reach::Own)
}

/// The operation's action on the key that the alias names now.
fn on_current(call: &Call<'_>, name: &str) -> Result<Option<Check>, ApiError> {
    let id = KeyId::parse(call, name)?;
    match id.find(call, call.state())? {
        Some(_) => check::on(call, call.action(), &id, Reach::Own).map(Some),
        None => Ok(None),
    }
}

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Checks::from(on_alias(call, free(call)?)?).and(on_target(call)?))
}

pub(super) fn may_update(call: &Call<'_>) -> Result<Checks, ApiError> {
    let name = free(call)?;
    Ok(Checks::from(on_alias(call, name)?)
        .and(on_target(call)?)
        .and_all(on_current(call, name)?))
}

pub(super) fn may_delete(call: &Call<'_>) -> Result<Checks, ApiError> {
    let name = free(call)?;
    Ok(Checks::from(on_alias(call, name)?).and_all(on_current(call, name)?))
}

/// The key that an alias is to name. It must be the account's own.
fn target(call: &Call<'_>, tx: &dyn Read) -> Result<Key, ApiError> {
    let key = named(call)?.get(call, tx)?;
    key.not_pending(call.platform())?;
    Ok(Arc::unwrap_or_clone(key))
}

fn attach(tx: &mut dyn Write, mut key: Key, name: &str) -> Result<(), ApiError> {
    key.aliases.insert(name.to_owned());
    if key.aliases.len() > MOST {
        return Err(error::limit("A key can have up to 50 aliases."));
    }
    tx.put(&key.own_key(), &key)?;
    Ok(())
}

/// Takes the name off the key that has it.
fn detach(
    tx: &mut dyn Write,
    account: &str,
    region: &str,
    alias: &KeyAlias,
    name: &str,
) -> Result<(), ApiError> {
    let key: Option<Key> = tx.get(&Key::key(account, region, &alias.key))?;
    if let Some(mut key) = key {
        key.aliases.remove(name);
        tx.put(&key.own_key(), &key)?;
    }
    Ok(())
}

/// The alias with this name, if it names a key that is there; a key that is gone takes its aliases with
/// it.
fn held(call: &Call<'_>, tx: &dyn Read, name: &str) -> Result<Option<KeyAlias>, ApiError> {
    let (account, region) = (call.account(), call.region());
    let alias: Option<KeyAlias> = tx.get(&KeyAlias::key(account.as_str(), region, name))?;
    let Some(alias) = alias else { return Ok(None) };
    let key: Option<Key> = tx.get(&Key::key(account.as_str(), region, &alias.key))?;
    let there = key.is_some_and(|key| key.is_there(call.time()));
    Ok(there.then_some(alias))
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = free(call)?;
    let (account, region) = (call.account(), call.region());
    call.write(|tx| {
        if held(call, &*tx, name)?.is_some() {
            let arn = alias_arn(call.platform(), region, account.as_str(), name);
            return Err(error::exists(format!(
                "An alias with the name {arn} already exists"
            )));
        }
        let key = target(call, &*tx)?;
        let alias = KeyAlias {
            key: key.id.clone(),
            created: call.time(),
            changed: call.time(),
        };
        tx.put(&KeyAlias::key(account.as_str(), region, name), &alias)?;
        attach(tx, key, name)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = free(call)?;
    let (account, region) = (call.account(), call.region());
    call.write(|tx| {
        let mut alias = held(call, &*tx, name)?.ok_or_else(|| missing(call, name))?;
        let new = target(call, &*tx)?;
        let old: Option<Key> = tx.get(&Key::key(account.as_str(), region, &alias.key))?;
        if old.is_some_and(|old| old.spec.usage() != new.spec.usage()) {
            let text =
                "The current and the new key of an alias must be of the same type and usage.";
            return Err(ApiError::validation(text));
        }
        detach(tx, account.as_str(), region, &alias, name)?;
        // Read anew, for it may be the very key that the name was taken off.
        let new = target(call, &*tx)?;
        alias.key.clone_from(&new.id);
        alias.changed = call.time();
        tx.put(&KeyAlias::key(account.as_str(), region, name), &alias)?;
        attach(tx, new, name)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = free(call)?;
    let (account, region) = (call.account(), call.region());
    call.write(|tx| {
        let alias = held(call, &*tx, name)?.ok_or_else(|| missing(call, name))?;
        detach(tx, account.as_str(), region, &alias, name)?;
        tx.delete::<KeyAlias>(&KeyAlias::key(account.as_str(), region, name))?;
        Ok(Outcome::empty())
    })
}

fn missing(call: &Call<'_>, name: &str) -> ApiError {
    error::no_alias(&call.arn("kms", name))
}

/// Listing the aliases of one key takes no permission on that key (KMS API Reference, "ListAliases").
pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let of = match call.input().str("KeyId") {
        Some(text) => Some(KeyId::parse_key(call, text)?.get(call, call.state())?),
        None => None,
    };
    let all = list::under::<KeyAlias>(call)?;
    let mut names = Vec::with_capacity(all.len());
    for entry in all {
        let name = entry.key.parts().pop().unwrap_or_default();
        let wanted = of.as_ref().is_none_or(|key| key.id == entry.value.key);
        if wanted && held(call, call.state(), &name)?.is_some() {
            names.push((name, entry.value));
        }
    }
    let page = list::page(
        call,
        &[of.as_ref().map_or("", |key| &key.id)],
        names,
        |(name, _)| name,
        50,
    )?;
    let show = |(name, alias): &(String, KeyAlias)| {
        Value::map()
            .with("AliasName", name.as_str())
            .with("AliasArn", call.arn("kms", name))
            .with("TargetKeyId", alias.key.as_str())
            .with("CreationDate", alias.created)
            .with("LastUpdatedDate", alias.changed)
    };
    let shown: Value = page.items.iter().map(show).collect();
    Ok(list::answer("Aliases", shown, page.next))
}

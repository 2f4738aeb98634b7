//! New values of secrets.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Call, Outcome, Permitted, id};
use std::sync::Arc;
use store::{Read, Write};
use wire::value::Value;

use super::create::supported;
use super::record::{CURRENT, PREVIOUS, Plain, Secret, Version};
use super::seal::{self, SealedValue};
use super::{error, kms_key, name, stage};

/// How many versions without a label are kept; none is removed in its first day (Secrets Manager
/// User Guide, "What's in a secret").
const VERSIONS: usize = 100;
const FIRST_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Bytes of a value (Secrets Manager User Guide, "Quotas").
const LONGEST: usize = 65_536;

/// The labels whose versions go with a secret to another KMS key (Secrets Manager API Reference,
/// "UpdateSecret", `KmsKeyId`).
const RE_ENCRYPTED: &[&str] = &[CURRENT, "AWSPENDING", PREVIOUS];

/// The value in the input, if there is one.
///
/// # Errors
/// When there are two, or it is too long.
pub(super) fn given(input: &Value) -> Result<Option<Plain>, ApiError> {
    match (input.str("SecretString"), input.blob("SecretBinary")) {
        (Some(_), Some(_)) => Err(error::parameter(
            "You can't specify both a binary secret value and a string secret value in the same \
             secret.",
        )),
        // The API's shapes count characters.
        (Some(text), None) if text.len() > LONGEST => Err(error::parameter(
            "The secret value is longer than 65536 bytes.",
        )),
        (Some(text), None) => Ok(Some(Plain::Text(text.to_owned()))),
        (None, Some(bytes)) => Ok(Some(Plain::Binary(bytes.clone()))),
        (None, None) => Ok(None),
    }
}

/// The id of the version that the call makes: the client's token, or a new one.
pub(super) fn token(call: &Call<'_>) -> Result<String, ApiError> {
    match call.input().str("ClientRequestToken") {
        Some(token) => Ok(token.to_owned()),
        None => Ok(id::uuid(call.platform().random())?),
    }
}

/// Makes sure that the version `token`, which is there already, has this very value: the call was made
/// before.
///
/// # Errors
/// When it has another value.
pub(super) fn again(
    call: &Call<'_>,
    secret: &Secret,
    token: &str,
    value: Option<&Plain>,
) -> Result<(), ApiError> {
    // As of now: the version may be younger than what was decided on.
    let held = call
        .platform()
        .store()
        .read(|tx| seal::open(call, tx, secret, token))?;
    if Some(&held) == value {
        return Ok(());
    }
    Err(error::exists(format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a \
         version of secret {}.",
        secret.arn
    )))
}

/// Adds a version with these labels (none: `AWSCURRENT`), which other versions lose. The caller
/// stores the secret.
pub(super) fn add(
    now: Timestamp,
    tx: &mut dyn Write,
    secret: &mut Secret,
    version: &str,
    sealed: &SealedValue,
    stages: &[String],
) -> Result<(), ApiError> {
    tx.put(&SealedValue::key(&secret.arn, version), sealed)?;
    let added = Version {
        created: now,
        stages: Vec::new(),
        kms_key: secret.kms_key.clone(),
    };
    secret.versions.insert(version.to_owned(), added);
    let first = secret.staged(CURRENT).is_none();
    let current = CURRENT.to_owned();
    let stages = match stages {
        [] => std::slice::from_ref(&current),
        stages => stages,
    };
    for label in stages {
        stage::assign(secret, version, label);
    }
    if first && secret.staged(CURRENT).is_none() {
        // The first version is the current one, whatever else it is.
        stage::assign(secret, version, CURRENT);
    }
    secret.changed = now;
    prune(now, tx, secret)
}

/// Removes the oldest versions without a label beyond what is kept.
fn prune(now: Timestamp, tx: &mut dyn Write, secret: &mut Secret) -> Result<(), ApiError> {
    let old = |version: &Version| {
        version.stages.is_empty() && now.duration_since(version.created) > FIRST_DAY
    };
    let mut unlabelled: Vec<(Timestamp, String)> = secret
        .versions
        .iter()
        .filter(|(_, version)| version.stages.is_empty())
        .map(|(id, version)| (version.created, id.clone()))
        .collect();
    unlabelled.sort();
    let surplus = unlabelled.len().saturating_sub(VERSIONS);
    for (_, id) in unlabelled.into_iter().take(surplus) {
        if secret.versions.get(&id).is_some_and(old) {
            secret.versions.remove(&id);
            tx.delete::<SealedValue>(&SealedValue::key(&secret.arn, &id))?;
        }
    }
    Ok(())
}

/// The secret, if it is still the one for which something was sealed meanwhile.
fn unchanged(call: &Call<'_>, tx: &dyn Read, before: &Secret) -> Result<Secret, ApiError> {
    let now = name::usable(call, tx)?;
    if now.arn == before.arn && now.kms_key == before.kms_key {
        return Ok(Arc::unwrap_or_clone(now));
    }
    Err(error::request(
        "You can't perform this operation because the secret was changed at the same time.",
    ))
}

/// Keeps a value as version `token`, unless that is there already with this very value.
fn keep(
    call: &Permitted<Call<'_>>,
    before: &Secret,
    token: &str,
    value: &Plain,
    stages: &[String],
) -> Result<Secret, ApiError> {
    if before.versions.contains_key(token) {
        again(call, before, token, Some(value))?;
        return Ok(before.clone());
    }
    let kms_key = before.kms_key.as_deref();
    let sealed = SealedValue::seal(call, (&before.arn, token), kms_key, value)?;
    let (after, added) = call.write(|tx| {
        let mut secret = unchanged(call, &*tx, before)?;
        let added = !secret.versions.contains_key(token);
        if added {
            add(call.time(), tx, &mut secret, token, &sealed, stages)?;
            tx.put(&name::key(&secret)?, &secret)?;
        }
        Ok((secret, added))
    })?;
    if !added {
        again(call, &after, token, Some(value))?;
    }
    Ok(after)
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call, &["RotationToken"])?;
    let value = given(call.input())?
        .ok_or_else(|| error::request("You must provide either SecretString or SecretBinary."))?;
    let stages = stage::given(call.input())?;
    let token = token(call)?;
    let before = name::usable(call, call.state())?;
    seal::within_reach(call, &before)?;
    let secret = keep(call, &before, &token, &value, &stages)?;
    let stages = secret.versions.get(&token);
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn.as_str())
            .with("Name", secret.name.as_str())
            .with_some(
                "VersionStages",
                stages.map(|version| version.stages.clone()),
            )
            .with("VersionId", token),
    ))
}

/// What is sealed for an update before it is made.
struct Prepared {
    kms_key: Option<String>,
    /// The values that go to another KMS key, by version id.
    moved: Vec<(String, SealedValue)>,
    /// The new value, unless its version is there already.
    new: Option<SealedValue>,
}

fn prepare(
    call: &Call<'_>,
    before: &Secret,
    token: &str,
    value: Option<&Plain>,
) -> Result<Prepared, ApiError> {
    let kms_key = match call.input().get("KmsKeyId") {
        Some(_) => kms_key::given(call, before.account())?,
        None => before.kms_key.clone(),
    };
    let changes = kms_key != before.kms_key;
    if changes || value.is_some() {
        seal::within_reach(call, before)?;
    }
    let goes = |version: &Version| {
        let goes_with = |label: &String| RE_ENCRYPTED.contains(&label.as_str());
        changes && version.stages.iter().any(goes_with)
    };
    let mut moved = Vec::new();
    for (id, _) in before.versions.iter().filter(|(_, version)| goes(version)) {
        let plain = seal::open(call, call.state(), before, id)?;
        let at = (before.arn.as_str(), id.as_str());
        moved.push((
            id.clone(),
            SealedValue::seal(call, at, kms_key.as_deref(), &plain)?,
        ));
    }
    let new = match value {
        Some(value) if !before.versions.contains_key(token) => {
            let at = (before.arn.as_str(), token);
            Some(SealedValue::seal(call, at, kms_key.as_deref(), value)?)
        }
        _ => None,
    };
    Ok(Prepared {
        kms_key,
        moved,
        new,
    })
}

/// Changes a secret as an update says.
fn change(
    call: &Call<'_>,
    tx: &mut dyn Write,
    secret: &mut Secret,
    prepared: &Prepared,
    token: &str,
) -> Result<(), ApiError> {
    if let Some(text) = call.input().str("Description") {
        secret.description = Some(text.to_owned());
        secret.changed = call.time();
    }
    secret.kms_key.clone_from(&prepared.kms_key);
    for (id, sealed) in &prepared.moved {
        if let Some(version) = secret.versions.get_mut(id) {
            version.kms_key.clone_from(&prepared.kms_key);
            tx.put(&SealedValue::key(&secret.arn, id), sealed)?;
            secret.changed = call.time();
        }
    }
    if let Some(sealed) = &prepared.new {
        add(call.time(), tx, secret, token, sealed, &[])?;
    }
    tx.put(&name::key(secret)?, secret)?;
    Ok(())
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call, &["Type"])?;
    let value = given(call.input())?;
    let token = token(call)?;
    let before = name::usable(call, call.state())?;
    let known = value.is_some() && before.versions.contains_key(&token);
    if known {
        again(call, &before, &token, value.as_ref())?;
    }
    let prepared = prepare(call, &before, &token, value.as_ref())?;
    let (secret, raced) = call.write(|tx| {
        let mut secret = unchanged(call, &*tx, &before)?;
        if value.is_some() && !known && secret.versions.contains_key(&token) {
            // Somebody was faster with this token; nothing is changed before it is known with what.
            return Ok((secret, true));
        }
        change(call, tx, &mut secret, &prepared, &token)?;
        Ok((secret, false))
    })?;
    if raced {
        again(call, &secret, &token, value.as_ref())?;
    }
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn)
            .with("Name", secret.name)
            .with_some("VersionId", value.map(|_| token)),
    ))
}

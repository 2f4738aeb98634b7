//! New values of secrets.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Call, Outcome, Permitted, id};
use store::{Read, Write};
use wire::value::Value;

use super::create::supported;
use super::record::{CURRENT, PREVIOUS, Plain, SealedValue, Secret, Version};
use super::{error, name};

/// How many versions without a label are kept; none is removed in its first day (Secrets Manager
/// User Guide, "What's in a secret").
const VERSIONS: usize = 100;
const FIRST_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The most staging labels of a version.
const STAGES: usize = 20;

/// The value in the input, if there is one.
///
/// # Errors
/// When there are two.
pub(super) fn given(input: &Value) -> Result<Option<Plain>, ApiError> {
    match (input.str("SecretString"), input.blob("SecretBinary")) {
        (Some(_), Some(_)) => Err(error::parameter(
            "You can't specify both a binary secret value and a string secret value in the same \
             secret.",
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

/// Whether version `token` is there with this very value: a call that was made before.
///
/// # Errors
/// When it is there with another value.
pub(super) fn same(
    call: &Call<'_>,
    tx: &dyn Read,
    secret: &Secret,
    token: &str,
    value: Option<&Plain>,
) -> Result<bool, ApiError> {
    if !secret.versions.contains_key(token) {
        return Ok(false);
    }
    if Some(&open(call, tx, secret, token)?) == value {
        return Ok(true);
    }
    Err(error::exists(format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a \
         version of secret {}.",
        secret.arn
    )))
}

/// The value of a version.
pub(super) fn open(
    call: &Call<'_>,
    tx: &dyn Read,
    secret: &Secret,
    version: &str,
) -> Result<Plain, ApiError> {
    let stored: Option<SealedValue> = tx.get(&SealedValue::key(&secret.arn, version))?;
    let lost = || ApiError::internal(format!("`{}` lost version `{version}`", secret.arn));
    stored
        .ok_or_else(lost)?
        .open(call.platform(), &secret.arn, version)
}

/// Adds a version with these labels (none: `AWSCURRENT`), which other versions lose. The caller
/// stores the secret.
pub(super) fn add(
    call: &Call<'_>,
    tx: &mut dyn Write,
    secret: &mut Secret,
    version: &str,
    value: &Plain,
    stages: &[String],
) -> Result<(), ApiError> {
    let sealed = SealedValue::seal(call.platform(), &secret.arn, version, value)?;
    tx.put(&SealedValue::key(&secret.arn, version), &sealed)?;
    let added = Version {
        created: call.time(),
        stages: Vec::new(),
    };
    secret.versions.insert(version.to_owned(), added);
    let first = secret.staged(CURRENT).is_none();
    let current = CURRENT.to_owned();
    let stages = match stages {
        [] => std::slice::from_ref(&current),
        stages => stages,
    };
    for stage in stages {
        assign(secret, version, stage);
    }
    if first && secret.staged(CURRENT).is_none() {
        // The first version is the current one, whatever else it is.
        assign(secret, version, CURRENT);
    }
    secret.changed = call.time();
    prune(call.time(), tx, secret)
}

/// Moves a label to a version. What was current before becomes the previous one.
fn assign(secret: &mut Secret, version: &str, stage: &str) {
    let before = secret.staged(stage).map(str::to_owned);
    if before.as_deref() == Some(version) {
        return;
    }
    for held in secret.versions.values_mut() {
        held.stages.retain(|label| label != stage);
    }
    if let Some(held) = secret.versions.get_mut(version) {
        held.stages.push(stage.to_owned());
    }
    if let (CURRENT, Some(before)) = (stage, before) {
        assign(secret, &before, PREVIOUS);
    }
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

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call, &["RotationToken"])?;
    let value = given(call.input())?
        .ok_or_else(|| error::request("You must provide either SecretString or SecretBinary."))?;
    let stages: Vec<String> = call
        .input()
        .list("VersionStages")
        .iter()
        .filter_map(|stage| stage.as_str().map(str::to_owned))
        .collect();
    if stages.len() > STAGES {
        return Err(error::parameter(
            "A version can have up to 20 staging labels.",
        ));
    }
    let token = token(call)?;
    let secret = call.write(|tx| {
        let mut secret = name::usable(call, &*tx)?;
        if !same(call, &*tx, &secret, &token, Some(&value))? {
            add(call, tx, &mut secret, &token, &value, &stages)?;
            tx.put(&name::key(&secret)?, &secret)?;
        }
        Ok(secret)
    })?;
    let stages = secret
        .versions
        .get(&token)
        .map(|version| version.stages.clone());
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn)
            .with("Name", secret.name)
            .with("VersionId", token)
            .with_some("VersionStages", stages),
    ))
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call, &["KmsKeyId", "Type"])?;
    let value = given(call.input())?;
    let token = token(call)?;
    let secret = call.write(|tx| {
        let mut secret = name::usable(call, &*tx)?;
        if let Some(text) = call.input().str("Description") {
            secret.description = Some(text.to_owned());
            secret.changed = call.time();
        }
        if let Some(value) = &value
            && !same(call, &*tx, &secret, &token, Some(value))?
        {
            add(call, tx, &mut secret, &token, value, &[])?;
        }
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(secret)
    })?;
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn)
            .with("Name", secret.name)
            .with_some("VersionId", value.map(|_| token)),
    ))
}

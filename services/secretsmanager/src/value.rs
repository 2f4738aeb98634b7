//! Reading values.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::record::{Accessed, CURRENT, Plain, Secret};
use super::{error, name, seal};

/// The version with this id and label; the current one where neither is named.
fn version<'s>(
    secret: &'s Secret,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<&'s str, ApiError> {
    let find = |what: String| {
        error::missing(format!(
            "Secrets Manager can't find the specified secret value for {what}"
        ))
    };
    let Some(id) = id else {
        let stage = stage.unwrap_or(CURRENT);
        return secret
            .staged(stage)
            .ok_or_else(|| find(format!("staging label: {stage}")));
    };
    let held = secret.versions.get_key_value(id);
    let (id, version) = held.ok_or_else(|| find(format!("VersionId: {id}")))?;
    match stage {
        Some(stage) if !version.stages.iter().any(|held| held == stage) => Err(error::request(
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )),
        _ => Ok(id),
    }
}

/// A version of a secret with its value, for whoever calls.
pub(super) fn show(
    call: &Call<'_>,
    secret: &Secret,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<Value, ApiError> {
    let id = version(secret, id, stage)?;
    seal::within_reach(call, secret)?;
    let held = secret.versions.get(id);
    let output = Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
        .with("VersionId", id)
        .with_some("VersionStages", held.map(|version| version.stages.clone()))
        .with_some("CreatedDate", held.map(|version| version.created));
    let output = match seal::open(call, call.state(), secret, id)? {
        Plain::Text(text) => output.with("SecretString", text),
        Plain::Binary(bytes) => output.with("SecretBinary", bytes),
    };
    touch(call, secret)?;
    Ok(output)
}

/// Keeps the day of the reading, to which `LastAccessedDate` is exact.
fn touch(call: &Call<'_>, secret: &Secret) -> Result<(), ApiError> {
    let day = day(call.time())?;
    let key = Accessed::key(&secret.arn);
    let known = call.state().shared::<Accessed>(&key)?;
    if known.is_some_and(|known| known.day >= day) {
        return Ok(());
    }
    call.platform().store().write(|tx| {
        let held: Option<Secret> = tx.get(&name::key(secret)?)?;
        // It may be gone by now.
        if held.is_some_and(|held| held.arn == secret.arn) {
            tx.put(&key, &Accessed { day })?;
        }
        Ok(())
    })
}

/// The midnight before an instant, in UTC.
fn day(instant: Timestamp) -> Result<Timestamp, ApiError> {
    let zoned = instant.to_zoned(TimeZone::UTC);
    let midnight = zoned.start_of_day().map_err(ApiError::internal)?;
    Ok(midnight.timestamp())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::usable(call, call.state())?;
    let input = call.input();
    let (id, stage) = (input.str("VersionId"), input.str("VersionStage"));
    show(call, &secret, id, stage).map(Outcome::new)
}

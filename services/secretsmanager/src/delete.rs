//! Deleting secrets, and calling that off.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Call, Outcome, Permitted};
use std::sync::Arc;
use store::{Key, Read, Scan, Write};
use wire::value::Value;

use super::record::Secret;
use super::{create, error, name};

/// The days of grace: the default and the bounds.
const WINDOW: i64 = 30;
const WINDOWS: std::ops::RangeInclusive<i64> = 7..=30;

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let force = input.bool("ForceDeleteWithoutRecovery") == Some(true);
    let window = input.int("RecoveryWindowInDays");
    if force && window.is_some() {
        return Err(error::parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = window.unwrap_or(WINDOW);
    if !WINDOWS.contains(&days) {
        return Err(error::parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    if force {
        return now(call);
    }
    let due = call
        .time()
        .checked_add(SignedDuration::from_hours(24 * days))
        .map_err(ApiError::internal)?;
    call.write(|tx| {
        let mut secret = Arc::unwrap_or_clone(name::secret(call, &*tx)?);
        if secret.deletion.is_some() {
            return Err(error::request(
                "You can't perform this operation on the secret because it was already scheduled \
                 for deletion.",
            ));
        }
        secret.deletion = Some(due);
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(answer(&secret.arn, &secret.name, Some(due)))
    })
}

/// Deletes at once. That there is no such secret is no error then (Secrets Manager API Reference,
/// "DeleteSecret").
fn now(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = name::read(call)?;
    call.write(|tx| match id.find(call, &*tx)? {
        Some(secret) => {
            create::forget(tx, &secret)?;
            Ok(answer(&secret.arn, &secret.name, Some(call.time())))
        }
        None => {
            let arn = id.would_be(call.platform().partition());
            Ok(answer(&arn, id.given, Some(call.time())))
        }
    })
}

pub(super) fn restore(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut secret = Arc::unwrap_or_clone(name::secret(call, &*tx)?);
        secret.deletion = None;
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(answer(&secret.arn, &secret.name, None))
    })
}

fn answer(arn: &str, name: &str, date: Option<Timestamp>) -> Outcome {
    Outcome::new(
        Value::map()
            .with("ARN", arn)
            .with("Name", name)
            .with_some("DeletionDate", date),
    )
}

/// Whether the time of some secret has come.
///
/// # Errors
/// When the store fails.
pub fn has_expired(tx: &dyn Read, now: Timestamp) -> Result<bool, ApiError> {
    let all = tx.scan::<Secret>(&Scan::under(&Key::new([] as [&str; 0])))?;
    Ok(all.iter().any(|entry| !entry.value.is_there(now)))
}

/// Removes every secret whose time has come, with its values. Returns how many.
///
/// # Errors
/// When the store fails.
pub fn expire(tx: &mut dyn Write, now: Timestamp) -> Result<usize, ApiError> {
    let all = tx.scan::<Secret>(&Scan::under(&Key::new([] as [&str; 0])))?;
    let mut gone = 0;
    for secret in all.into_iter().map(|entry| entry.value) {
        if !secret.is_there(now) {
            create::forget(tx, &secret)?;
            gone += 1;
        }
    }
    Ok(gone)
}

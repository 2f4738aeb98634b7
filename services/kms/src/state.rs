//! Enabling, disabling and deleting keys (KMS Developer Guide, "Key states of AWS KMS keys").

use jiff::Timestamp;
use platform::{ApiError, Call, Checks, KeyAlias, Outcome, Permitted};
use store::{Read, Scan, Write};
use wire::value::Value;

use super::record::{Deletion, Grant, Key};
use super::{check, error};

/// The days of waiting: the default and the bounds.
const WINDOW: i64 = 30;
const WINDOWS: std::ops::RangeInclusive<i64> = 7..=30;

fn set(call: &Permitted<Call<'_>>, enabled: bool) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        key.not_pending(call.platform())?;
        key.enabled = enabled;
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn enable(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    set(call, true)
}

pub(super) fn disable(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    set(call, false)
}

fn window(call: &Call<'_>) -> i64 {
    call.input().int("PendingWindowInDays").unwrap_or(WINDOW)
}

pub(super) fn may_schedule(call: &Call<'_>) -> Result<Checks, ApiError> {
    let days = window(call).to_string();
    Ok(check::on_own_key(call)?
        .key("kms:ScheduleKeyDeletionPendingWindowInDays", days)
        .into())
}

pub(super) fn schedule(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let days = window(call);
    if !WINDOWS.contains(&days) {
        return Err(ApiError::validation(
            "PendingWindowInDays must be between 7 and 30 days (inclusive).",
        ));
    }
    let due = check::in_days(call.time(), days)?;
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        key.not_pending(call.platform())?;
        key.deletion = Some(Deletion { due, days });
        // What comes back from there is disabled.
        key.enabled = false;
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::new(
            Value::map()
                .with("KeyId", key.arn(call.platform()))
                .with("DeletionDate", due)
                .with("KeyState", key.state())
                .with("PendingWindowInDays", days),
        ))
    })
}

pub(super) fn cancel(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        let arn = key.arn(call.platform());
        if key.deletion.take().is_none() {
            return Err(error::state(format!("{arn} is not pending deletion.")));
        }
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::new(Value::map().with("KeyId", arn)))
    })
}

/// Whether the time of some key has come.
///
/// # Errors
/// When the store fails.
pub fn has_expired(tx: &dyn Read, now: Timestamp) -> Result<bool, ApiError> {
    let all = tx.scan::<Key>(&Scan::under(&store::Key::new([] as [&str; 0])))?;
    Ok(all.iter().any(|entry| !entry.value.is_there(now)))
}

/// Removes every key whose time has come, with its material, aliases and grants. Returns how many.
///
/// # Errors
/// When the store fails.
pub fn expire(tx: &mut dyn Write, now: Timestamp) -> Result<usize, ApiError> {
    let all = tx.scan::<Key>(&Scan::under(&store::Key::new([] as [&str; 0])))?;
    let mut gone = 0;
    for key in all.into_iter().map(|entry| entry.value) {
        if key.is_there(now) {
            continue;
        }
        for name in &key.aliases {
            tx.delete::<KeyAlias>(&KeyAlias::key(&key.account, &key.region, name))?;
        }
        for grant in tx.scan::<Grant>(&Scan::under(&Grant::under(&key)))? {
            tx.delete::<Grant>(&grant.key)?;
        }
        tx.delete::<Key>(&key.own_key())?;
        gone += 1;
    }
    Ok(gone)
}

//! Rotation: new material under the same key. What was encrypted with the old still decrypts (KMS
//! Developer Guide, "Rotate AWS KMS keys").

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use std::sync::Arc;
use wire::value::Value;

use super::record::{Key, Rotated, Spec};
use super::{check, error, list, material};

/// Days between rotations unless somebody says how many.
const PERIOD: i64 = 365;
/// On-demand rotations of a key (KMS Developer Guide, "Resource quotas").
const MOST_ON_DEMAND: usize = 25;

pub(super) fn may_enable(call: &Call<'_>) -> Result<Checks, ApiError> {
    let period = call.input().int("RotationPeriodInDays");
    Ok(check::on_own_key(call)?
        .key(
            "kms:RotationPeriodInDays",
            period.unwrap_or(PERIOD).to_string(),
        )
        .into())
}

/// Refuses keys that cannot rotate.
fn rotates(call: &Call<'_>, key: &Key) -> Result<(), ApiError> {
    if key.spec == Spec::Symmetric {
        return Ok(());
    }
    let arn = key.arn(call.platform());
    Err(error::unsupported(format!(
        "{arn} origin or spec is not valid for this operation."
    )))
}

pub(super) fn enable(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        rotates(call, &key)?;
        key.usable(call.platform())?;
        let asked = call.input().int("RotationPeriodInDays");
        let period = asked.or(key.rotation.period).unwrap_or(PERIOD);
        let next = check::in_days(call.time(), period)?;
        key.rotation.plan = match key.rotation.plan {
            Some((held, due)) if held == period => Some((held, due)),
            _ => Some((period, next)),
        };
        key.rotation.period = Some(period);
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn disable(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        rotates(call, &key)?;
        key.usable(call.platform())?;
        key.rotation.plan = None;
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn on_demand(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        rotates(call, &key)?;
        key.usable(call.platform())?;
        let before = key.rotation.done.iter().filter(|done| done.on_demand);
        if before.count() >= MOST_ON_DEMAND {
            return Err(error::limit(
                "The maximum number of on-demand rotations of this key has been reached.",
            ));
        }
        add(
            call,
            &mut key,
            Rotated {
                at: call.time(),
                on_demand: true,
            },
        )?;
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::new(
            Value::map().with("KeyId", key.arn(call.platform())),
        ))
    })
}

fn add(call: &Call<'_>, key: &mut Key, rotated: Rotated) -> Result<(), ApiError> {
    material::add(call.platform(), key)?;
    key.rotation.done.push(rotated);
    Ok(())
}

/// Rotates a key whose day has come. Days that passed while nobody used it count once.
pub(super) fn if_due(call: &Permitted<Call<'_>>, key: Arc<Key>) -> Result<Arc<Key>, ApiError> {
    if due(call, &key).is_none() {
        return Ok(key);
    }
    call.write(|tx| {
        // Somebody else may have rotated it meanwhile.
        let now: Option<Key> = tx.get(&key.own_key())?;
        let mut key = now.unwrap_or_else(|| Arc::unwrap_or_clone(key));
        if let Some((period, at)) = due(call, &key) {
            add(
                call,
                &mut key,
                Rotated {
                    at,
                    on_demand: false,
                },
            )?;
            key.rotation.plan = Some((period, check::in_days(at, period)?));
            tx.put(&key.own_key(), &key)?;
        }
        Ok(Arc::new(key))
    })
}

/// The period and the latest day on which a rotation was due that was not done.
fn due(call: &Call<'_>, key: &Key) -> Option<(i64, jiff::Timestamp)> {
    let (period, mut at) = key.rotation.plan?;
    if at > call.time() || !key.enabled || key.deletion.is_some() {
        return None;
    }
    while let Ok(next) = check::in_days(at, period.max(1))
        && next <= call.time()
    {
        at = next;
    }
    Some((period, at))
}

pub(super) fn status(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = check::any(call, call.state())?;
    key.not_pending(call.platform())?;
    let key = if_due(call, key)?;
    let plan = key.rotation.plan;
    Ok(Outcome::new(
        Value::map()
            .with("KeyRotationEnabled", plan.is_some())
            .with("KeyId", key.arn(call.platform()))
            .with_some("RotationPeriodInDays", plan.map(|(period, _)| period))
            .with_some("NextRotationDate", plan.map(|(_, next)| next)),
    ))
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = if_due(call, check::own(call, call.state())?)?;
    rotates(call, &key)?;
    let all = call.input().str("IncludeKeyMaterial") == Some("ALL_KEY_MATERIAL");
    let arn = key.arn(call.platform());
    let current = key.materials.len().saturating_sub(1);
    let mut entries = Vec::new();
    for (number, material) in key.materials.iter().enumerate() {
        let rotated = number
            .checked_sub(1)
            .and_then(|before| key.rotation.done.get(before));
        if rotated.is_none() && !all {
            continue;
        }
        let state = if number == current {
            "CURRENT"
        } else {
            "NON_CURRENT"
        };
        let kind = rotated.map(|rotated| {
            if rotated.on_demand {
                "ON_DEMAND"
            } else {
                "AUTOMATIC"
            }
        });
        let entry = Value::map()
            .with("KeyId", arn.as_str())
            .with("KeyMaterialId", material.id.as_str())
            .with("KeyMaterialState", state)
            .with_some("RotationDate", rotated.map(|rotated| rotated.at))
            .with_some("RotationType", kind);
        entries.push((format!("{number:09}"), entry));
    }
    let filters = [arn.as_str(), if all { "all" } else { "" }];
    let page = list::page(call, &filters, entries, |(number, _)| number, 100)?;
    let shown = page.items.into_iter().map(|(_, entry)| entry).collect();
    Ok(list::answer("Rotations", shown, page.next))
}

//! Staging labels (Secrets Manager User Guide, "Secret versions").

use platform::{ApiError, Call, Outcome, Permitted};
use std::sync::Arc;
use wire::value::Value;

use super::record::{CURRENT, PREVIOUS, Secret};
use super::{error, name};

/// The most staging labels of a version.
const STAGES: usize = 20;

/// The labels in the input.
pub(super) fn given(input: &Value) -> Result<Vec<String>, ApiError> {
    let stages: Vec<String> = input
        .list("VersionStages")
        .iter()
        .filter_map(|stage| stage.as_str().map(str::to_owned))
        .collect();
    if stages.len() > STAGES {
        return Err(error::parameter(
            "A version can have up to 20 staging labels.",
        ));
    }
    Ok(stages)
}

/// Moves a label to a version. What was current before becomes the previous one.
pub(super) fn assign(secret: &mut Secret, version: &str, stage: &str) {
    let before = secret.staged(stage).map(str::to_owned);
    if before.as_deref() == Some(version) {
        return;
    }
    remove(secret, stage);
    if let Some(held) = secret.versions.get_mut(version) {
        held.stages.push(stage.to_owned());
    }
    if let (CURRENT, Some(before)) = (stage, before) {
        assign(secret, &before, PREVIOUS);
    }
}

fn remove(secret: &mut Secret, stage: &str) {
    for held in secret.versions.values_mut() {
        held.stages.retain(|label| label != stage);
    }
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let stage = call.text("VersionStage")?;
    let (to, from) = (
        input.str("MoveToVersionId"),
        input.str("RemoveFromVersionId"),
    );
    call.write(|tx| {
        let mut secret = Arc::unwrap_or_clone(name::usable(call, &*tx)?);
        match to {
            Some(to) => shift(&mut secret, stage, to, from)?,
            None => take_off(&mut secret, stage, from)?,
        }
        secret.changed = call.time();
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(Outcome::new(
            Value::map()
                .with("ARN", secret.arn)
                .with("Name", secret.name),
        ))
    })
}

/// Moves a label. Who moves one that another version has must say from which.
fn shift(secret: &mut Secret, stage: &str, to: &str, from: Option<&str>) -> Result<(), ApiError> {
    let there = |id: &str| match secret.versions.contains_key(id) {
        true => Ok(()),
        false => Err(error::missing(format!(
            "Secrets Manager can't find the specified secret value for VersionId: {id}"
        ))),
    };
    there(to)?;
    if let Some(from) = from {
        there(from)?;
    }
    match (secret.staged(stage), from) {
        (Some(holder), None) if holder != to => {
            return Err(error::parameter(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently \
                 attached to version {holder}, so you must explicitly reference that version in \
                 RemoveFromVersionId."
            )));
        }
        (Some(holder), Some(from)) if holder != from => {
            return Err(error::parameter(format!(
                "Staging label {stage} is currently attached to version {holder}, so you must \
                 explicitly reference that version in RemoveFromVersionId."
            )));
        }
        (None, Some(from)) => return Err(not_attached(stage, from)),
        _ => {}
    }
    let labels = secret.versions.get(to).map_or(0, |version| {
        version.stages.iter().filter(|held| *held != stage).count()
    });
    if labels >= STAGES {
        return Err(error::limit("A version can have up to 20 staging labels."));
    }
    assign(secret, to, stage);
    Ok(())
}

fn take_off(secret: &mut Secret, stage: &str, from: Option<&str>) -> Result<(), ApiError> {
    let Some(from) = from else {
        return Err(error::parameter(
            "You must specify at least one of MoveToVersionId and RemoveFromVersionId.",
        ));
    };
    if secret.staged(stage) != Some(from) {
        return Err(not_attached(stage, from));
    }
    if stage == CURRENT {
        return Err(error::parameter(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be \
             completely removed.",
        ));
    }
    remove(secret, stage);
    Ok(())
}

fn not_attached(stage: &str, from: &str) -> ApiError {
    error::parameter(format!(
        "Staging label {stage} is not attached to version {from}."
    ))
}

//! Reading values.

use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::record::{CURRENT, Plain, Secret};
use super::{change, error, name};

/// The version that the input names.
fn version<'s>(call: &Call<'_>, secret: &'s Secret) -> Result<&'s str, ApiError> {
    let (id, stage) = (
        call.input().str("VersionId"),
        call.input().str("VersionStage"),
    );
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

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::usable(call, call.state())?;
    let id = version(call, &secret)?;
    let held = secret.versions.get(id);
    let output = Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
        .with("VersionId", id)
        .with_some("VersionStages", held.map(|version| version.stages.clone()))
        .with_some("CreatedDate", held.map(|version| version.created));
    Ok(Outcome::new(
        match change::open(call, call.state(), &secret, id)? {
            Plain::Text(text) => output.with("SecretString", text),
            Plain::Binary(bytes) => output.with("SecretBinary", bytes),
        },
    ))
}

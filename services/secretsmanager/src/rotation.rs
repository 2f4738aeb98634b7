//! Rotation by functions, which cannot be run here.
//!
//! AWS calls the function before it accepts a configuration, and refuses it where it cannot. There are no
//! functions here, so that is what happens to each; a configuration that nothing would follow is not
//! kept. See `docs/decisions/`.

use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::create::supported;
use super::{error, name};

pub(super) fn rotate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(
        call,
        &[
            "ExternalSecretRotationMetadata",
            "ExternalSecretRotationRoleArn",
        ],
    )?;
    name::usable(call, call.state())?;
    let rules = call.input().get("RotationRules");
    let both = |rules: &Value| {
        rules.get("AutomaticallyAfterDays").is_some() && rules.get("ScheduleExpression").is_some()
    };
    if rules.is_some_and(both) {
        return Err(error::parameter(
            "You can't specify both AutomaticallyAfterDays and ScheduleExpression.",
        ));
    }
    match call.input().str("RotationLambdaARN") {
        None | Some("") => Err(error::request(
            "No Lambda rotation function ARN is associated with this secret.",
        )),
        Some(_) => Err(ApiError::access_denied(
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function \
             policy grants access to the principal secretsmanager.amazonaws.com.",
        )),
    }
}

/// Turns off what is never on.
pub(super) fn cancel(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::usable(call, call.state())?;
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn.as_str())
            .with("Name", secret.name.as_str()),
    ))
}

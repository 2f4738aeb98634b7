//! `AssumeRoleWithSAML`, which is refused: there is no verifier of XML signatures that could be trusted
//! with it (`docs/decisions`).

use jiff::Timestamp;
use platform::{
    ApiError, Call, Check, Checks, FederatedCaller, Outcome, Permitted, Platform, Target,
};
use wire::value::Value;

const REFUSAL: &str = "`AssumeRoleWithSAML`";

/// Nobody is proven by an assertion.
pub(super) fn prove(_: &Platform, _: &Value, _: Timestamp) -> Result<FederatedCaller, ApiError> {
    Err(ApiError::unsupported(REFUSAL))
}

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let role = Target::arn(call.text("RoleArn")?)?;
    Ok(Check::new("sts:AssumeRoleWithSAML", role)?.into())
}

pub(super) fn assume(_: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    Err(ApiError::unsupported(REFUSAL))
}

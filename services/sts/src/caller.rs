//! `GetCallerIdentity`.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use wire::value::Value;

/// No permission is needed, and no policy can take it away; the engine knows that.
pub(super) fn may_ask(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("sts:GetCallerIdentity", Target::any())?.into())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let caller = call.caller();
    Ok(Outcome::new(
        Value::map()
            .with("UserId", caller.user_id())
            .with("Account", caller.account().as_str())
            .with("Arn", caller.arn()),
    ))
}

//! `DecodeAuthorizationMessage`.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, denial};
use wire::value::Value;

pub(super) fn may(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("sts:DecodeAuthorizationMessage", Target::any())?.into())
}

pub(super) fn decode(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let encoded = call.text("EncodedMessage")?;
    let message = denial::decode(call.platform(), call.account(), encoded).ok_or_else(|| {
        let text = "Message is not valid";
        ApiError::new("InvalidAuthorizationMessageException", 400, text)
    })?;
    Ok(Outcome::new(Value::map().with("DecodedMessage", message)).unlisted())
}

//! Policy documents in inputs and outputs.

use platform::principal_ids::{self, BoundPolicy};
use platform::{ApiError, Call};
use policy::{Document, PolicyType};
use store::Read;

/// The document in a member of the input, if it is one of this type.
pub(super) fn read<'t>(
    call: &Call<'t>,
    member: &str,
    kind: PolicyType,
) -> Result<&'t str, ApiError> {
    let text = call.text(member)?;
    match Document::parse(text, kind) {
        Ok(_) => Ok(text),
        Err(rejected) => Err(ApiError::new(
            "MalformedPolicyDocument",
            400,
            rejected.to_string(),
        )),
    }
}

/// The trust policy in `text` with its principals bound.
pub(super) fn bind_trust(
    tx: &dyn Read,
    partition: &str,
    text: &str,
) -> Result<BoundPolicy, ApiError> {
    principal_ids::bind(tx, partition, PolicyType::Trust, text).map_err(|unbound| {
        unbound.or(|principal| {
            let text = format!("Invalid principal in policy: \"AWS\":\"{principal}\"");
            ApiError::new("MalformedPolicyDocument", 400, text)
        })
    })
}

/// A document as answers carry it: percent-encoded (RFC 3986).
pub(super) fn write(text: &str) -> String {
    wire::uri::encode(text)
}

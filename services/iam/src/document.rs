//! Policy documents in inputs and outputs.

use platform::{ApiError, Call};
use policy::{Document, PolicyType};

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

/// A document as answers carry it: percent-encoded (RFC 3986).
pub(super) fn write(text: &str) -> String {
    wire::uri::encode(text)
}

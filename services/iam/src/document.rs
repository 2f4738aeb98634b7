//! Policy documents in inputs and outputs.

use platform::principal_ids::{self, BoundPolicy};
use platform::{ApiError, Call};
use policy::{Document, PolicyType};
use store::Read;

use super::grammar;

/// The document in a member of the input, if it is one of this type. Where it is none, the error is IAM's
/// sentence; `Detail` tells the place, the reason and the fix.
pub(super) fn read<'t>(
    call: &Call<'t>,
    member: &str,
    kind: PolicyType,
) -> Result<&'t str, ApiError> {
    let text = call.text(member)?;
    match Document::parse(text, kind) {
        Ok(document) => {
            grammar::refused(&document).map_or(Ok(text), |sentence| Err(malformed(sentence)))
        }
        Err(rejected) => {
            Err(malformed(grammar::rejected(&rejected, kind)).with("Detail", rejected.to_string()))
        }
    }
}

fn malformed(sentence: String) -> ApiError {
    ApiError::new("MalformedPolicyDocument", 400, sentence)
}

/// The trust policy in `text` with its principals bound.
pub(super) fn bind_trust(
    tx: &dyn Read,
    partition: &str,
    text: &str,
) -> Result<BoundPolicy, ApiError> {
    principal_ids::bind(tx, partition, PolicyType::Trust, text).map_err(|unbound| {
        unbound.or(|principal| malformed(grammar::no_principal("AWS", principal)))
    })
}

/// A document as answers carry it: percent-encoded (RFC 3986).
pub(super) fn write(text: &str) -> String {
    wire::uri::encode(text)
}

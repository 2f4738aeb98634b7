//! Bodies that come in chunks, as the SDKs send objects.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use wire::sigv4::{AuthError, Verified, read_body};

/// What a trailer may say: checksums of the body, and nothing that could change what is asked.
const TRAILER: &str = "x-amz-checksum-";

/// The body as it was meant. Checksums in its trailer become headers, for whoever checks them.
///
/// # Errors
/// The chunks are malformed, or are not those that were signed.
pub(super) fn decode(
    verified: Option<&Verified>,
    parts: &mut Parts,
    body: Bytes,
) -> Result<Bytes, AuthError> {
    let (data, trailers) = read_body(verified, &parts.headers, body)?;
    for (name, value) in trailers {
        let name = HeaderName::try_from(name).map_err(|_| AuthError::Trailer)?;
        let value = HeaderValue::try_from(value).map_err(|_| AuthError::Trailer)?;
        if !name.as_str().starts_with(TRAILER) || parts.headers.contains_key(&name) {
            return Err(AuthError::Trailer);
        }
        parts.headers.insert(name, value);
    }
    Ok(data)
}

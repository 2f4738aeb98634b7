//! Bodies that come in chunks, as the SDKs send objects.

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use wire::sigv4::{AuthError, ChunkDecoder, Verified};

/// What a trailer may say: checksums of the body, and nothing that could change what is asked.
const TRAILER: &str = "x-amz-checksum-";

/// The body as it was meant. Checksums in its trailer become headers, for whoever checks them.
///
/// # Errors
/// The chunks are malformed, or are not those that were signed.
pub(super) fn decode(
    verified: &Verified,
    parts: &mut Parts,
    body: Bytes,
) -> Result<Bytes, AuthError> {
    let header = |name: &str| {
        let value = parts.headers.get(name)?;
        value.to_str().ok()
    };
    let declared = header("x-amz-decoded-content-length").and_then(|text| text.parse().ok());
    let Some(mut decoder) = ChunkDecoder::new(verified, declared, header("x-amz-trailer")) else {
        return Ok(body);
    };
    let mut pieces = Vec::new();
    decoder.feed(body, &mut pieces)?;
    for (name, value) in decoder.finish()? {
        let name = HeaderName::try_from(name).map_err(|_| AuthError::Trailer)?;
        let value = HeaderValue::try_from(value).map_err(|_| AuthError::Trailer)?;
        if !name.as_str().starts_with(TRAILER) || parts.headers.contains_key(&name) {
            return Err(AuthError::Trailer);
        }
        parts.headers.insert(name, value);
    }
    if let (1, Some(whole)) = (pieces.len(), pieces.first()) {
        return Ok(whole.clone());
    }
    let mut whole = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    for piece in &pieces {
        whole.extend_from_slice(piece);
    }
    Ok(whole.freeze())
}

//! Bodies that come in chunks, as the SDKs send objects.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use wire::sigv4::{AuthError, BodyReader, Trailers, Verified, read_body};

/// What a trailer may say: checksums of the body, and nothing that could change what is asked.
const TRAILER: &str = "x-amz-checksum-";

/// A body, as far as it was read.
pub(super) enum Content {
    /// As it was meant.
    Whole(Bytes),
    /// As it came, for an operation that receives it.
    Raw(Raw),
}

/// What came of a body, and what takes it out of its encoding.
pub(super) struct Raw {
    pub(super) reader: BodyReader,
    pub(super) bytes: Bytes,
}

impl Content {
    /// The body where it is a part of the input.
    pub(super) fn whole(&self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            Self::Raw(_) => Bytes::new(),
        }
    }
}

/// The body as it was meant, unless the operation receives it. Checksums in its trailer become
/// headers, for whoever checks them.
///
/// # Errors
/// The chunks are malformed, or are not those that were signed.
pub(super) fn decode(
    verified: Option<&Verified>,
    parts: &mut Parts,
    bytes: Bytes,
    receives: bool,
) -> Result<Content, AuthError> {
    if receives {
        let reader = BodyReader::new(verified, &parts.headers)?;
        return Ok(Content::Raw(Raw { reader, bytes }));
    }
    let (data, trailers) = read_body(verified, &parts.headers, bytes)?;
    check(&parts.headers, &trailers)?;
    for (name, value) in trailers {
        let name = HeaderName::try_from(name).map_err(|_| AuthError::Trailer)?;
        let value = HeaderValue::try_from(value).map_err(|_| AuthError::Trailer)?;
        parts.headers.insert(name, value);
    }
    Ok(Content::Whole(data))
}

/// Lets a trailer pass that only says checksums, and none that the headers say too.
///
/// # Errors
/// Otherwise.
pub(super) fn check(headers: &HeaderMap, trailers: &Trailers) -> Result<(), AuthError> {
    let wrong = |(name, _): &(String, String)| {
        !name.starts_with(TRAILER) || headers.contains_key(name.as_str())
    };
    if trailers.iter().any(wrong) {
        return Err(AuthError::Trailer);
    }
    Ok(())
}

//! A request's body as it comes: taken out of its chunks, hashed, and checked at the end.

use bytes::Bytes;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::canonical::single;
use super::{AuthError, BodyRule, ChunkDecoder, Verified};

/// What stood behind the data: names in lower case, and values.
pub type Trailers = Vec<(String, String)>;
/// The data of a body that was read at once, and its trailer.
pub type Decoded = (Bytes, Trailers);

/// Reads the body of one request of S3, piece by piece and without keeping any of it.
///
/// ```text
/// BodyReader::new ─ feed(bytes) ─▶ data, as often as bytes come ─ finish ─▶ Trailers
/// ```
///
/// Data is handed on as it comes, and whether it is what was signed is known only at the end: nothing
/// may take effect before [`BodyReader::finish`] is `Ok`. Checksums that the trailer names are for the
/// caller to compare. The memory used is at most one line of the encoding.
#[derive(Debug)]
pub struct BodyReader(Kind);

#[derive(Debug)]
enum Kind {
    /// The body is the data, and nobody signed it, or its hash was checked already.
    Plain,
    /// The body is the data, and its hash was signed.
    Hashed(BodyRule, Sha256),
    /// The data comes in chunks.
    Chunks(Box<ChunkDecoder>),
}

impl BodyReader {
    /// A reader for the body of a request with these headers; `verified` is `None` when nobody signed
    /// the request.
    ///
    /// A body whose encoding is `aws-chunked` is taken apart also when no signature speaks of it, as
    /// the SDKs send it anonymously with a checksum behind it.
    ///
    /// # Errors
    /// The body is in chunks, and the length of what is in them is not declared.
    pub fn new(verified: Option<&Verified>, headers: &HeaderMap) -> Result<Self, AuthError> {
        let rule = match verified.map(Verified::body) {
            None | Some(BodyRule::Unsigned) if is_chunked(headers) => BodyRule::UnsignedChunks,
            None => BodyRule::Unsigned,
            Some(rule) => rule,
        };
        Ok(Self(match rule {
            BodyRule::Covered | BodyRule::Unsigned => Kind::Plain,
            BodyRule::Sha256(_) => Kind::Hashed(rule, Sha256::new()),
            BodyRule::SignedChunks { .. } | BodyRule::UnsignedChunks => {
                let length = declared_length(headers)?;
                let trailer = single(headers, "x-amz-trailer");
                let signed = verified
                    .and_then(|verified| ChunkDecoder::new(verified, Some(length), trailer));
                let decoder =
                    signed.unwrap_or_else(|| ChunkDecoder::unsigned(Some(length), trailer));
                Kind::Chunks(Box::new(decoder))
            }
        }))
    }

    /// Takes the next bytes as they came; what is data goes to `out`, without copying.
    ///
    /// # Errors
    /// As [`ChunkDecoder::feed`].
    pub fn feed(&mut self, input: Bytes, out: &mut Vec<Bytes>) -> Result<(), AuthError> {
        match &mut self.0 {
            Kind::Chunks(decoder) => return decoder.feed(input, out),
            Kind::Hashed(_, hash) => hash.update(&input),
            Kind::Plain => {}
        }
        if !input.is_empty() {
            out.push(input);
        }
        Ok(())
    }

    /// Ends the body: only now its data may be believed.
    ///
    /// # Errors
    /// The body is not the one that was signed, or as [`ChunkDecoder::finish`].
    pub fn finish(self) -> Result<Trailers, AuthError> {
        match self.0 {
            Kind::Plain => Ok(Vec::new()),
            Kind::Hashed(rule, hash) => rule.check(&hash.finalize().into()).map(|()| Vec::new()),
            Kind::Chunks(decoder) => decoder.finish(),
        }
    }
}

/// Reads a whole body that is in memory.
///
/// # Errors
/// As [`BodyReader::new`], [`BodyReader::feed`] and [`BodyReader::finish`].
pub fn read_body(
    verified: Option<&Verified>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Decoded, AuthError> {
    let mut reader = BodyReader::new(verified, headers)?;
    let mut pieces = Vec::new();
    reader.feed(body, &mut pieces)?;
    let trailers = reader.finish()?;
    let data = match pieces.as_slice() {
        [whole] => whole.clone(),
        pieces => pieces.concat().into(),
    };
    Ok((data, trailers))
}

/// The length of the data, which the SDKs send beside the length of its encoding: `None` when the
/// body is not in chunks.
#[must_use]
pub fn decoded_length(headers: &HeaderMap) -> Option<u64> {
    single(headers, "x-amz-decoded-content-length")?
        .parse()
        .ok()
}

fn declared_length(headers: &HeaderMap) -> Result<u64, AuthError> {
    decoded_length(headers).ok_or_else(|| {
        AuthError::Chunks(
            "Missing required header for this request: x-amz-decoded-content-length".to_owned(),
        )
    })
}

/// Whether the body's encoding, or the kind of signature that the client names, says chunks.
fn is_chunked(headers: &HeaderMap) -> bool {
    let encodings = headers
        .get_all(http::header::CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    encodings
        .map(str::trim)
        .any(|encoding| encoding.eq_ignore_ascii_case("aws-chunked"))
        || single(headers, "x-amz-content-sha256") == Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER")
}

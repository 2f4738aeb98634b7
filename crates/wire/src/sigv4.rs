//! AWS Signature Version 4: who sent this request, and is it as it was sent.
//!
//! ```text
//! parts ─ parse ─▶ Option<SignedRequest> ─ verify(key, now, body hash) ─▶ Verified
//! ```
//!
//! [`parse`] reads the signature in the `Authorization` header or in the query (presigned) and
//! tells whose secret is needed. [`SignedRequest::verify`] is the only maker of [`Verified`].
//! Source of the rules: "AWS Signature Version 4 for API requests" in the IAM User Guide, "Signature
//! calculations" in the Amazon S3 API Reference.

mod body;
mod canonical;
mod chunked;
mod error;
mod key;
mod parse;
mod sign;
#[cfg(test)]
mod tests;
mod time;
mod verify;

pub use body::{BodyReader, Decoded, Trailers, decoded_length, read_body};
pub use chunked::ChunkDecoder;
pub use error::AuthError;
pub use key::{KeyCache, SigningKey, sha256};
pub use parse::parse;
pub use sign::{Payload, Signer, Unsignable};
pub use verify::{BodyRule, Verified};

use jiff::{SignedDuration, Timestamp};

/// The only algorithm.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a request's time may be from ours.
pub const MAX_SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest validity of a presigned request, in seconds.
pub const MAX_EXPIRES: u32 = 604_800;

const TERMINATOR: &str = "aws4_request";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// For what a derived key is good: one day, one region, one service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// `YYYYMMDD`
    pub date: String,
    /// The region the client named.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl Scope {
    /// S3 signs the path as it is sent and the body by its declared hash; nobody else does.
    fn is_s3(&self) -> bool {
        self.service == "s3"
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/{}/{}/{TERMINATOR}",
            self.date, self.region, self.service
        )
    }
}

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Header,
    /// Presigned: valid for this many seconds.
    Query {
        expires: u32,
    },
}

/// A request that says who signed it, not yet believed.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    access_key: String,
    scope: Scope,
    session_token: Option<String>,
    time: Timestamp,
    place: Place,
    signature: String,
    /// The canonical request up to the line of the body's hash.
    canonical: Vec<u8>,
    declared: Option<String>,
}

impl SignedRequest {
    /// The id of the key that signed, for the look-up of its secret.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The credential scope; its service decides where the request goes.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The session token of temporary credentials.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// When the client says that it signed.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Whether the signature stands in the query.
    #[must_use]
    pub const fn is_presigned(&self) -> bool {
        matches!(self.place, Place::Query { .. })
    }

    /// Whether [`SignedRequest::verify`] needs the hash of the whole body (all services but S3).
    #[must_use]
    pub fn signs_body(&self) -> bool {
        !self.scope.is_s3()
    }
}

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
//!
//! S3's links and forms may also be signed by Signature Version 2, which boto3 does in the older
//! regions unless told otherwise ([`Version::V2`], module `v2`); forms are verified by [`parse_form`].

mod body;
mod canonical;
mod chunked;
mod error;
mod hoist;
mod key;
mod parse;
mod post;
mod sign;
#[cfg(test)]
mod tests;
mod time;
mod v2;
mod verify;

pub use body::{BodyReader, Decoded, Trailers, decoded_length, read_body};
pub use chunked::ChunkDecoder;
pub use error::AuthError;
pub use hoist::hoisted;
pub use key::{KeyCache, SigningKey, sha256};
pub use parse::parse;
pub use post::{PostPolicy, SignedForm, SizeRange, expand_filename, parse_form};
pub use sign::{Payload, Signer, Unsignable};
pub use verify::{BodyRule, Verified};

use jiff::{SignedDuration, Timestamp};

/// The algorithm of Signature Version 4.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a request's time may be from ours.
pub const MAX_SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest validity of a presigned request, in seconds.
pub const MAX_EXPIRES: u32 = 604_800;

const TERMINATOR: &str = "aws4_request";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// How a request was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `AWS4-HMAC-SHA256`.
    V4,
    /// `AWS`: HMAC-SHA1 by the secret itself. Only in links to S3 and in its forms.
    V2,
}

impl Version {
    /// As policies know it by `s3:signatureversion`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => ALGORITHM,
            Self::V2 => "AWS",
        }
    }
}

/// For what a derived key is good: one day, one region, one service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// By which version of the signature. Version 2 has no scope: its date and region are empty.
    pub version: Version,
    /// `YYYYMMDD`
    pub date: String,
    /// The region the client named.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl Scope {
    /// What stands for the scope that Signature Version 2 lacks.
    fn old() -> Self {
        Self {
            version: Version::V2,
            date: String::new(),
            region: String::new(),
            service: "s3".to_owned(),
        }
    }

    /// As they stand in a credential and in what is signed, with `/` between.
    fn parts(&self) -> [&str; 4] {
        [&self.date, &self.region, &self.service, TERMINATOR]
    }

    /// S3 signs the path as it is sent and the body by its declared hash; nobody else does.
    fn is_s3(&self) -> bool {
        self.service == "s3"
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.parts().join("/"))
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
    /// Presigned by version 2: valid until `time`.
    OldQuery,
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
    /// The canonical request up to the line of the body's hash; of version 2, the text to sign up to
    /// the resource.
    canonical: Vec<u8>,
    /// Of version 2: path and parameters of the resource.
    resource: String,
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

    /// When the client says that it signed; of version 2, until when the link is good.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Whether the signature stands in the query.
    #[must_use]
    pub const fn is_presigned(&self) -> bool {
        !matches!(self.place, Place::Header)
    }

    /// Says which bucket the host name begins with. Version 2 signs it as part of the path; version 4
    /// covers it by the host.
    #[must_use]
    pub fn in_bucket(mut self, bucket: Option<&str>) -> Self {
        if let (Version::V2, Some(bucket)) = (self.scope.version, bucket) {
            self.resource = format!("/{bucket}{}", self.resource);
        }
        self
    }

    /// Whether [`SignedRequest::verify`] needs the hash of the whole body (all services but S3).
    #[must_use]
    pub fn signs_body(&self) -> bool {
        !self.scope.is_s3()
    }
}

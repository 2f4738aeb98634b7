//! Why a caller is not believed, in the words of each family of services.
//!
//! Sources: "Common error types" in the service API references, "Error responses" in the Amazon S3
//! API Reference, "Troubleshoot Signature Version 4" in the IAM User Guide.

mod s3;

use jiff::{SignedDuration, Timestamp};

use super::{MAX_SKEW, time};
use crate::error::{Family, WireError};

/// Why a request's sender is not believed. [`AuthError::to_wire`] says it as AWS does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// No signature where one is needed.
    Missing,
    /// The signature's fields are not all there, or not readable.
    Incomplete(String),
    /// The parameters of a presigned request are wrong.
    QueryParameters(String),
    /// Signed by another algorithm (Signature Version 2, SigV4a).
    Algorithm(String),
    /// The `Authorization` header, which is of no scheme of AWS's.
    Scheme(String),
    /// The header is all there but for the time at which it was made.
    DateMissing(String),
    /// Signed in the header and in the query.
    TwoMechanisms,
    /// The `Credential` is not `KEY/DATE/REGION/SERVICE/aws4_request`.
    Credential(String),
    /// The credential's scope is not one of this request.
    Scope(String),
    /// `host` is not signed.
    HostUnsigned,
    /// Headers that must be signed are not: their names.
    HeadersUnsigned(String),
    /// S3: `x-amz-content-sha256` is absent.
    PayloadHashMissing,
    /// S3: `x-amz-content-sha256` is none of the known values.
    PayloadHash(String),
    /// The body is not the one that was signed.
    PayloadMismatch {
        /// What the client declared, in hexadecimal.
        declared: String,
        /// What came.
        computed: String,
    },
    /// A chunk of the body, or its trailer, is not the one that was signed.
    ChunkMismatch,
    /// The body in chunks is malformed: what is wrong.
    Chunks(String),
    /// The body ends too early, or is not as long as declared.
    IncompleteBody,
    /// The trailer has other headers than `x-amz-trailer` announces.
    Trailer,
    /// The caller of the verifier gave no hash of the body where the signature covers it.
    BodyNeeded,
    /// The signature is not the one of this request by this key.
    Mismatch {
        /// The key's id.
        access_key: String,
        /// The client's signature.
        signature: String,
        /// What we signed.
        string_to_sign: String,
        /// The request that we hashed.
        canonical_request: String,
    },
    /// The request is older than 15 minutes.
    TooLate {
        /// The request's time.
        signed: Timestamp,
        /// Ours.
        now: Timestamp,
    },
    /// The request is from more than 15 minutes in the future.
    TooEarly {
        /// The request's time.
        signed: Timestamp,
        /// Ours.
        now: Timestamp,
        /// Whether it is presigned.
        presigned: bool,
    },
    /// A presigned request's time is over.
    LinkExpired {
        /// When it was signed.
        signed: Timestamp,
        /// For how many seconds.
        expires: u32,
        /// Our time.
        now: Timestamp,
    },
    /// The parameters of a link signed by version 2 are wrong: what is.
    OldQuery(String),
    /// A parameter that version 2 does not cover.
    UnsignedParameter(String),
    /// The time of a link signed by version 2 is over.
    OldLinkExpired {
        /// When it ended.
        end: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// A field that a signed form must have: its name.
    FormField(&'static str),
    /// The policy of a form is malformed: what is wrong.
    PolicyDocument(String),
    /// The form is not one that its policy allows: why.
    PolicyRefuses(String),
    /// No such access key, or an inactive one.
    UnknownKey(String),
    /// The session token is not one of this key, or cannot be opened.
    InvalidToken,
    /// The session is over.
    ExpiredToken,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

impl AuthError {
    pub(super) fn incomplete_field(field: &str, header: &str) -> Self {
        Self::Incomplete(format!(
            "'{field}' not a valid key=value pair (missing equal-sign) in Authorization header: \
             '{}'.",
            without_signature(header)
        ))
    }

    pub(super) fn incomplete_header(missing: &[(&str, bool)], header: &str) -> Self {
        let mut text = String::new();
        for (what, _) in missing.iter().filter(|(_, missing)| *missing) {
            text.push_str("Authorization header requires ");
            text.push_str(what);
            text.push_str(". ");
        }
        text.push_str("Authorization=");
        text.push_str(&without_signature(header));
        Self::Incomplete(text)
    }

    /// The error as a client of this family of services expects it.
    #[must_use]
    pub fn to_wire(&self, family: Family) -> WireError {
        if family == Family::S3 {
            s3::error(self)
        } else {
            self.to_other(family)
        }
    }

    fn to_other(&self, family: Family) -> WireError {
        let query = family == Family::Query;
        let status = if family == Family::Json { 400 } else { 403 };
        let invalid = if query {
            "SignatureDoesNotMatch"
        } else {
            "InvalidSignatureException"
        };
        let signature = |text: String| WireError::new(invalid, status, text);
        let incomplete =
            |text: &str| WireError::new(family.suffixed("IncompleteSignature"), status, text);
        match self {
            Self::Missing => {
                let text = if query {
                    "Request is missing Authentication Token"
                } else {
                    "Missing Authentication Token"
                };
                WireError::new(family.suffixed("MissingAuthenticationToken"), status, text)
            }
            Self::Incomplete(text) | Self::QueryParameters(text) | Self::DateMissing(text) => {
                incomplete(text)
            }
            Self::Algorithm(name) => incomplete(&format!("Unsupported AWS 'algorithm': '{name}'.")),
            Self::Scheme(header) => {
                let name = header.split(' ').next().unwrap_or_default();
                incomplete(&format!("Unsupported AWS 'algorithm': '{name}'."))
            }
            Self::TwoMechanisms => incomplete(
                "Only one of the Authorization header and the X-Amz-Signature query parameter may \
                 be given.",
            ),
            Self::Credential(credential) => incomplete(&format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )),
            Self::Scope(text) => signature(text.clone()),
            Self::HostUnsigned => signature(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            ),
            Self::HeadersUnsigned(names) => signature(format!(
                "'{names}' must be a 'SignedHeader' in the AWS Authorization."
            )),
            Self::Mismatch { .. }
            | Self::ChunkMismatch
            | Self::PayloadMismatch { .. }
            | Self::PayloadHash(_)
            | Self::PayloadHashMissing => signature(MISMATCH.to_owned()),
            Self::Chunks(text) => incomplete(text),
            Self::IncompleteBody | Self::Trailer => incomplete("The request body is incomplete."),
            Self::BodyNeeded => WireError::internal(family),
            Self::TooLate { signed, now } => signature(expired(*signed, *now)),
            Self::TooEarly { signed, now, .. } => signature(not_yet(*signed, *now)),
            Self::LinkExpired {
                signed,
                expires,
                now,
            } => {
                let end = signed.saturating_add(SignedDuration::from_secs((*expires).into()));
                signature(format!(
                    "Signature expired: {} is now earlier than {}",
                    time::basic(end.unwrap_or(*signed)),
                    time::basic(*now)
                ))
            }
            // Only S3 has links and forms of version 2.
            Self::OldQuery(text) | Self::PolicyDocument(text) | Self::PolicyRefuses(text) => {
                incomplete(text)
            }
            Self::UnsignedParameter(name) => incomplete(&uncovered(name)),
            Self::FormField(name) => incomplete(&no_field(name)),
            Self::OldLinkExpired { end, now } => signature(format!(
                "Signature expired: {} is now earlier than {}",
                time::basic(*end),
                time::basic(*now)
            )),
            Self::UnknownKey(_) | Self::InvalidToken => {
                let code = if query {
                    "InvalidClientTokenId"
                } else {
                    "UnrecognizedClientException"
                };
                WireError::new(code, status, INVALID_TOKEN)
            }
            Self::ExpiredToken => WireError::new(
                family.suffixed("ExpiredToken"),
                status,
                "The security token included in the request is expired",
            ),
        }
    }
}

impl std::fmt::Display for AuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let error = self.to_other(Family::Query);
        write!(f, "{}: {}", error.code(), error.message())
    }
}

impl std::error::Error for AuthError {}

fn expired(signed: Timestamp, now: Timestamp) -> String {
    let limit = now.saturating_sub(MAX_SKEW).unwrap_or(now);
    format!(
        "Signature expired: {} is now earlier than {} ({} - 15 min.)",
        time::basic(signed),
        time::basic(limit),
        time::basic(now)
    )
}

fn not_yet(signed: Timestamp, now: Timestamp) -> String {
    let limit = now.saturating_add(MAX_SKEW).unwrap_or(now);
    format!(
        "Signature not yet current: {} is still later than {} ({} + 15 min.)",
        time::basic(signed),
        time::basic(limit),
        time::basic(now)
    )
}

/// A header fit for an error text: the signature is not repeated.
fn without_signature(header: &str) -> String {
    header
        .split("Signature=")
        .next()
        .unwrap_or_default()
        .trim_end_matches([',', ' '])
        .to_owned()
}

fn uncovered(name: &str) -> String {
    format!(
        "The query parameter '{name}' is not covered by Signature Version 2. Please use \
         AWS4-HMAC-SHA256."
    )
}

fn no_field(name: &str) -> String {
    format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the \
         order of the fields."
    )
}

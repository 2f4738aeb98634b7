//! Why a caller is not believed, as S3 says it.

use jiff::SignedDuration;

use super::super::{MAX_SKEW, time};
use super::AuthError;
use crate::error::{Family, WireError};

/// The error as S3 says it.
pub(super) fn error(error: &AuthError) -> WireError {
    match error {
        AuthError::Missing => WireError::new("AccessDenied", 403, "Access Denied"),
        AuthError::Incomplete(text) => WireError::new(
            "AuthorizationHeaderMalformed",
            400,
            format!("The authorization header is malformed; {text}"),
        ),
        AuthError::Scope(text) => WireError::new(
            "AuthorizationHeaderMalformed",
            400,
            format!("The authorization header is malformed; {text}"),
        ),
        AuthError::QueryParameters(text) => {
            WireError::new("AuthorizationQueryParametersError", 400, text.clone())
        }
        AuthError::Algorithm(_) => WireError::new(
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use \
             AWS4-HMAC-SHA256.",
        ),
        AuthError::Scheme(header) => {
            WireError::new("InvalidArgument", 400, "Unsupported Authorization Type")
                .with("ArgumentName", "Authorization")
                .with("ArgumentValue", header.as_str())
        }
        AuthError::DateMissing(_) => WireError::new(
            "AccessDenied",
            403,
            "AWS authentication requires a valid Date or x-amz-date header",
        ),
        AuthError::TwoMechanisms => WireError::new(
            "InvalidArgument",
            400,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
             Signature query string parameter or the Authorization header should be specified",
        ),
        AuthError::Credential(_) => WireError::new(
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; the Credential is mal-formed; expecting \
             \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        AuthError::HostUnsigned => unsigned("host"),
        AuthError::HeadersUnsigned(names) => unsigned(names),
        AuthError::OldQuery(text) => WireError::new("AccessDenied", 403, text.clone()),
        AuthError::UnsignedParameter(name) => {
            WireError::new("InvalidRequest", 400, super::uncovered(name))
        }
        AuthError::FormField(name) => WireError::new("InvalidArgument", 400, super::no_field(name))
            .with("ArgumentName", *name)
            .with("ArgumentValue", ""),
        AuthError::PolicyDocument(text) => WireError::new(
            "InvalidPolicyDocument",
            400,
            format!("Invalid Policy: {text}"),
        ),
        AuthError::PolicyRefuses(text) => WireError::new(
            "AccessDenied",
            403,
            format!("Invalid according to Policy: {text}"),
        ),
        AuthError::OldLinkExpired { end, now } => {
            WireError::new("AccessDenied", 403, "Request has expired")
                .with("Expires", end.to_string())
                .with("ServerTime", now.to_string())
        }
        AuthError::BodyNeeded => WireError::internal(Family::S3),
        AuthError::UnknownKey(key) => WireError::new(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .with("AWSAccessKeyId", key.as_str()),
        AuthError::InvalidToken => WireError::new(
            "InvalidToken",
            400,
            "The provided token is malformed or otherwise invalid.",
        ),
        AuthError::ExpiredToken => {
            WireError::new("ExpiredToken", 400, "The provided token has expired.")
        }
        AuthError::PayloadHashMissing
        | AuthError::PayloadHash(_)
        | AuthError::PayloadMismatch { .. }
        | AuthError::Chunks(_)
        | AuthError::IncompleteBody
        | AuthError::Trailer => payload(error),
        AuthError::Mismatch { .. } | AuthError::ChunkMismatch => mismatch(error),
        AuthError::TooLate { .. } | AuthError::TooEarly { .. } | AuthError::LinkExpired { .. } => {
            time_over(error)
        }
    }
}

fn payload(error: &AuthError) -> WireError {
    match error {
        AuthError::PayloadMismatch { declared, computed } => WireError::new(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
        .with("ClientComputedContentSHA256", declared.as_str())
        .with("S3ComputedContentSHA256", computed.as_str()),
        AuthError::PayloadHash(value) => WireError::new(
            "InvalidArgument",
            400,
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, \
             STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
        )
        .with("ArgumentName", "x-amz-content-sha256")
        .with("ArgumentValue", value.as_str()),
        AuthError::Chunks(text) => WireError::new("InvalidRequest", 400, text.clone()),
        AuthError::IncompleteBody => WireError::new(
            "IncompleteBody",
            400,
            "You did not provide the number of bytes specified by the Content-Length HTTP \
             header",
        ),
        AuthError::Trailer => WireError::new(
            "MalformedTrailerError",
            400,
            "The request contained trailing data that was not well-formed or did not conform \
             to our published schema.",
        ),
        _ => WireError::new(
            "InvalidRequest",
            400,
            "Missing required header for this request: x-amz-content-sha256",
        ),
    }
}

fn mismatch(error: &AuthError) -> WireError {
    let refusal = WireError::new(
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check \
         your key and signing method.",
    );
    let AuthError::Mismatch {
        access_key,
        signature,
        string_to_sign,
        canonical_request,
    } = error
    else {
        return refusal;
    };
    let refusal = refusal
        .with("AWSAccessKeyId", access_key.as_str())
        .with("StringToSign", string_to_sign.as_str())
        .with("SignatureProvided", signature.as_str())
        .with("StringToSignBytes", spaced_hex(string_to_sign));
    if canonical_request.is_empty() {
        // Version 2 and forms have none.
        return refusal;
    }
    refusal
        .with("CanonicalRequest", canonical_request.as_str())
        .with("CanonicalRequestBytes", spaced_hex(canonical_request))
}

fn time_over(error: &AuthError) -> WireError {
    match error {
        AuthError::LinkExpired {
            signed,
            expires,
            now,
        } => {
            let end = signed.saturating_add(SignedDuration::from_secs((*expires).into()));
            WireError::new("AccessDenied", 403, "Request has expired")
                .with("X-Amz-Expires", i64::from(*expires))
                .with("Expires", end.unwrap_or(*signed).to_string())
                .with("ServerTime", now.to_string())
        }
        AuthError::TooEarly {
            signed,
            now,
            presigned: true,
        } => WireError::new("AccessDenied", 403, "Request is not valid yet")
            .with("RequestTime", signed.to_string())
            .with("ServerTime", now.to_string()),
        AuthError::TooLate { signed, now } | AuthError::TooEarly { signed, now, .. } => {
            WireError::new(
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            )
            .with("RequestTime", time::basic(*signed))
            .with("ServerTime", now.to_string())
            .with("MaxAllowedSkewMilliseconds", MAX_SKEW.as_secs() * 1000)
        }
        _ => WireError::internal(Family::S3),
    }
}

fn unsigned(names: &str) -> WireError {
    WireError::new(
        "AccessDenied",
        403,
        "There were headers present in the request which were not signed",
    )
    .with("HeadersNotSigned", names)
}

fn spaced_hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&hex::encode([byte]));
    }
    out
}

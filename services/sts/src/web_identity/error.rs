//! Why a token is not taken, in AWS's codes.

use platform::ApiError;

/// The token could not be validated.
pub(super) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidIdentityToken", 400, text)
}

/// The text is no JSON Web Token.
pub(super) fn no_token() -> ApiError {
    invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// The token is genuine, and what it claims cannot be.
pub(super) fn rejected(text: impl Into<String>) -> ApiError {
    ApiError::new("IDPRejectedClaim", 403, text)
}

/// The token is over.
pub(super) fn expired(now: i64, expires: i64) -> ApiError {
    ApiError::new(
        "ExpiredTokenException",
        400,
        format!(
            "Token expired: current date/time {now} must be before the expiration date/time {expires}"
        ),
    )
}

/// The provider does not answer.
pub(super) fn unreachable(issuer: &str) -> ApiError {
    ApiError::new(
        "IDPCommunicationError",
        400,
        format!("Could not communicate with the identity provider {issuer}"),
    )
}

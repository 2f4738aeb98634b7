//! Errors of Secrets Manager.

use platform::ApiError;

pub(super) fn not_found() -> ApiError {
    missing("Secrets Manager can't find the specified secret.")
}

pub(super) fn missing(text: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFoundException", 400, text)
}

pub(super) fn exists(text: impl Into<String>) -> ApiError {
    ApiError::new("ResourceExistsException", 400, text)
}

pub(super) fn request(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequestException", 400, text)
}

pub(super) fn parameter(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", 400, text)
}

/// The secret is going to be deleted: nothing but describing and restoring it is possible.
pub(super) fn marked() -> ApiError {
    request("You can't perform this operation on the secret because it was marked for deletion.")
}

pub(super) fn encryption() -> ApiError {
    ApiError::new(
        "EncryptionFailure",
        400,
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that \
         the KMS key is available, enabled, and not in an invalid state.",
    )
}

pub(super) fn decryption() -> ApiError {
    ApiError::new(
        "DecryptionFailure",
        400,
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    )
}

pub(super) fn limit(text: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", 400, text)
}

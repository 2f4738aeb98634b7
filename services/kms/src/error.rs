//! Errors of KMS (KMS API Reference, "Common Errors" and the pages of the operations).

use platform::ApiError;

/// There is no such key or alias.
pub(super) fn not_found(text: impl Into<String>) -> ApiError {
    ApiError::new("NotFoundException", 400, text)
}

pub(super) fn no_key(arn: &str) -> ApiError {
    not_found(format!("Key '{arn}' does not exist"))
}

pub(super) fn no_alias(arn: &str) -> ApiError {
    not_found(format!("Alias {arn} is not found."))
}

pub(super) fn invalid_arn(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArnException", 400, text)
}

pub(super) fn exists(text: impl Into<String>) -> ApiError {
    ApiError::new("AlreadyExistsException", 400, text)
}

/// The key's state does not permit it.
pub(super) fn state(text: impl Into<String>) -> ApiError {
    ApiError::new("KMSInvalidStateException", 400, text)
}

pub(super) fn pending_deletion(arn: &str) -> ApiError {
    state(format!("{arn} is pending deletion."))
}

pub(super) fn disabled(arn: &str) -> ApiError {
    ApiError::new("DisabledException", 400, format!("{arn} is disabled."))
}

/// The key is for something else.
pub(super) fn usage(arn: &str, usage: &str, operation: &str) -> ApiError {
    let text = format!("{arn} key usage is {usage} which is not valid for {operation}.");
    ApiError::new("InvalidKeyUsageException", 400, text)
}

/// The ciphertext is none of this key's and context's. It says no more, so that nothing can be learnt
/// by trying.
pub(super) fn ciphertext() -> ApiError {
    ApiError::new("InvalidCiphertextException", 400, "")
}

pub(super) fn incorrect_key() -> ApiError {
    ApiError::new(
        "IncorrectKeyException",
        400,
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}

/// KMS does it, but not here or not of this key.
pub(super) fn unsupported(text: impl Into<String>) -> ApiError {
    ApiError::new("UnsupportedOperationException", 400, text)
}

pub(super) fn malformed_policy(text: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocumentException", 400, text)
}

pub(super) fn limit(text: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", 400, text)
}

pub(super) fn tag(text: impl Into<String>) -> ApiError {
    ApiError::new("TagException", 400, text)
}

pub(super) fn marker() -> ApiError {
    ApiError::new("InvalidMarkerException", 400, "Invalid marker")
}

pub(super) fn grant_token() -> ApiError {
    ApiError::new(
        "InvalidGrantTokenException",
        400,
        "The grant token is not valid.",
    )
}

pub(super) fn no_grant(id: &str) -> ApiError {
    not_found(format!("Grant ID {id} not found"))
}

/// What a call with `DryRun` is answered that would have succeeded.
pub(super) fn dry_run() -> ApiError {
    ApiError::new(
        "DryRunOperationException",
        412,
        "The request would have succeeded, but the DryRun option is set.",
    )
}

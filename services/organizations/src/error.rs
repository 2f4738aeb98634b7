//! Errors of Organizations.

use platform::ApiError;

fn error(code: &'static str, text: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, text)
}

pub(super) fn not_in_use() -> ApiError {
    error(
        "AWSOrganizationsNotInUseException",
        "Your account is not a member of an organization.",
    )
}

/// What only the account that manages the organization may do.
pub(super) fn not_management() -> ApiError {
    ApiError::access_denied("You don't have permissions to access this resource.")
}

/// Something that the input names is not there: `AccountNotFoundException` and its like.
pub(super) fn no_such(code: &'static str, noun: &str) -> ApiError {
    error(code, format!("You specified {noun} that doesn't exist."))
}

/// Something is so already, or is in the way: a code of its own.
pub(super) fn conflict(code: &'static str, text: &str) -> ApiError {
    error(code, text)
}

pub(super) fn constraint(reason: &'static str, text: &str) -> ApiError {
    error("ConstraintViolationException", text).with("Reason", reason)
}

pub(super) fn invalid(reason: &'static str, text: &str) -> ApiError {
    error("InvalidInputException", text).with("Reason", reason)
}

pub(super) fn malformed(text: impl Into<String>) -> ApiError {
    error("MalformedPolicyDocumentException", text)
}

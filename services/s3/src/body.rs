//! The body of a request: that it is what the client said.

use platform::{ApiError, Call};

use super::checksum;

/// [`verify`] for a document whose checksum headers speak of something else.
///
/// # Errors
/// When it is not what the client said.
pub(super) fn verify_document(call: &Call<'_>) -> Result<(), ApiError> {
    let header = |name: &str| {
        let value = call.headers().get(name).filter(|_| name == "content-md5")?;
        value.to_str().ok()
    };
    checksum::verify(call.body(), header)
}

/// Checks the body of a request whose body is its input.
///
/// # Errors
/// When it is not what the client said.
pub(super) fn verify(call: &Call<'_>) -> Result<(), ApiError> {
    let header = |name: &str| {
        call.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    checksum::verify(call.body(), header)
}

//! The body of a request: that it is what the client said.

use platform::{ApiError, Call};

use super::checksum;

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

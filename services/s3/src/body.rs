//! The body of a request: that it is what the client said.

use bytes::Bytes;
use platform::{ApiError, Call};

use super::checksum::{self, Checksum};

/// The body, if every checksum in the request's headers is right, with the one that was given.
///
/// # Errors
/// When one is not.
pub(super) fn verified<'t>(call: &Call<'t>) -> Result<(&'t Bytes, Option<Checksum>), ApiError> {
    let body = call.body();
    let header = |name: &str| {
        call.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let given = checksum::verify(body, header)?;
    Ok((body, given))
}

/// Checks the body of a request whose body is its input.
///
/// # Errors
/// When it is not what the client said.
pub(super) fn verify(call: &Call<'_>) -> Result<(), ApiError> {
    verified(call).map(|_| ())
}

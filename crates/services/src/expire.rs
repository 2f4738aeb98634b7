//! What ends on a day that was set before.

use platform::{ApiError, Platform};

/// Removes the KMS keys and secrets whose day has come, and everything that is theirs. They are of no use
/// from that moment on; here they are also forgotten. Returns how many.
///
/// # Errors
/// When the store fails.
pub fn expire(platform: &Platform) -> Result<usize, ApiError> {
    let now = platform.now();
    let store = platform.store();
    let due = store.read(|tx| {
        Ok::<_, ApiError>(kms::has_expired(tx, now)? || secretsmanager::has_expired(tx, now)?)
    })?;
    if !due {
        return Ok(0);
    }
    store.write(|tx| Ok(kms::expire(tx, now)? + secretsmanager::expire(tx, now)?))
}

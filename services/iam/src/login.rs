//! With which key somebody signs in whom a blueprint describes.

use platform::identity::{AccessKey, KeyStatus, User};
use platform::{ApiError, Platform};
use policy::AccountId;

pub use crate::desired::NewKey as Login;

/// The first active access key of a user, with its secret; `None` when there is none. For whoever
/// runs the platform: nobody can ask for this through an API.
///
/// # Errors
/// When the store fails, or the secret was sealed with a key that is not at hand.
pub fn of_user(
    platform: &Platform,
    account: AccountId,
    user: &str,
) -> Result<Option<Login>, ApiError> {
    platform.store().read(|tx| {
        let user: Option<User> = tx.get(&User::key(account, user))?;
        for id in user.map(|user| user.access_keys).unwrap_or_default() {
            let key: Option<AccessKey> = tx.get(&AccessKey::key(&id))?;
            let Some(key) = key.filter(|key| key.status == KeyStatus::Active) else {
                continue;
            };
            let opened = platform
                .sealer()
                .open(&AccessKey::purpose(&id), &key.sealed_secret);
            let secret = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let secret = secret.ok_or_else(|| {
                ApiError::internal(format!("the secret of access key `{id}` cannot be opened"))
            })?;
            return Ok(Some(Login { id, secret }));
        }
        Ok(None)
    })
}

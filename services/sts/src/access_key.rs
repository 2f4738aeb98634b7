//! `GetAccessKeyInfo`.

use platform::identity::AccessKey;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, id};
use wire::value::Value;

pub(super) fn may(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("sts:GetAccessKeyInfo", Target::any())?.into())
}

/// The account of a key, whether it is active or not. That of a temporary key stands in its id.
pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("AccessKeyId")?;
    let long_term: Option<AccessKey> = call.state().get(&AccessKey::key(id))?;
    let account = match long_term {
        Some(key) => Some(key.account),
        None => id::account_in_key(id).map(|account| account.to_string()),
    };
    match account {
        Some(account) => Ok(Outcome::new(Value::map().with("Account", account))),
        None => Err(ApiError::validation(format!(
            "The access key {id} does not exist"
        ))),
    }
}

//! S3 Control: what is set for all buckets of an account (Amazon S3 User Guide, "Configuring block public
//! access settings for your account").

use platform::{ApiError, Call, Checks, Operation, Outcome, Permitted, Target};
use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record};
use wire::value::Value;

use super::settings::PublicAccess;
use super::{body, check, public_access};

/// What is set for all buckets of an account, under its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    public_access: PublicAccess,
}

impl Record for Account {
    const KIND: &'static str = "s3-account";
    const VERSION: u32 = 1;
}

/// The operations that are built.
pub(super) static ALL: &[Operation] = &[
    Operation::read("GetPublicAccessBlock", may, get),
    Operation::write("PutPublicAccessBlock", may, put),
    Operation::write("DeletePublicAccessBlock", may, delete),
];

/// What is blocked in all buckets of an account, as of `tx`.
///
/// # Errors
/// When the state fails.
pub(super) fn blocked(tx: &dyn Read, account: &str) -> Result<PublicAccess, ApiError> {
    let held: Option<Account> = tx.get(&Key::new([account]))?;
    Ok(held.map_or(PublicAccess::OPEN, |held| held.public_access))
}

fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let action = match call.operation() {
        "GetPublicAccessBlock" => "s3:GetAccountPublicAccessBlock",
        _ => "s3:PutAccountPublicAccessBlock",
    };
    let account = call.text("AccountId")?;
    let target = match AccountId::parse(account) {
        Some(account) => Target::any().owned_by(account),
        None => return Err(ApiError::access_denied("Access Denied")),
    };
    // Nobody but the account itself is let in, whatever their policies say.
    if account != call.account().as_str() {
        return Err(ApiError::access_denied("Access Denied"));
    }
    Ok(check::ask_of(call, action, target, account)?.into())
}

fn key(call: &Call<'_>) -> Key {
    Key::new([call.account().as_str()])
}

fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let held: Option<Account> = call.state().get(&key(call))?;
    let missing = || {
        let text = "The public access block configuration was not found";
        let code = "NoSuchPublicAccessBlockConfiguration";
        ApiError::new(code, 404, text).with("AccountId", call.account().as_str())
    };
    let held = held.ok_or_else(missing)?;
    Ok(Outcome::new(Value::map().with(
        public_access::MEMBER,
        public_access::shown(held.public_access),
    )))
}

fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    let public_access = public_access::asked(call)?;
    call.write(|tx| {
        tx.put(&key(call), &Account { public_access })?;
        Ok(Outcome::empty())
    })
}

fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        tx.delete::<Account>(&key(call))?;
        Ok(Outcome::empty())
    })
}

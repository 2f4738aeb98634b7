//! Whom unique ids name.

use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Scan, Write};

use crate::error::ApiError;
use crate::identity::{Role, User};

/// What kind of principal a unique id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A user, `AIDA…`.
    User,
    /// A role, `AROA…`.
    Role,
}

/// Whom a unique id names. Its record stands under the id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalName {
    /// The account.
    pub account: String,
    /// The kind.
    pub kind: PrincipalKind,
    /// The name.
    pub name: String,
}

impl Record for PrincipalName {
    const KIND: &'static str = "iam-principal-id";
    const VERSION: u32 = 1;
}

/// Enters a user or role under its unique id: when it is made, and again when it gets another name.
///
/// # Errors
/// When the store fails.
pub fn enter(
    tx: &mut dyn Write,
    account: AccountId,
    kind: PrincipalKind,
    id: &str,
    name: &str,
) -> Result<(), store::Error> {
    let entered = PrincipalName {
        account: account.to_string(),
        kind,
        name: name.to_owned(),
    };
    tx.put(&Key::new([id]), &entered)
}

/// Forgets a principal that is deleted.
///
/// # Errors
/// When the store fails.
pub fn leave(tx: &mut dyn Write, id: &str) -> Result<(), store::Error> {
    tx.delete::<PrincipalName>(&Key::new([id])).map(|_| ())
}

/// Enters everybody who exists, in a state from before there were entries.
///
/// # Errors
/// When the store fails.
pub fn enter_all(tx: &mut dyn Write) -> Result<(), ApiError> {
    let all = Scan::under(&Key::default());
    let mut found = Vec::new();
    for entry in tx.scan::<User>(&all)? {
        found.push((
            entry.key,
            PrincipalKind::User,
            entry.value.id,
            entry.value.name,
        ));
    }
    for entry in tx.scan::<Role>(&all)? {
        found.push((
            entry.key,
            PrincipalKind::Role,
            entry.value.id,
            entry.value.name,
        ));
    }
    for (key, kind, id, name) in found {
        let account = key.parts().first().and_then(|it| AccountId::parse(it));
        let account =
            account.ok_or_else(|| ApiError::internal(format!("`{key}` is of no account")))?;
        enter(tx, account, kind, &id, &name)?;
    }
    Ok(())
}

/// The ARN of the living user or role with this unique id.
pub(super) fn find(
    tx: &dyn Read,
    partition: &str,
    id: &str,
) -> Result<Option<String>, store::Error> {
    let Some(entered) = tx.get::<PrincipalName>(&Key::new([id]))? else {
        return Ok(None);
    };
    let Some(account) = AccountId::parse(&entered.account) else {
        return Ok(None);
    };
    let found = load(tx, partition, account, entered.kind, &entered.name)?;
    Ok(found.filter(|(_, held)| held == id).map(|(arn, _)| arn))
}

/// The ARN and the unique id of the user or role of this name.
pub(super) fn load(
    tx: &dyn Read,
    partition: &str,
    account: AccountId,
    kind: PrincipalKind,
    name: &str,
) -> Result<Option<(String, String)>, store::Error> {
    Ok(match kind {
        PrincipalKind::User => tx
            .get::<User>(&User::key(account, name))?
            .map(|user| (user.arn(partition, account), user.id)),
        PrincipalKind::Role => tx
            .get::<Role>(&Role::key(account, name))?
            .map(|role| (role.arn(partition, account), role.id)),
    })
}

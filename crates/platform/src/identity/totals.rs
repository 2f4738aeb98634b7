//! How many there are.

use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Read, Record, Write};

use super::of_account;

/// How many things of IAM an account has. Its record stands under the account's id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Users.
    pub users: u64,
    /// Groups.
    pub groups: u64,
    /// Roles.
    pub roles: u64,
    /// Customer managed policies.
    pub policies: u64,
    /// Versions of customer managed policies.
    pub policy_versions: u64,
    /// Instance profiles.
    pub instance_profiles: u64,
    /// OIDC and SAML identity providers.
    pub providers: u64,
}

impl Record for Totals {
    const KIND: &'static str = "iam-totals";
    const VERSION: u32 = 1;
}

impl Totals {
    /// The totals of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(tx: &dyn Read, account: AccountId) -> Result<Self, store::Error> {
        Ok(tx.get(&of_account(account))?.unwrap_or_default())
    }

    /// Changes the totals of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub fn change(
        tx: &mut dyn Write,
        account: AccountId,
        change: impl FnOnce(&mut Self),
    ) -> Result<(), store::Error> {
        let mut totals = Self::of(&*tx, account)?;
        change(&mut totals);
        tx.put(&of_account(account), &totals)
    }
}

//! Instance profiles: how a virtual machine is given a role.

use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Record, Write};

use super::{Tag, Totals};

/// An instance profile, which holds one role at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `AIPA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// The name of its role.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for InstanceProfile {
    const KIND: &'static str = "iam-instance-profile";
    const VERSION: u32 = 1;
}

/// One instance profile of one role, found from the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileOfRole {
    /// The name of the profile.
    pub profile: String,
}

impl Record for ProfileOfRole {
    const KIND: &'static str = "iam-profile-of-role";
    const VERSION: u32 = 1;
}

impl ProfileOfRole {
    /// The key under which the instance profiles of a role stand.
    #[must_use]
    pub fn of_role(account: AccountId, role: &str) -> Key {
        super::named(account, role)
    }
}

impl InstanceProfile {
    /// The key of the record of the instance profile of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:instance-profile/PATH/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:instance-profile{}{}",
            self.path, self.name
        )
    }

    /// Writes the profile in the place of `old`, and keeps what is found from its role in step.
    ///
    /// # Errors
    /// When the store fails.
    pub fn save(
        &self,
        tx: &mut dyn Write,
        account: AccountId,
        old: Option<&Self>,
    ) -> Result<(), store::Error> {
        match old {
            Some(old) => old.leave_role(tx, account)?,
            None => Totals::change(tx, account, |totals| totals.instance_profiles += 1)?,
        }
        if let Some(role) = &self.role {
            let key = ProfileOfRole::of_role(account, role).child(self.name.to_ascii_lowercase());
            let profile = self.name.clone();
            tx.put(&key, &ProfileOfRole { profile })?;
        }
        tx.put(&Self::key(account, &self.name), self)
    }

    /// Removes the profile.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove(&self, tx: &mut dyn Write, account: AccountId) -> Result<(), store::Error> {
        self.leave_role(tx, account)?;
        tx.delete::<Self>(&Self::key(account, &self.name))?;
        Totals::change(tx, account, |totals| {
            totals.instance_profiles = totals.instance_profiles.saturating_sub(1);
        })
    }

    fn leave_role(&self, tx: &mut dyn Write, account: AccountId) -> Result<(), store::Error> {
        if let Some(role) = &self.role {
            let key = ProfileOfRole::of_role(account, role).child(self.name.to_ascii_lowercase());
            tx.delete::<ProfileOfRole>(&key)?;
        }
        Ok(())
    }
}

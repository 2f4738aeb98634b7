//! Groups of users.

use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use super::Attachments;

/// A group. Its policies count for every user in it; it is no principal itself (IAM User Guide, "IAM
/// user groups").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `AGPA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies. A group has no boundary.
    pub policies: Attachments,
}

impl Record for Group {
    const KIND: &'static str = "iam-group";
    const VERSION: u32 = 1;
}

impl Group {
    /// The key of the record of the group of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:group/PATH/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:group{}{}",
            self.path, self.name
        )
    }
}

/// One user in one group, found from the group. From the user, [`User::groups`](super::User::groups)
/// says the same; [`save`](super::save) keeps both alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The user's name.
    pub user: String,
}

impl Record for Membership {
    const KIND: &'static str = "iam-group-member";
    const VERSION: u32 = 1;
}

impl Membership {
    /// The key under which the members of a group stand.
    #[must_use]
    pub fn of_group(account: AccountId, group: &str) -> Key {
        super::named(account, group)
    }

    /// The key of one user's membership.
    #[must_use]
    pub fn key(account: AccountId, group: &str, user: &str) -> Key {
        Self::of_group(account, group).child(user.to_ascii_lowercase())
    }
}

//! Who exists: accounts, access keys, users, groups, roles and managed policies, as they are kept.
//!
//! The IAM service writes these records; the platform reads them to know a caller and to gather the
//! caller's policies. Names are unique within an account ignoring case (IAM User Guide, "IAM and
//! AWS STS quotas"), hence the lower-cased part of the keys.

mod aws;
mod group;
mod holder;
mod key;
mod managed;
mod principal;
mod profile;
mod provider;
mod totals;

pub use aws::{AwsManaged, all_aws_managed, aws_managed};
pub use group::{Group, Membership};
pub use holder::{PolicyHolder, PolicyUse, Usage, Uses, derive_all, remove, save};
pub use key::{AccessKey, Account, KeyOwner, KeyStatus, reseal};
pub use managed::{ManagedPolicy, PolicyVersion, managed_document, parse_policy_arn};
pub use principal::{Attachments, Role, Tag, User, tag_value};
pub use profile::{InstanceProfile, ProfileOfRole};
pub use provider::{OidcProvider, SamlProvider, parse_provider_arn};
pub use totals::Totals;

use jiff::Timestamp;
use policy::AccountId;
use store::Key;

/// The key of a record that belongs to `account` and is known there by `name`.
#[must_use]
pub fn named(account: AccountId, name: &str) -> Key {
    Key::new([account.as_str(), &name.to_ascii_lowercase()])
}

/// The key under which all records of `account` stand.
#[must_use]
pub fn of_account(account: AccountId) -> Key {
    Key::new([account.as_str()])
}

/// An instant as the second in which it lies, the form in which AWS shows dates of creation.
#[must_use]
pub fn to_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

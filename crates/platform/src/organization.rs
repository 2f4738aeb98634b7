//! Organizations: which accounts belong together, and the policies that bound them from above.
//!
//! The Organizations service writes these records; authorization reads them. Whoever changes one that
//! bears on authorization calls [`touch`] in the same transaction: what was made of the records holds
//! until then.

mod controls;

pub(crate) use controls::Cache;
pub use controls::Controls;

use jiff::Timestamp;
use policy::{AccountId, PolicyType};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Write};

use crate::identity::Tag;

/// An organization. Its record stands under its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// The account that manages it, which policies of the organization leave alone.
    pub management: String,
    /// The id of its root, `r-…`.
    pub root: String,
    /// Whether it has all features, and not only one bill for all.
    pub all_features: bool,
    /// The types of policies that are in force.
    pub enabled: Vec<ControlType>,
}

impl Record for Organization {
    const KIND: &'static str = "organization";
    const VERSION: u32 = 1;
}

impl Organization {
    /// The key of the record of an organization.
    #[must_use]
    pub fn key(id: &str) -> Key {
        Key::new([id])
    }
}

/// An account in an organization. Its record stands under the account's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The organization's id.
    pub organization: String,
    /// The root or unit in which the account is.
    pub parent: String,
    /// The account's name.
    pub name: String,
    /// Whom to write to. Nobody is known for an account that was there before.
    pub email: Option<String>,
    /// Whether it was invited, and not made by the organization.
    pub invited: bool,
    /// Since when it belongs.
    pub joined: Timestamp,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for Member {
    const KIND: &'static str = "organizations-account";
    const VERSION: u32 = 1;
}

impl Member {
    /// The key of the record of an account.
    #[must_use]
    pub fn key(account: AccountId) -> Key {
        Key::new([account.as_str()])
    }
}

/// An organizational unit. Its record stands under the organization's id and its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// `ou-…`
    pub id: String,
    /// Its name, which no other unit in the same parent has.
    pub name: String,
    /// The root or unit in which it is.
    pub parent: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for Unit {
    const KIND: &'static str = "organizations-unit";
    const VERSION: u32 = 1;
}

impl Unit {
    /// The key of the record of a unit.
    #[must_use]
    pub fn key(organization: &str, id: &str) -> Key {
        Key::new([organization, id])
    }
}

/// A policy of an organization that bounds what may be done. Its record stands under the organization's
/// id and its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPolicy {
    /// `p-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its type.
    pub kind: ControlType,
    /// Its text.
    pub document: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Record for ControlPolicy {
    const KIND: &'static str = "organizations-policy";
    const VERSION: u32 = 1;
}

impl ControlPolicy {
    /// The key of the record of a policy.
    #[must_use]
    pub fn key(organization: &str, id: &str) -> Key {
        Key::new([organization, id])
    }
}

/// One policy attached to a root, unit or account, found from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The policy's id.
    pub policy: String,
}

impl Record for Attachment {
    const KIND: &'static str = "organizations-attachment";
    const VERSION: u32 = 1;
}

impl Attachment {
    /// The key under which the policies of a type stand that are attached to a root, unit or account.
    #[must_use]
    pub fn of_target(organization: &str, target: &str, kind: ControlType) -> Key {
        Key::new([organization, target, kind.as_str()])
    }
}

/// The types of policies that bound from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlType {
    /// A service control policy bounds what an account's principals may do.
    ServiceControl,
    /// A resource control policy bounds what may be done to an account's resources.
    ResourceControl,
}

/// A policy of AWS's own that bounds nothing.
#[derive(Debug)]
pub struct FullAccess {
    /// Its id, the same in every organization.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its text.
    pub document: &'static str,
}

impl ControlType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// As the API says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// How its documents are read.
    #[must_use]
    pub fn policy_type(self) -> PolicyType {
        match self {
            Self::ServiceControl => PolicyType::ServiceControl,
            Self::ResourceControl => PolicyType::ResourceControl,
        }
    }

    /// The policy that every root, unit and account begins with.
    #[must_use]
    pub fn full_access(self) -> &'static FullAccess {
        match self {
            Self::ServiceControl => &FullAccess {
                id: "p-FullAWSAccess",
                name: "FullAWSAccess",
                description: "Allows access to every operation",
                document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            },
            Self::ResourceControl => &FullAccess {
                id: "p-RCPFullAWSAccess",
                name: "RCPFullAWSAccess",
                description: "Allows access to every resource",
                document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            },
        }
    }
}

/// Marks that something changed that bears on authorization.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Epoch {}

impl Record for Epoch {
    const KIND: &'static str = "organizations-epoch";
    const VERSION: u32 = 1;
}

/// Has the next request see what this transaction changes of organizations.
///
/// # Errors
/// When the store fails.
pub fn touch(tx: &mut dyn Write) -> Result<(), store::Error> {
    tx.put(&Key::new(["organizations"]), &Epoch {})
}

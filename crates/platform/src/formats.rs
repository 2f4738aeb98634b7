//! The formats of what the platform itself keeps.

use store::Format;

use crate::identity::{
    AccessKey, Account, Group, InstanceProfile, ManagedPolicy, Membership, OidcProvider, PolicyUse,
    ProfileOfRole, Role, SamlProvider, Totals, User, Uses,
};
use crate::key_alias::KeyAlias;
use crate::organization::{Attachment, ControlPolicy, Epoch, Member, Organization, Unit};
use crate::principal_ids::PrincipalName;
use crate::usage::{KeyUse, ServiceUse};

/// The formats of what the platform itself keeps: who exists, and what services share.
pub static FORMATS: &[Format] = &[
    Format::of::<AccessKey>(),
    Format::of::<Account>(),
    Format::of::<Attachment>(),
    Format::of::<ControlPolicy>(),
    Format::of::<Epoch>(),
    Format::of::<Group>(),
    Format::of::<InstanceProfile>(),
    Format::of::<KeyAlias>(),
    Format::of::<KeyUse>(),
    Format::of::<ManagedPolicy>(),
    Format::of::<Member>(),
    Format::of::<Membership>(),
    Format::of::<OidcProvider>(),
    Format::of::<Organization>(),
    Format::of::<PolicyUse>(),
    Format::of::<PrincipalName>(),
    Format::of::<ProfileOfRole>(),
    Format::of::<Role>(),
    Format::of::<SamlProvider>(),
    Format::of::<ServiceUse>(),
    Format::of::<Totals>(),
    Format::of::<Unit>(),
    Format::of::<User>(),
    Format::of::<Uses>(),
];

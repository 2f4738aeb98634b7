//! What kind of policy one is.

use policy::PolicyType;

/// What an identity-based policy is attached to, which decides its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holder {
    /// Not told: the largest quota counts.
    #[default]
    Unknown,
    /// A managed policy.
    Managed,
    /// Inline in a user.
    User,
    /// Inline in a group.
    Group,
    /// Inline in a role.
    Role,
}

/// The kind of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its type.
    pub policy_type: PolicyType,
    /// For a policy attached to a resource: the resource's service, such as `s3`, if it is known.
    pub service: Option<&'static str>,
    /// For an identity-based policy: what holds it.
    pub holder: Holder,
}

impl Kind {
    /// A kind of which only the type is known.
    #[must_use]
    pub const fn of(policy_type: PolicyType) -> Self {
        Self {
            policy_type,
            service: match policy_type {
                PolicyType::Trust => Some("sts"),
                PolicyType::Key => Some("kms"),
                _ => None,
            },
            holder: Holder::Unknown,
        }
    }

    /// An identity-based policy.
    #[must_use]
    pub const fn identity(holder: Holder) -> Self {
        Self {
            policy_type: PolicyType::Identity,
            service: None,
            holder,
        }
    }

    /// A policy attached to a resource of a service.
    #[must_use]
    pub const fn resource(service: &'static str) -> Self {
        Self {
            policy_type: PolicyType::Resource,
            service: Some(service),
            holder: Holder::Unknown,
        }
    }

    /// Reads what `--kind` takes: a [`PolicyType::id`], or `resource:SERVICE`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(service) = text.strip_prefix("resource:") {
            return catalog::service(service).map(|service| Self::resource(service.prefix()));
        }
        PolicyType::ALL
            .into_iter()
            .find(|kind| kind.id() == text)
            .map(Self::of)
    }

    /// Whether the policy is written for callers: it is attached to a user, group, role or session.
    #[must_use]
    pub fn is_for_callers(self) -> bool {
        matches!(
            self.policy_type,
            PolicyType::Identity | PolicyType::Boundary | PolicyType::Session
        )
    }
}

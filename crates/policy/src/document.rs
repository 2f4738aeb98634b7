//! The policy document: a syntax tree that knows where each of its parts is written.

mod element;
mod operator;
mod parse;
mod print;
mod template;

pub use element::{
    ActionPattern, Actions, Condition, ConditionValue, Document, Effect, PrincipalElement,
    PrincipalEntry, ResourcePattern, Resources, Statement, Version,
};
pub(crate) use element::{ArnValue, Operand};
pub use operator::{Comparison, Operator, Qualifier};
pub use template::{Part, Template};

#[cfg(test)]
pub(crate) use template::template_for_tests;

use std::fmt;

/// What a policy is attached to, which decides its grammar and its place in the evaluation
/// (IAM User Guide, "Policies and permissions").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyType {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A KMS key's policy.
    Key,
    /// A permissions boundary.
    Boundary,
    /// Passed when a session is made.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// Attached to a VPC endpoint.
    VpcEndpoint,
}

impl PolicyType {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Resource,
        Self::Trust,
        Self::Key,
        Self::Boundary,
        Self::Session,
        Self::ServiceControl,
        Self::ResourceControl,
        Self::VpcEndpoint,
    ];

    /// The name that AWS's messages use: "identity-based policy", "role trust policy", …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource | Self::Key => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// The indefinite article in front of the name.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Identity => "an",
            _ => "a",
        }
    }

    /// A short identifier: `identity`, `resource`, `trust`, `key`, `boundary`, `session`, `scp`, `rcp`, `endpoint`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Key => "key",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::VpcEndpoint => "endpoint",
        }
    }

    /// Whether statements name who they are for.
    #[must_use]
    pub fn has_principal(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::Trust | Self::Key | Self::ResourceControl | Self::VpcEndpoint
        )
    }
}

impl fmt::Display for PolicyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bounds on what is read. The defaults leave room for any policy AWS accepts and for files that hold many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a text. Default 16 MiB.
    pub bytes: usize,
    /// Nesting of JSON objects and arrays. Default 32.
    pub depth: usize,
    /// JSON values in a text. Default 1,000,000.
    pub values: usize,
    /// Diagnostics that are kept of one text, at least one. Default 100.
    pub diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 32,
            values: 1_000_000,
            diagnostics: 100,
        }
    }
}

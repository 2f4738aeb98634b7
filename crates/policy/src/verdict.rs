//! What the engine answers.

use crate::document::PolicyType;

/// The answer to one request.
#[must_use]
#[derive(Debug)]
pub enum Verdict {
    /// The request is allowed. Only the engine can make the [`Permit`].
    Allow(Permit),
    /// The request is denied.
    Deny(Denial),
}

impl Verdict {
    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// The denial, if it is one.
    #[must_use]
    pub fn denial(&self) -> Option<Denial> {
        match self {
            Self::Allow(_) => None,
            Self::Deny(denial) => Some(*denial),
        }
    }
}

/// Proof that the engine allowed a request. It cannot be made elsewhere, copied or kept for a second request.
#[derive(Debug)]
pub struct Permit {
    _private: (),
}

impl Permit {
    pub(crate) fn new() -> Self {
        Self { _private: () }
    }
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// How the denial came about.
    pub kind: DenialKind,
    /// The type of policy that denies, or that lacks the Allow.
    pub policy_type: PolicyType,
}

/// The three ways to be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenialKind {
    /// A Deny statement applies.
    Explicit,
    /// No statement allows.
    Implicit,
    /// Something could not be evaluated, such as a request value that is no number under a numeric operator; it is
    /// counted against the request.
    Indeterminate,
}

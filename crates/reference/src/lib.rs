//! The meaning of IAM policies, written a second time and as plainly as possible.
//!
//! The engine in `palisade-policy` compiles and indexes policies. This crate does neither: it
//! reads a case, walks every statement of every policy in order, and applies the rules of the IAM
//! User Guide one after another, with text copied about freely. It shares no code with the engine,
//! so that a mistake would have to be made twice, in different words, to stay hidden.
//!
//! [`answer`] reads a case in the format of `palisade simulate`. [`generate`] makes random cases
//! for comparing the two. The cases of the executable specification (`spec/`) run against both.

mod case;
pub mod compare;
mod condition;
mod document;
pub mod engine;
mod evaluate;
pub mod generate;
mod json;
mod options;
mod pattern;
mod principal;
mod statement;
mod values;

use std::fmt;

pub use json::Json;

/// What a case comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// Why it is denied; `None` when it is allowed.
    pub kind: Option<Kind>,
    /// The policy type that denied, or that lacks an Allow; `None` when the request is allowed.
    pub layer: Option<Layer>,
    /// The sentence AWS prints for the denial (IAM User Guide, "Troubleshoot access denied error
    /// messages"); `None` when the request is allowed or could not be evaluated.
    pub message: Option<String>,
}

/// The three ways to be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A Deny statement applies.
    Explicit,
    /// No Deny applies, but an Allow is lacking.
    Implicit,
    /// A value of the request could not be read, and the answer hangs on it.
    Indeterminate,
}

/// The policy types, in the order in which an explicit denial is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// The policy of the resource (also a KMS key policy).
    Resource,
    /// The trust policy of a role.
    Trust,
    /// Identity-based policies.
    Identity,
}

/// Why a case has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that is broken, as one hyphenated word (`spec/malformed.md` lists them).
    pub rule: &'static str,
    /// What was found.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self {
            rule,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explicit => "explicit",
            Self::Implicit => "implicit",
            Self::Indeterminate => "indeterminate",
        })
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Endpoint => "endpoint",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Identity => "identity",
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.layer) {
            (Some(kind), Some(layer)) => write!(f, "Deny {kind} {layer}"),
            (Some(kind), None) => write!(f, "Deny {kind}"),
            _ => f.write_str("Allow"),
        }
    }
}

/// Answers one case.
///
/// # Errors
/// The case, or a policy in it, breaks a rule of form: such a case has no verdict.
pub fn answer(case: &str) -> Result<Answer, Refusal> {
    let json = Json::parse(case)?;
    Ok(evaluate::decide(&case::Case::read(&json)?))
}

/// Three-valued truth: `Unknown` is what became of a request value that could not be read.
/// Combined by Kleene's rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Truth {
    #[default]
    No,
    Unknown,
    Yes,
}

impl Truth {
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

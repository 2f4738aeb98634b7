//! What a rule found.

use crate::rule::Rule;
use policy::text::{Source, Span};
use std::fmt;

/// How much a finding matters; the names are those of IAM Access Analyzer's policy validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It works, and could be written better.
    Suggestion,
    /// It does not do what it seems to do.
    Warning,
    /// It allows more than it should.
    Security,
    /// AWS refuses the policy, or a part of it can never take effect.
    Error,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Suggestion, Self::Warning, Self::Security, Self::Error];

    /// Its name on the command line and in output: `suggestion`, `warning`, `security`, `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Suggestion => "suggestion",
            Self::Warning => "warning",
            Self::Security => "security",
            Self::Error => "error",
        }
    }

    /// The severity of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A replacement of one stretch of the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that repairs what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative: "write `StringLike`".
    pub title: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it keeps what the author surely meant, so that `--fix` applies it unasked.
    pub safe: bool,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where, in the same file.
    pub span: Span,
    /// What is there.
    pub note: String,
}

/// One thing that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters here.
    pub severity: Severity,
    /// The file.
    pub source: Source,
    /// The place in the file.
    pub span: Span,
    /// Which policy it is in, such as `aws_iam_role.etl assume_role_policy`; empty where the file is the policy.
    pub policy: String,
    /// The statement, counted from zero.
    pub statement: Option<usize>,
    /// The statement's `Sid`.
    pub sid: Option<String>,
    /// What is wrong, and why that matters.
    pub reason: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// A change that repairs it.
    pub fix: Option<Fix>,
    /// Why there is no change, where the rule knows a safe one and this text does not allow it.
    pub by_hand: Option<&'static str>,
}

impl Finding {
    /// What the findings of a report are sorted by.
    pub(crate) fn order(&self) -> (u32, u32, &'static str) {
        (self.span.start, self.span.end, self.rule.code)
    }
}

//! What compiled policies say, part by part: for those who reason about all requests, where [`decide`](crate::decide)
//! answers one.
//!
//! A view only reads. It shows the compiled statements that the engine itself evaluates, so that nobody has to understand
//! a policy a second time.

mod values;

pub use crate::compile::Grant;
pub use crate::condition::Truth;

use crate::compile::{self, PolicySet};
use crate::condition::{ArnOperand, Clause, Operands};
use crate::document::{self, Effect, Operator, PrincipalEntry};
use crate::pattern::Pattern;
use crate::request::Request;
use crate::text::Source;
use std::sync::Arc;

/// One compiled statement of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    set: &'a PolicySet,
    compiled: &'a compile::Statement,
}

/// The statements of a layer, in the order in which they were written.
pub fn statements(set: &PolicySet) -> impl Iterator<Item = Statement<'_>> {
    let all = set.statements().iter();
    all.map(move |compiled| Statement { set, compiled })
}

/// Patterns of which one must match, or none.
#[derive(Clone, Debug)]
pub struct Patterns<P> {
    /// Whether the element is `NotAction` or `NotResource`: none may match.
    pub not: bool,
    /// The patterns.
    pub patterns: Vec<P>,
}

/// A compiled text.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(&'a Pattern);

/// One part of a [`Text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Characters that stand for themselves.
    Literal(&'a str),
    /// `*`
    AnyRun,
    /// `?`
    AnyOne,
    /// The value of a key, as literal text.
    Variable {
        /// The condition key; its case does not count.
        key: &'a str,
        /// What stands in for it where it has no single value.
        default: Option<&'a str>,
    },
}

/// A pattern of resources.
#[derive(Clone, Debug)]
pub enum ResourceText<'a> {
    /// `*`, which alone matches an action without a resource.
    Any,
    /// Partition, service, region, account and resource; all but the last are compared in lower case, and no wildcard of
    /// theirs matches a colon.
    Segments([Text<'a>; 5]),
    /// It matches nothing.
    Never,
}

/// A policy's value of an ARN operator.
#[derive(Clone, Debug)]
pub enum ArnText<'a> {
    /// Every ARN.
    Any,
    /// Segment by segment, `arn` first; no wildcard of the first five matches a colon.
    Segments([Text<'a>; 6]),
    /// The whole ARN: literal text and variables.
    Whole(Text<'a>),
}

/// One condition of a statement.
#[derive(Clone, Copy, Debug)]
pub struct Condition<'a> {
    clause: &'a Clause,
    written: Option<&'a document::Condition>,
}

/// What a condition compares the request's values with. Any of them may match.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// Texts.
    Text(Vec<Text<'a>>),
    /// Texts without wildcards; upper and lower case are the same.
    TextIgnoringCase(Vec<Text<'a>>),
    /// ARNs. A request's value that is no ARN is unreadable.
    Arn(Vec<ArnText<'a>>),
    /// `true` or `false`, in any case; every other value of the request is unreadable.
    Bool(Vec<Text<'a>>),
    /// Bytes: see [`binary_texts`].
    Binary(Vec<&'a [u8]>),
    /// Whether the key is to be absent.
    Null(Vec<bool>),
    /// Numbers, dates or addresses, of which only the engine knows how they are read: [`Condition::matches_value`] and
    /// [`Condition::representatives`].
    Measured,
}

impl<'a> Statement<'a> {
    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(self) -> Effect {
        self.compiled.effect
    }

    /// The number of its policy in the layer.
    #[must_use]
    pub fn policy(self) -> usize {
        self.compiled.policy
    }

    /// Its number in its policy.
    #[must_use]
    pub fn number(self) -> usize {
        self.compiled.number
    }

    /// The name of its policy.
    #[must_use]
    pub fn policy_name(self) -> Option<&'a Arc<str>> {
        Some(&self.set.policies().get(self.compiled.policy)?.name)
    }

    /// As it was written.
    #[must_use]
    pub fn written(self) -> Option<&'a document::Statement> {
        let policy = self.set.policies().get(self.compiled.policy)?;
        policy.document.statements.get(self.compiled.number)
    }

    /// The policy in which it was written.
    #[must_use]
    pub fn document(self) -> Option<&'a document::Document> {
        Some(&self.set.policies().get(self.compiled.policy)?.document)
    }

    /// The text in which it was written.
    #[must_use]
    pub fn source(self) -> Option<&'a Source> {
        let policy = self.set.policies().get(self.compiled.policy)?;
        Some(&policy.document.source)
    }

    /// Whom it names; `None` where it has no `Principal`.
    #[must_use]
    pub fn principals(self) -> Option<impl Iterator<Item = &'a PrincipalEntry>> {
        let element = self.written()?.principal.as_ref()?;
        Some(element.entries.iter().map(|entry| &entry.value))
    }

    /// How strongly it reaches the caller of a request; `None` where it does not. `has_boundary` says whether the caller
    /// has a permissions boundary, which matters to `NotPrincipal`.
    #[must_use]
    pub fn reaches(self, request: &Request, has_boundary: bool) -> Option<Grant> {
        self.compiled.reaches(request, has_boundary)
    }

    /// Whether it applies to a request, whoever makes it allow or deny.
    #[must_use]
    pub fn applies(self, request: &Request, has_boundary: bool) -> Truth {
        self.compiled
            .applies(request, self.set.options(), has_boundary)
            .0
    }

    /// Whether another statement applies wherever this one does, as both plainly show: surely where this one surely does, and
    /// at least perhaps where this one perhaps does, and for the same principals. May say no where it is so.
    #[must_use]
    pub fn is_within(self, other: Statement<'_>) -> bool {
        self.set.options() == other.set.options() && self.compiled.is_within(other.compiled)
    }

    /// The actions, lower-cased.
    #[must_use]
    pub fn actions(self) -> Patterns<Text<'a>> {
        let actions = &self.compiled.actions;
        Patterns {
            not: actions.not,
            patterns: actions.patterns.iter().map(Text).collect(),
        }
    }

    /// The resources; `None` where it has no such element and every resource matches.
    #[must_use]
    pub fn resources(self) -> Option<Patterns<ResourceText<'a>>> {
        let resources = self.compiled.resources.as_ref()?;
        let text = |pattern: &'a compile::ArnPattern| match pattern {
            compile::ArnPattern::Any => ResourceText::Any,
            compile::ArnPattern::Never => ResourceText::Never,
            compile::ArnPattern::Segments(segments) => {
                let [_, partition, service, region, account, rest] = &**segments;
                ResourceText::Segments([partition, service, region, account, rest].map(Text))
            }
        };
        Some(Patterns {
            not: resources.not,
            patterns: resources.patterns.iter().map(text).collect(),
        })
    }

    /// The conditions, all of which must be met.
    pub fn conditions(self) -> impl Iterator<Item = Condition<'a>> {
        let written = self
            .written()
            .map_or(&[][..], |written| &written.conditions);
        let clauses = self.compiled.clauses.iter().enumerate();
        clauses.map(|(number, clause)| Condition {
            clause,
            written: written.get(number),
        })
    }
}

impl<'a> Text<'a> {
    /// The literal text with which all that matches begins, and whether that is all of it.
    #[must_use]
    pub fn start(self) -> (&'a str, bool) {
        (self.0.literal_prefix(), self.0.as_literal().is_some())
    }

    /// The parts, in order.
    #[must_use]
    pub fn tokens(self) -> Vec<Token<'a>> {
        self.0.tokens()
    }
}

impl<'a> Condition<'a> {
    /// As it was written.
    #[must_use]
    pub fn written(self) -> Option<&'a document::Condition> {
        self.written
    }

    /// The key, as it was written; its case does not count.
    #[must_use]
    pub fn key(self) -> &'a str {
        self.clause.key.as_str()
    }

    /// The operator, with its qualifier and suffix.
    #[must_use]
    pub fn operator(self) -> Operator {
        self.clause.operator
    }

    /// The policy's values.
    #[must_use]
    pub fn values(self) -> Values<'a> {
        let texts = |patterns: &'a [Pattern]| patterns.iter().map(Text).collect();
        match &self.clause.operands {
            Operands::Text(patterns) => Values::Text(texts(patterns)),
            Operands::TextIgnoringCase(patterns) => Values::TextIgnoringCase(texts(patterns)),
            Operands::Bool(patterns) => Values::Bool(texts(patterns)),
            Operands::Arn(operands) => Values::Arn(operands.iter().map(ArnText::new).collect()),
            Operands::Binary(bytes) => Values::Binary(bytes.iter().map(|b| &**b).collect()),
            Operands::Null(absent) => Values::Null(absent.to_vec()),
            Operands::Number(_) | Operands::Instant(_) | Operands::Addresses(_) => Values::Measured,
        }
    }

    /// Whether another condition of numbers, dates or addresses judges every value alike, before the operators' `Not`.
    #[must_use]
    pub fn measures_alike(self, other: Condition<'_>) -> bool {
        self.clause.operator.comparison == other.clause.operator.comparison
            && self.clause.operands == other.clause.operands
    }

    /// Whether the condition has no values at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.clause.operands.is_empty()
    }

    /// The keys of the variables in its values.
    pub fn variables(self) -> impl Iterator<Item = &'a str> {
        self.clause.variables().map(|name| name.as_str())
    }
}

impl<'a> ArnText<'a> {
    fn new(operand: &'a ArnOperand) -> Self {
        match operand {
            ArnOperand::Any => Self::Any,
            ArnOperand::Segments(segments) => Self::Segments(segments.each_ref().map(Text)),
            ArnOperand::Whole(pattern) => Self::Whole(Text(pattern)),
        }
    }
}

/// The texts of a request's value that stand for these bytes: base64, and the bytes themselves where they are text that is
/// no base64.
#[must_use]
pub fn binary_texts(bytes: &[u8]) -> Vec<String> {
    values::binary_texts(bytes)
}

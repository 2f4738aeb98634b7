//! Atoms: what may be said of one field of a request.

use super::{AtomId, KeyId, MeasureId};
use crate::text::Text;
use policy::document::Qualifier;
use serde::Serialize;

/// What may be said of one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Atom {
    /// The caller is one of these, by number.
    Caller(Box<[bool]>),
    /// The action, lower-cased, matches one of these.
    Action(Box<[Text]>),
    /// The resource is named by one of these.
    Resource {
        /// `*` is among them, which alone names the resource of an action without one.
        any: bool,
        /// ARNs with the head in lower case.
        texts: Box<[Text]>,
    },
    /// A condition is met.
    Condition(Condition),
}

/// A condition on one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The key.
    pub key: KeyId,
    /// How the values of a multivalued key are combined.
    pub qualifier: Option<Qualifier>,
    /// Whether the operator is a `Not` form.
    pub negated: bool,
    /// Whether the operator ends in `IfExists`.
    pub if_exists: bool,
    /// Whether the policy gives no values at all.
    pub empty: bool,
    /// What one value is held against.
    pub test: Test,
}

/// What one value of a request is held against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// It matches one of these texts.
    Text(Box<[Text]>),
    /// It is an ARN that one of these takes; what is no ARN is unreadable.
    Arn(Box<[Text]>),
    /// It is `true` or `false`, and one of these says the same; anything else is unreadable.
    Bool(Box<[Text]>),
    /// A number, date or address.
    Measured(MeasureId),
    /// Whether it is null.
    Null {
        /// The truth where it is.
        null: bool,
        /// The truth where it is not.
        value: bool,
    },
}

/// What is demanded of an atom, which is true, false or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// It is true.
    True,
    /// It is false or unknown.
    NotTrue,
    /// It is false.
    False,
    /// It is true or unknown.
    NotFalse,
}

impl Demand {
    /// The opposite.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::True => Self::NotTrue,
            Self::NotTrue => Self::True,
            Self::False => Self::NotFalse,
            Self::NotFalse => Self::False,
        }
    }

    /// The demand on the opposite atom.
    #[must_use]
    pub fn flip(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::NotTrue => Self::NotFalse,
            Self::False => Self::True,
            Self::NotFalse => Self::NotTrue,
        }
    }

    /// Whether a truth meets it.
    #[must_use]
    pub fn meets(self, truth: policy::view::Truth) -> bool {
        use policy::view::Truth;
        match self {
            Self::True => truth == Truth::True,
            Self::NotTrue => truth != Truth::True,
            Self::False => truth == Truth::False,
            Self::NotFalse => truth != Truth::False,
        }
    }

    /// Whether no truth meets both.
    #[must_use]
    pub fn excludes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::True, Self::NotTrue | Self::False)
                | (Self::NotTrue | Self::False, Self::True)
                | (Self::False, Self::NotFalse)
                | (Self::NotFalse, Self::False)
        )
    }

    /// Whether whatever meets this one meets the other.
    #[must_use]
    pub fn implies(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::True, Self::NotFalse) | (Self::False, Self::NotTrue)
            )
    }
}

/// A demand on an atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Literal {
    /// The atom.
    pub atom: AtomId,
    /// What is demanded of it.
    pub demand: Demand,
}

impl Atom {
    /// The keys it says something of, and those whose values stand in its texts.
    pub(crate) fn variables(&self) -> Vec<KeyId> {
        self.texts().iter().flat_map(Text::keys).collect()
    }

    /// Whether its truth depends on more than its own field.
    pub(crate) fn is_open(&self) -> bool {
        self.texts()
            .iter()
            .any(|text| matches!(text, Text::Open(_)))
    }

    /// The texts it is made of.
    pub(crate) fn texts(&self) -> &[Text] {
        match self {
            Self::Caller(_) => &[],
            Self::Action(texts) | Self::Resource { texts, .. } => texts,
            Self::Condition(condition) => match &condition.test {
                Test::Text(texts) | Test::Arn(texts) | Test::Bool(texts) => texts,
                Test::Measured(_) | Test::Null { .. } => &[],
            },
        }
    }

    /// Whether it is true or false, never unknown.
    pub(crate) fn is_two_valued(&self) -> bool {
        match self {
            Self::Caller(_) | Self::Action(_) | Self::Resource { .. } => true,
            Self::Condition(condition) => {
                matches!(condition.test, Test::Text(_) | Test::Null { .. })
            }
        }
    }
}

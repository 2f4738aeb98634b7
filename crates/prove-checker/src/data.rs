//! Certificates as they are written.

use crate::About;
use crate::tenancy::Breach;
use serde::Deserialize;

/// The version of certificates that is read.
pub(crate) const VERSION: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Set {
    Any,
    One(char),
    EitherCase(char),
    Except(char),
    Ranges(Vec<(char, char)>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    One(Set),
    Maybe(Set),
    Run(Set),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Token {
    Step(Step),
    Key(Variable),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Variable {
    pub(crate) key: usize,
    pub(crate) default: Option<String>,
    pub(crate) segment: bool,
    pub(crate) fold: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Text {
    Plain(Vec<Step>),
    Open(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Atom {
    Caller(Vec<bool>),
    Action(Vec<Text>),
    Resource { any: bool, texts: Vec<Text> },
    Condition(Condition),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Condition {
    pub(crate) key: usize,
    pub(crate) qualifier: Option<String>,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
    pub(crate) empty: bool,
    pub(crate) test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Test {
    Text(Vec<Text>),
    Arn(Vec<Text>),
    Bool(Vec<Text>),
    Null { null: bool, value: bool },
    Measured(Measured),
}

/// A comparison of numbers, dates or addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Measured {
    pub(crate) operator: String,
    pub(crate) values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Demand {
    True,
    NotTrue,
    False,
    NotFalse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Literal {
    pub(crate) atom: usize,
    pub(crate) demand: Demand,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Node {
    Literal(Literal),
    All(Vec<usize>),
    Any(Vec<usize>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tree {
    Split {
        formula: usize,
        cases: Vec<(usize, Self)>,
    },
    Leaf {
        literals: Vec<Literal>,
    },
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) free: bool,
    #[serde(default)]
    pub(crate) facts: Vec<Fact>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fact {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) claim: Claim,
    pub(crate) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Claim {
    Single,
    Multivalued,
    Present,
    Texts {
        characters: String,
        least: usize,
        most: Option<usize>,
    },
    Arn,
    Like(Vec<String>),
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Caller {
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
    /// The ARN of a session's role, or of a federated user's parent.
    pub(crate) of: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) known: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Question {
    pub(crate) allowed: Stage,
    pub(crate) denied: Option<Stage>,
    pub(crate) within: Vec<Vec<Policy>>,
    /// The kinds of callers that are meant.
    pub(crate) callers: Vec<String>,
    pub(crate) everybody: bool,
    pub(crate) by_policy: bool,
    /// The node that says what else the request is.
    pub(crate) beyond: Option<usize>,
    /// What that is, where it is a breach of isolation.
    #[serde(default)]
    pub(crate) breach: Option<Breach>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Stage {
    pub(crate) layers: Vec<Layer>,
    pub(crate) management_account: Option<String>,
    pub(crate) resource_type: String,
    pub(crate) owner: String,
}

/// One layer; each level of control policies is one.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Layer {
    pub(crate) layer: String,
    pub(crate) policies: Vec<Policy>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) version: u32,
    pub(crate) question: Question,
    pub(crate) keys: Vec<Key>,
    pub(crate) callers: Vec<Caller>,
    pub(crate) atoms: Vec<Atom>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) formula: usize,
    pub(crate) tree: Tree,
}

impl Set {
    pub(crate) fn contains(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(own) => c == *own,
            Self::EitherCase(own) => c.eq_ignore_ascii_case(own),
            Self::Except(other) => c != *other,
            Self::Ranges(ranges) => ranges.iter().any(|(low, high)| *low <= c && c <= *high),
        }
    }
}

impl Step {
    pub(crate) fn set(&self) -> &Set {
        match self {
            Self::One(set) | Self::Maybe(set) | Self::Run(set) => set,
        }
    }
}

impl Demand {
    /// Whether no truth meets both.
    pub(crate) fn excludes(self, other: Self) -> bool {
        let truths = [Some(true), Some(false), None];
        !truths
            .into_iter()
            .any(|truth| self.meets(truth) && other.meets(truth))
    }

    /// Whether a truth meets it; `None` is unknown.
    pub(crate) fn meets(self, truth: Option<bool>) -> bool {
        match self {
            Self::True => truth == Some(true),
            Self::NotTrue => truth != Some(true),
            Self::False => truth == Some(false),
            Self::NotFalse => truth != Some(false),
        }
    }

    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::True => Self::NotTrue,
            Self::NotTrue => Self::True,
            Self::False => Self::NotFalse,
            Self::NotFalse => Self::False,
        }
    }

    /// The demand on what is negated.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotTrue => Self::NotFalse,
            Self::NotFalse => Self::NotTrue,
        }
    }

    pub(crate) fn implies(self, other: Self) -> bool {
        [Some(true), Some(false), None]
            .into_iter()
            .all(|truth| !self.meets(truth) || other.meets(truth))
    }
}

impl Question {
    pub(crate) fn policies(&self) -> Vec<About> {
        let stages = [Some(&self.allowed), self.denied.as_ref()];
        let layers = stages.into_iter().flatten().flat_map(|stage| &stage.layers);
        let about = |layer: &Layer| -> Vec<About> {
            let one = |policy: &Policy| About {
                layer: layer.layer.clone(),
                name: policy.name.clone(),
                text: policy.text.clone(),
            };
            layer.policies.iter().map(one).collect()
        };
        layers.flat_map(about).collect()
    }
}

//! Languages of one text: is there a text that each of some patterns' sets takes and none of others does?
//!
//! The answer is exact, and a text that reads well where there is one. Patterns are followed position by position, all at
//! once, through the shortest texts first (a product of automata that is made while it is walked).

mod alphabet;
mod matching;
mod quick;
mod search;

pub(crate) use alphabet::{Alphabet, Mask};
pub use search::{Answer, Question};
pub(crate) use search::{Search, State};

use serde::{Serialize, Serializer};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A set of characters.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// Every character.
    Any,
    /// This one.
    One(char),
    /// This letter of ASCII in either case.
    EitherCase(char),
    /// Every other.
    Except(char),
    /// Those of these ranges, which include their ends.
    Ranges(Ranges),
}

/// Ranges of characters, which include their ends; copies share them. A thin pointer keeps steps small.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ranges(Arc<Vec<(char, char)>>);

impl Deref for Ranges {
    type Target = [(char, char)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Serialize for Ranges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Clone for Set {
    /// Inlined: patterns have one for each of their characters.
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::Any => Self::Any,
            Self::One(c) => Self::One(*c),
            Self::EitherCase(c) => Self::EitherCase(*c),
            Self::Except(c) => Self::Except(*c),
            Self::Ranges(ranges) => Self::Ranges(ranges.clone()),
        }
    }
}

impl Set {
    /// The characters of some ranges, which include their ends.
    #[must_use]
    pub fn ranges(ranges: Vec<(char, char)>) -> Self {
        Self::Ranges(Ranges(Arc::new(ranges)))
    }

    /// Whether it holds a character.
    #[must_use]
    #[inline]
    pub fn contains(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(own) => *own == c,
            Self::EitherCase(own) => own.eq_ignore_ascii_case(&c),
            Self::Except(other) => *other != c,
            Self::Ranges(ranges) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)),
        }
    }

    /// Where membership changes.
    fn bounds(&self, out: &mut Vec<u32>) {
        let mut around = |low: char, high: char| out.extend([u32::from(low), u32::from(high) + 1]);
        match self {
            Self::Any => {}
            Self::One(own) | Self::Except(own) => around(*own, *own),
            Self::EitherCase(own) => {
                around(own.to_ascii_lowercase(), own.to_ascii_lowercase());
                around(own.to_ascii_uppercase(), own.to_ascii_uppercase());
            }
            Self::Ranges(ranges) => ranges.iter().for_each(|(low, high)| around(*low, *high)),
        }
    }
}

/// One step of a [`Pattern`].
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// One character of a set.
    One(Set),
    /// One character of a set, or none.
    Maybe(Set),
    /// Any number of characters of a set, also none.
    Run(Set),
}

impl Clone for Step {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::One(set) => Self::One(set.clone()),
            Self::Maybe(set) => Self::Maybe(set.clone()),
            Self::Run(set) => Self::Run(set.clone()),
        }
    }
}

impl Step {
    /// The characters it takes.
    #[must_use]
    #[inline]
    pub fn set(&self) -> &Set {
        match self {
            Self::One(set) | Self::Maybe(set) | Self::Run(set) => set,
        }
    }

    /// The character, if it takes this one alone.
    fn letter(&self) -> Option<char> {
        match self {
            Self::One(Set::One(c)) => Some(*c),
            _ => None,
        }
    }
}

impl Hash for Step {
    /// One word a step: patterns have one for each of their characters.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let kind = match self {
            Self::One(_) => 0,
            Self::Maybe(_) => 1 << 28,
            Self::Run(_) => 2 << 28,
        };
        let set = match self.set() {
            Set::One(c) => u32::from(*c),
            Set::Any => 1 << 24,
            Set::EitherCase(c) => 2 << 24 | u32::from(*c),
            Set::Except(c) => 3 << 24 | u32::from(*c),
            Set::Ranges(ranges) => {
                ranges.hash(state);
                4 << 24
            }
        };
        state.write_u32(kind | set);
    }
}

/// A pattern that a whole text matches or not: its steps, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Pattern {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Pattern {
    /// This text alone.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut steps = Vec::with_capacity(text.len());
        steps.extend(text.chars().map(|c| Step::One(Set::One(c))));
        Self { steps }
    }

    /// Between `least` and `most` characters of a set; any number from `least` on without `most`.
    #[must_use]
    pub fn repeated(set: &Set, least: usize, most: Option<usize>) -> Self {
        let mut steps = vec![Step::One(set.clone()); least];
        match most {
            Some(most) => steps.extend((least..most).map(|_| Step::Maybe(set.clone()))),
            None => steps.push(Step::Run(set.clone())),
        }
        Self { steps }
    }

    /// A glob: `*` is any run, `?` one character, everything else itself.
    #[must_use]
    pub fn glob(text: &str) -> Self {
        let step = |c| match c {
            '*' => Step::Run(Set::Any),
            '?' => Step::One(Set::Any),
            other => Step::One(Set::One(other)),
        };
        Self {
            steps: text.chars().map(step).collect(),
        }
    }

    /// Whether the pattern takes one text alone, as far as can be seen.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.steps.iter().all(|step| step.letter().is_some())
    }

    /// The characters that it begins with, as steps.
    fn literal_prefix(&self) -> &[Step] {
        let mut steps = self.steps.iter();
        let end = steps.position(|step| step.letter().is_none());
        let end = end.unwrap_or(self.steps.len());
        self.steps.get(..end).unwrap_or_default()
    }

    /// The text, if the pattern takes this text alone.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        self.steps.iter().map(Step::letter).collect()
    }
}

#[cfg(test)]
mod tests;

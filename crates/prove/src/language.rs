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

use serde::Serialize;
use std::hash::{Hash, Hasher};

/// A set of characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
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
    Ranges(Vec<(char, char)>),
}

impl Set {
    /// Whether it holds a character.
    #[must_use]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// One character of a set.
    One(Set),
    /// One character of a set, or none.
    Maybe(Set),
    /// Any number of characters of a set, also none.
    Run(Set),
}

impl Step {
    /// The characters it takes.
    #[must_use]
    pub fn set(&self) -> &Set {
        match self {
            Self::One(set) | Self::Maybe(set) | Self::Run(set) => set,
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
        Self {
            steps: text.chars().map(|c| Step::One(Set::One(c))).collect(),
        }
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
        let mut steps = self.steps.iter();
        steps.all(|step| matches!(step, Step::One(Set::One(_))))
    }

    /// The text, if the pattern takes this text alone.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        let character = |step: &Step| match step {
            Step::One(Set::One(c)) => Some(*c),
            _ => None,
        };
        self.steps.iter().map(character).collect()
    }
}

#[cfg(test)]
mod tests;

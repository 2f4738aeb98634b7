//! Equations between texts: values for several texts at once, where patterns of some hold others.
//!
//! `users/${aws:SourceIdentity}/*` is a pattern of one text (the resource) that holds another (the identity). A
//! [`System`] is a conjunction of such statements, of the language that each text must be of, and of demands that some
//! texts differ; [`System::solve`] finds texts that fulfil all of it, or says that there are none.
//!
//! How it decides:
//!
//! 1. **Equality.** A pattern that is another text and nothing else makes the two one text (union-find).
//! 2. **Alignment.** Where what follows a variable is a character that its values never hold, both patterns of a text can
//!    be cut there in one way only, so that the parts are equal one by one. `users/${a}/*` and `users/${b}/*` become
//!    `a = b`, exactly, without a search. A negated pattern of this form is split into "has not this form" and "some part
//!    differs".
//! 3. **Search.** What cannot be cut (`users/${a}*` and `users/${b}/*`) is searched: all patterns of one text are
//!    followed together, character by character. First, for each pair of variables that must differ, whether the two are
//!    ever out of step, that is, whether one of them takes a character that the other does not: if never, they are always
//!    equal, and there is no answer. If some are, it is not enough that the first such text has equal values, for another
//!    may not: the search is repeated with the difference of the two lengths and with a letter of one that is remembered
//!    until the other comes to the same place. Two values differ if and only if their lengths do or some letter does, so
//!    this is exact.
//! 4. Texts that are in no such pattern get values one by one; where two that must differ got the same, one or the other
//!    is denied it and all is solved again.
//!
//! An answer with texts was checked by matching them against every statement of the system. [`Answer::None`] is exact.
//! Everything that is not decided by these steps is [`Answer::Unknown`], with the reason.

mod align;
mod assign;
mod check;
mod product;
mod reduce;
mod split;

pub(crate) use split::plain;

use std::borrow::Cow;
use std::fmt;

use crate::language::{Pattern, Step};

/// What a text may be: a text that at least one pattern of each group of `all` matches, and none of `none`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Language<'p> {
    /// Of each of these, at least one pattern matches.
    pub all: Vec<Vec<Cow<'p, Pattern>>>,
    /// None of these matches.
    pub none: Vec<Cow<'p, Pattern>>,
}

impl<'p> Language<'p> {
    /// The texts that a pattern matches.
    #[must_use]
    pub fn of(pattern: Pattern) -> Self {
        Self {
            all: vec![vec![Cow::Owned(pattern)]],
            none: Vec::new(),
        }
    }

    /// Whether it is every text, as far as can be seen.
    fn is_everything(&self) -> bool {
        self.all.is_empty() && self.none.is_empty()
    }

    /// Whether no text of it holds a character. May say no where it is so, but not the reverse.
    fn excludes(&self, c: char) -> bool {
        let without = |pattern: &Cow<'p, Pattern>| {
            let mut steps = pattern.steps.iter();
            steps.all(|step| !step.set().contains(c))
        };
        self.all.iter().any(|group| group.iter().all(without))
    }
}

/// A piece of a pattern that may hold other texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Characters of its own.
    Step(Step),
    /// The whole of another text, by its number in [`System::texts`].
    Text(usize),
}

/// That a text matches a pattern with other texts in it, or that it does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The text, by its number in [`System::texts`].
    pub text: usize,
    /// The pattern.
    pub pattern: Vec<Piece>,
    /// Whether it matches.
    pub holds: bool,
}

/// Texts and what is demanded of them, all of it at once.
#[derive(Clone, Debug, Default)]
pub struct System<'p> {
    /// What each of the texts may be.
    pub texts: Vec<Language<'p>>,
    /// Which patterns with other texts in them they match and do not match.
    pub equations: Vec<Equation>,
    /// Of each group, at least one pair of texts differs.
    pub differ: Vec<Vec<(usize, usize)>>,
}

/// What is known of the texts that a [`System`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value for each of [`System::texts`].
    Texts(Vec<String>),
    /// There are none.
    None,
    /// It was not decided.
    Unknown(Reason),
}

/// Why a [`System`] was not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// More states than the budget.
    Budget,
    /// More kinds of characters than are told apart.
    Alphabet,
    /// A variable stands in several patterns that cannot be cut at it.
    Repeated,
    /// A pattern that must not match has a variable that may hold what follows it.
    Negated,
    /// A text is part of itself.
    Cycle,
    /// A variable whose length has no bound decides.
    Unbounded,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the search was given up after too many states",
            Self::Alphabet => "the patterns tell more than 128 kinds of characters apart",
            Self::Repeated => {
                "a variable stands in several patterns and may hold the characters that end it"
            }
            Self::Negated => {
                "a pattern that must not match has a variable that may hold the characters behind it"
            }
            Self::Cycle => "a pattern holds the value that it is compared with",
            Self::Unbounded => "a variable's values may be of any length",
        })
    }
}

impl System<'_> {
    /// Finds texts that fulfil everything, within a budget of states.
    #[must_use]
    pub fn solve(&self, budget: usize) -> Answer {
        self.solve_within(&mut { budget })
    }

    /// Finds texts within the states that are left, and takes those that it took.
    pub(crate) fn solve_within(&self, left: &mut usize) -> Answer {
        match split::solve(self, left) {
            Answer::Texts(mut texts) => {
                texts.truncate(self.texts.len());
                Answer::Texts(texts)
            }
            other => other,
        }
    }
}

/// Takes one of the steps that are left; whether there was one.
fn take(left: &mut usize) -> bool {
    let fewer = left.checked_sub(1);
    *left = fewer.unwrap_or(0);
    fewer.is_some()
}

#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod tests;

//! How much work a question may take: every limit on a search, in one place.
//!
//! What exceeds it is unknown, with the reason; nothing is proved by giving up. Work is counted, not timed, so that the same
//! question has the same answer everywhere.

use crate::language::{Answer, Question};
use crate::words::{self, System};
use std::cell::Cell;
use std::fmt;

/// Nodes of the search through one formula.
pub(crate) const NODES: usize = 50_000;
/// States of one search for a text, or for several that are tied together.
pub(crate) const STATES: usize = 50_000;
/// States and cases of all that is searched for one question: some seconds.
const WORK: usize = 10_000_000;

/// What is left of the work that one question may take.
#[derive(Clone)]
pub(crate) struct Budget {
    left: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(WORK)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.left.get())
    }
}

impl Budget {
    pub(crate) fn of(work: usize) -> Self {
        Self {
            left: Cell::new(work),
        }
    }

    /// Takes a step; why not, where none is left.
    pub(crate) fn step(&self) -> Result<(), String> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(format!("the question takes more than {WORK} steps")),
        }
    }

    /// A text, as far as the work goes.
    pub(crate) fn text(&self, question: &Question<'_>) -> Answer {
        self.within(|left| question.answer_within(left))
    }

    /// A shortest text, as far as the work goes.
    pub(crate) fn shortest(&self, question: &Question<'_>) -> Answer {
        self.within(|left| question.search(left))
    }

    /// Texts that are tied together, as far as the work goes.
    pub(crate) fn texts(&self, system: &System<'_>) -> words::Answer {
        self.within(|left| system.solve_within(left))
    }

    fn within<T>(&self, search: impl FnOnce(&mut usize) -> T) -> T {
        let given = self.left.get().min(STATES);
        let mut left = given;
        let found = search(&mut left);
        self.left.set(self.left.get() - (given - left.min(given)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Pattern;
    use crate::words::{Equation, Language, Piece, Reason};

    #[test]
    fn no_step_is_taken_beyond_the_last() {
        let budget = Budget::of(2);
        assert!(budget.step().is_ok() && budget.step().is_ok());
        assert!(budget.step().unwrap_err().contains("steps"));
    }

    #[test]
    fn a_text_takes_its_states_and_no_more_than_are_left() {
        let [wide, long] = ["*a*b*c", "*??*d*?"].map(Pattern::glob);
        let question = Question {
            all: vec![vec![&wide], vec![&long]],
            none: Vec::new(),
        };
        let budget = Budget::of(1_000);
        assert!(matches!(budget.text(&question), Answer::Text(_)));
        let took = 1_000 - budget.left.get();
        assert!((5..1_000).contains(&took), "{took}");
        let budget = Budget::of(took - 2);
        assert_eq!(budget.text(&question), Answer::Unknown);
        assert_eq!(budget.left.get(), 0);
        assert_eq!(budget.text(&question), Answer::Unknown);
    }

    #[test]
    fn texts_that_are_tied_take_no_more_states_than_are_left() {
        // Two texts, the one before the other and the other way round: the same without the last letters.
        let piece = |c| Piece::Step(crate::language::Step::One(crate::language::Set::One(c)));
        let row =
            |texts: [usize; 2], c| vec![Piece::Text(texts[0]), Piece::Text(texts[1]), piece(c)];
        let equation = |pattern| Equation {
            text: 2,
            pattern,
            holds: true,
        };
        let system = System {
            texts: vec![Language::default(); 3],
            equations: vec![equation(row([0, 1], 'x')), equation(row([1, 0], 'x'))],
            differ: vec![vec![(0, 1)]],
        };
        let budget = Budget::of(1_000);
        assert!(matches!(budget.texts(&system), words::Answer::Texts(_)));
        let took = 1_000 - budget.left.get();
        let budget = Budget::of(took / 2);
        let unknown = words::Answer::Unknown(Reason::Budget);
        assert_eq!(budget.texts(&system), unknown);
        assert_eq!(budget.left.get(), 0);
        assert_eq!(budget.texts(&system), unknown);
    }
}

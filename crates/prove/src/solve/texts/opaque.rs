//! Values as opaque symbols: what holds for them holds for every value.
//!
//! Let each value be one character that no text has. If every text of a pattern that must match is then also a text of the
//! patterns that must not, so it is with values in the place of the characters: whatever matches the first comes from such a
//! text, and the others take it the same way. The patterns that must not match may let a `*` eat a symbol, never a `?`.

use super::Texts;
use crate::language::{Answer, Pattern, Question, Set, Step};
use crate::solve::slot::{Inner, Part, Piece, Slot};
use std::sync::LazyLock;

/// Where the symbols begin: a plane of private characters.
const SYMBOLS: u32 = 0xF_0000;
/// Behind the last symbol.
const END: u32 = 0xF_1000;

/// The symbol of a slot, as it is or with its case lost.
fn symbol(inner: Inner, folded: bool) -> Option<char> {
    let number = u32::try_from(inner.slot).ok()? * 2 + u32::from(folded);
    char::from_u32(SYMBOLS + number).filter(|c| u32::from(*c) < END)
}

impl<'m> Texts<'m> {
    /// Whether a pattern that must match is covered by those that must not.
    pub(super) fn is_opaquely_empty(&self, slot: &Slot<'m>) -> bool {
        if !slot
            .none
            .iter()
            .any(|piece| matches!(piece, Piece::Open(_)))
        {
            return false;
        }
        // A pattern without values takes no symbols: what else must not match was asked without them.
        slot.all.iter().any(|group| match group.as_slice() {
            [Piece::Open(row)] => self.is_covered(&row.parts, row.is_arn(), slot),
            _ => false,
        })
    }

    fn is_covered(&self, parts: &[Part], arn: bool, slot: &Slot<'m>) -> bool {
        let Some(positive) = positive(parts) else {
            return false;
        };
        let negatives: Vec<Pattern> = slot
            .none
            .iter()
            .filter_map(|piece| match piece {
                Piece::Plain(pattern) => {
                    let parts: Vec<Part> = pattern.steps.iter().cloned().map(Part::Step).collect();
                    self.negative(&parts, false, arn)
                }
                Piece::Open(row) => self.negative(&row.parts, row.arn && !row.is_arn(), arn),
            })
            .collect();
        let question = Question {
            all: vec![vec![&positive]],
            none: negatives.iter().collect(),
        };
        self.budget.text(&question) == Answer::Empty
    }

    /// A pattern that must not match; `None` where it cannot be relied on: where it matches ARNs only (`needs_arn`), and what
    /// it is held against need not be one.
    fn negative(&self, parts: &[Part], needs_arn: bool, arn: bool) -> Option<Pattern> {
        if needs_arn && !arn {
            return None;
        }
        let colonless = || {
            let mut slots = 0..self.slots.len();
            slots.all(|at| self.lacks(at, ':'))
        };
        let mut steps = Vec::new();
        for part in parts {
            steps.push(match part {
                Part::Step(Step::Run(Set::Any)) => Step::Run(Set::Any),
                Part::Step(Step::Run(Set::Except(':'))) if colonless() => {
                    Step::Run(Set::Except(':'))
                }
                Part::Step(step) => real(step)?,
                Part::Slot(inner) if inner.segment => return None,
                Part::Slot(inner) if inner.fold => {
                    let exact = symbol(*inner, false)?;
                    let folded = symbol(*inner, true)?;
                    Step::One(Set::ranges(vec![(exact, exact), (folded, folded)]))
                }
                Part::Slot(inner) => Step::One(Set::One(symbol(*inner, false)?)),
            });
        }
        Some(Pattern { steps })
    }
}

/// A pattern that must match, in which wildcards take no symbols.
fn positive(parts: &[Part]) -> Option<Pattern> {
    let step = |part: &Part| match part {
        Part::Step(step) => real(step),
        Part::Slot(inner) => Some(Step::One(Set::One(symbol(*inner, inner.fold)?))),
    };
    let steps: Option<Vec<Step>> = parts.iter().map(step).collect();
    steps.map(|steps| Pattern { steps })
}

/// Every character but the symbols.
static EVERYTHING: LazyLock<Set> = LazyLock::new(|| Set::ranges(around(None)));

/// The step without the symbols; `None` where it names one.
fn real(step: &Step) -> Option<Step> {
    let set = match step.set() {
        Set::Any => EVERYTHING.clone(),
        Set::Except(c) => Set::ranges(around(Some(*c))),
        Set::Ranges(ranges) if ranges.iter().any(|(_, high)| u32::from(*high) >= SYMBOLS) => {
            Set::ranges(
                ranges
                    .iter()
                    .flat_map(|(low, high)| clipped(*low, *high))
                    .collect::<Vec<_>>(),
            )
        }
        Set::One(c) if (SYMBOLS..END).contains(&u32::from(*c)) => return None,
        set => set.clone(),
    };
    Some(match step {
        Step::One(_) => Step::One(set),
        Step::Maybe(_) => Step::Maybe(set),
        Step::Run(_) => Step::Run(set),
    })
}

/// Every character but the symbols, and but one more.
fn around(without: Option<char>) -> Vec<(char, char)> {
    match without {
        None => clipped('\0', char::MAX),
        Some(c) => {
            let before = u32::from(c).checked_sub(1).and_then(char::from_u32);
            let after = char::from_u32(u32::from(c) + 1);
            let low = before.map(|end| clipped('\0', end)).unwrap_or_default();
            let high = after
                .map(|start| clipped(start, char::MAX))
                .unwrap_or_default();
            [low, high].concat()
        }
    }
}

/// A range without the symbols.
fn clipped(low: char, high: char) -> Vec<(char, char)> {
    let last_before = char::from_u32(SYMBOLS - 1).unwrap_or(low);
    let first_behind = char::from_u32(END).unwrap_or(high);
    let pieces = [(low, high.min(last_before)), (low.max(first_behind), high)];
    pieces
        .into_iter()
        .filter(|(low, high)| low <= high)
        .collect()
}

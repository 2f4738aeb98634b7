//! What is left where values stand beside wildcards or other values: equations between texts.

use super::{Part, Piece, Row, Texts};
use crate::language::{Pattern, Set, Step};
use crate::solve::Solved;
use crate::words::{self, Answer, Equation, Language, System};
use std::borrow::Cow;

impl<'m> Texts<'m> {
    /// A text for each slot, by the search for equations between texts.
    pub(super) fn by_equations(&self) -> Solved<Vec<String>> {
        let Some(system) = self.system() else {
            let reason = "a value whose case does not count, or one of several in a list, stands beside a wildcard";
            return Solved::Unknown(reason.into());
        };
        match self.budget.texts(&system) {
            Answer::Texts(texts) => {
                let value = |at: usize| texts.get(self.root_of(at)).cloned().unwrap_or_default();
                Solved::Found((0..self.slots.len()).map(value).collect())
            }
            Answer::None => Solved::Empty(Vec::new()),
            Answer::Unknown(reason) => Solved::Unknown(reason.to_string()),
        }
    }

    /// The slots as a system of equations; `None` where they say more than such a system can.
    fn system(&self) -> Option<System<'m>> {
        let mut system = System {
            texts: vec![Language::default(); self.slots.len()],
            ..System::default()
        };
        for (at, slot) in self.slots.iter().enumerate() {
            if self.root.get(at) != Some(&at) {
                continue;
            }
            if !slot.measured.is_empty() || !slot.bools.is_empty() {
                return None;
            }
            for group in &slot.all {
                match group.as_slice() {
                    [Piece::Open(row)] => self.equation(&mut system, at, row, true)?,
                    pieces => {
                        let patterns: Option<Vec<Cow<'m, Pattern>>> =
                            pieces.iter().map(plain).collect();
                        system.texts.get_mut(at)?.all.push(patterns?);
                    }
                }
            }
            for piece in &slot.none {
                match piece {
                    Piece::Open(row) => self.equation(&mut system, at, row, false)?,
                    Piece::Plain(pattern) => system.texts.get_mut(at)?.none.push(pattern.clone()),
                }
            }
        }
        Some(system)
    }

    fn equation(&self, system: &mut System<'m>, at: usize, row: &Row, holds: bool) -> Option<()> {
        if row.arn && !row.is_arn() {
            if !holds {
                return None;
            }
            let shape = Cow::Borrowed(crate::arn::shape());
            system.texts.get_mut(at)?.all.push(vec![shape]);
        }
        let mut pattern = Vec::new();
        for part in row.parts.iter() {
            match part {
                Part::Step(step) => pattern.push(words::Piece::Step(step.clone())),
                Part::Slot(inner) if inner.fold || (inner.segment && !holds) => return None,
                Part::Slot(inner) => {
                    let slot = self.root_of(inner.slot);
                    if inner.segment {
                        let steps = vec![Step::Run(Set::Except(':'))];
                        let segment = Cow::Owned(Pattern { steps });
                        system.texts.get_mut(slot)?.all.push(vec![segment]);
                    }
                    pattern.push(words::Piece::Text(slot));
                }
            }
        }
        system.equations.push(Equation {
            text: at,
            pattern,
            holds,
        });
        Some(())
    }
}

fn plain<'m>(piece: &Piece<'m>) -> Option<Cow<'m, Pattern>> {
    match piece {
        Piece::Plain(pattern) => Some(pattern.clone()),
        Piece::Open(_) => None,
    }
}

//! Several texts at once, some of which stand in patterns of others.
//!
//! What is *empty* is empty by one of a few rules, each sound for itself: equal texts are one text, delimited values are
//! read off, a text whose patterns cannot meet even with anything in the place of values is none, and what holds for values
//! as opaque symbols holds for every value. What is *found* is built by trying values and is checked by whoever asks. What
//! is neither is unknown.

mod equations;
mod opaque;
mod propagate;
mod values;

use super::Solved;
use super::slot::{Part, Piece, Row, Slot, steps_of};
use crate::budget::Budget;
use crate::language::{Answer, Pattern, Question, Set, Step};
use crate::model::Model;
use std::borrow::Cow;
use std::rc::Rc;

/// How many cases one question may be split into.
const CASES: usize = 400;
/// How many where it is to be shown quickly that there are none.
const FEW_CASES: usize = 40;

/// Several texts at once.
#[derive(Clone, Debug)]
pub(crate) struct Texts<'m> {
    pub(super) slots: Vec<Slot<'m>>,
    /// The slot that each slot became a part of.
    pub(super) root: Vec<usize>,
    budget: &'m Budget,
}

/// Texts of slots where anything may stand in the place of values; `None` where that was not asked.
type Hulls = Vec<Option<String>>;

/// What a step of reasoning comes to.
pub(super) struct Contradiction;

impl<'m> Texts<'m> {
    pub(crate) fn new(slots: Vec<Slot<'m>>, budget: &'m Budget) -> Self {
        Self {
            budget,
            root: (0..slots.len()).collect(),
            slots,
        }
    }

    /// A text for each slot.
    pub(crate) fn solve(self, model: &Model<'_>) -> Solved<Vec<String>> {
        let mut cases = CASES;
        self.solve_case(model, &mut cases)
    }

    fn solve_case(mut self, model: &Model<'_>, cases: &mut usize) -> Solved<Vec<String>> {
        if *cases == 0 {
            return Solved::Unknown("values tied to each other make too many cases".into());
        }
        *cases -= 1;
        if let Err(reason) = self.budget.step() {
            return Solved::Unknown(reason);
        }
        if let Some(split) = self.split_open() {
            return solve_each(split, model, cases);
        }
        if self.propagate().is_err() {
            return Solved::Empty(Vec::new());
        }
        let Some(hulls) = self.hulls() else {
            return Solved::Empty(Vec::new());
        };
        if let Some(found) = self.by_few_trials(model, &hulls) {
            return Solved::Found(found);
        }
        if let Some(split) = self.split_literal().or_else(|| self.split_segment()) {
            return solve_each(split, model, cases);
        }
        if self.is_closed() {
            return self.leaf(model);
        }
        match self.by_equations() {
            Solved::Unknown(reason) => self
                .by_trial(model)
                .map_or(Solved::Unknown(reason), Solved::Found),
            decided => decided,
        }
    }

    /// Whether it is quickly shown that there are no such texts.
    pub(crate) fn refuted(self, model: &Model<'_>) -> bool {
        let mut cases = FEW_CASES;
        self.refuted_within(model, &mut cases)
    }

    fn refuted_within(mut self, model: &Model<'_>, cases: &mut usize) -> bool {
        if *cases == 0 {
            return false;
        }
        *cases -= 1;
        let mut each = |split: Vec<Self>| {
            let mut split = split.into_iter();
            split.all(|case| case.refuted_within(model, cases))
        };
        if let Some(split) = self.split_open() {
            return each(split);
        }
        if self.propagate().is_err() || self.hulls().is_none() {
            return true;
        }
        if let Some(split) = self.split_literal().or_else(|| self.split_segment()) {
            return each(split);
        }
        self.is_closed() && matches!(self.leaf(model), Solved::Empty(_))
    }

    /// The cases of a choice between patterns, one of which is open.
    fn split_open(&self) -> Option<Vec<Self>> {
        let is_open = |piece: &Piece<'m>| matches!(piece, Piece::Open(_));
        let (slot, group) = self.slots.iter().enumerate().find_map(|(at, slot)| {
            let choice = |group: &Vec<Piece<'m>>| group.len() > 1 && group.iter().any(is_open);
            Some((at, slot.all.iter().position(choice)?))
        })?;
        let pieces = self.slots.get(slot)?.all.get(group)?;
        let (open, plain): (Vec<_>, Vec<_>) = pieces.iter().cloned().partition(is_open);
        let mut choices: Vec<Vec<Piece<'m>>> = open.into_iter().map(|piece| vec![piece]).collect();
        if !plain.is_empty() {
            choices.push(plain);
        }
        Some(self.with_choices(slot, group, choices))
    }

    /// The cases of a text that is one of a few, where others depend on it.
    fn split_literal(&self) -> Option<Vec<Self>> {
        let literal = |piece: &Piece<'m>| match piece {
            Piece::Plain(pattern) => pattern.as_literal().is_some(),
            Piece::Open(_) => false,
        };
        let (slot, group) = self.referenced().into_iter().find_map(|at| {
            let few = |group: &Vec<Piece<'m>>| {
                (2..=16).contains(&group.len()) && group.iter().all(literal)
            };
            Some((at, self.slots.get(at)?.all.iter().position(few)?))
        })?;
        let pieces = self.slots.get(slot)?.all.get(group)?;
        let choices = pieces.iter().map(|piece| vec![piece.clone()]).collect();
        Some(self.with_choices(slot, group, choices))
    }

    fn with_choices(&self, slot: usize, group: usize, choices: Vec<Vec<Piece<'m>>>) -> Vec<Self> {
        let case = |choice| {
            let mut case = self.clone();
            let place = case
                .slots
                .get_mut(slot)
                .and_then(|slot| slot.all.get_mut(group));
            if let Some(place) = place {
                *place = choice;
            }
            case
        };
        choices.into_iter().map(case).collect()
    }

    /// The cases of a value that must not stand in a segment of an ARN: with a colon it does not, without it is like any.
    fn split_segment(&self) -> Option<Vec<Self>> {
        let inner =
            self.slots
                .iter()
                .flat_map(|slot| &slot.none)
                .find_map(|piece| match piece {
                    Piece::Open(row) => row.parts.iter().find_map(|part| match part {
                        Part::Slot(inner) if inner.segment => Some(inner.slot),
                        _ => None,
                    }),
                    Piece::Plain(_) => None,
                })?;
        let run = |set: Set| Step::Run(set);
        let with = vec![run(Set::Any), Step::One(Set::One(':')), run(Set::Any)];
        let case = |steps: Vec<Step>, keep: bool| {
            let mut case = self.clone();
            for slot in &mut case.slots {
                slot.none
                    .retain_mut(|piece| settle_segment(piece, inner, keep));
            }
            if let Some(slot) = case.slots.get_mut(inner) {
                slot.all
                    .push(vec![Piece::Plain(Cow::Owned(Pattern { steps }))]);
            }
            case
        };
        Some(vec![
            case(vec![run(Set::Except(':'))], true),
            case(with, false),
        ])
    }

    /// The slots that stand in patterns of others.
    pub(super) fn referenced(&self) -> Vec<usize> {
        let mut found: Vec<usize> = self.rows().flat_map(|(_, row)| row.slots()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Every open row, with its slot.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.slots.iter().enumerate().flat_map(|(at, slot)| {
            let bools = slot.bools.iter().flat_map(|(pieces, _)| pieces);
            let pieces = slot.all.iter().flatten().chain(&slot.none).chain(bools);
            pieces.filter_map(move |piece| match piece {
                Piece::Open(row) => Some((at, row)),
                Piece::Plain(_) => None,
            })
        })
    }

    fn is_closed(&self) -> bool {
        self.rows().next().is_none()
    }

    /// Solves slots in which nothing is open.
    pub(super) fn leaf(&self, model: &Model<'_>) -> Solved<Vec<String>> {
        let mut texts: Vec<String> = Vec::with_capacity(self.slots.len());
        for (at, slot) in self.slots.iter().enumerate() {
            if self.root.get(at) != Some(&at) {
                texts.push(String::new());
                continue;
            }
            let mut slot = Cow::Borrowed(slot);
            if !slot.bools.is_empty() {
                let slot = slot.to_mut();
                for (pieces, demand) in std::mem::take(&mut slot.bools) {
                    slot.demand_bool(&pieces, demand);
                }
            }
            match slot.answer(model) {
                Solved::Found(text) => texts.push(text),
                Solved::Empty(_) => return Solved::Empty(Vec::new()),
                Solved::Unknown(reason) => return Solved::Unknown(reason),
            }
        }
        let value = |at: usize| texts.get(self.root_of(at)).cloned().unwrap_or_default();
        Solved::Found((0..texts.len()).map(value).collect())
    }

    pub(super) fn root_of(&self, mut at: usize) -> usize {
        while let Some(above) = self.root.get(at)
            && *above != at
        {
            at = *above;
        }
        at
    }

    /// A text for each slot where anything may stand in the place of values, as far as that was asked; `None` where a slot
    /// has none even then.
    fn hulls(&self) -> Option<Hulls> {
        // One choice of patterns that excludes nothing has a text.
        let is_plain = |slot: &Slot<'m>| {
            slot.none.is_empty()
                && match slot.all.as_slice() {
                    [] => true,
                    [one] => !one.is_empty(),
                    _ => false,
                }
        };
        let mut hulls = Vec::with_capacity(self.slots.len());
        for (at, slot) in self.slots.iter().enumerate() {
            if self.root.get(at) != Some(&at) || is_plain(slot) {
                hulls.push(None);
                continue;
            }
            let hull = self.hull(slot, &[], None);
            if hull == Answer::Empty || self.is_opaquely_empty(slot) {
                return None;
            }
            hulls.push(match hull {
                Answer::Text(text) => Some(text),
                Answer::Empty | Answer::Unknown => None,
            });
        }
        Some(hulls)
    }

    /// The question of a slot with what is known of values in their places, and without what some patterns match. The text at
    /// hand is tried first.
    pub(super) fn hull(&self, slot: &Slot<'m>, without: &[Pattern], hand: Option<&str>) -> Answer {
        let rows: Vec<Pattern> = slot
            .all
            .iter()
            .filter_map(|group| match group.as_slice() {
                [Piece::Open(row)] => Some(self.hull_of(row, None)),
                _ => None,
            })
            .collect();
        let mut question: Question<'_> = slot.plain_question();
        question.all.extend(rows.iter().map(|row| vec![row]));
        question.none.extend(without);
        match hand.filter(|text| question.holds(text)) {
            Some(text) => Answer::Text(text.to_owned()),
            None if without.is_empty() => self.budget.text(&question),
            None => self.budget.shortest(&question),
        }
    }

    /// A row with what is known of values in their places, or with this value of a slot.
    pub(super) fn hull_of(&self, row: &Row, value: Option<(usize, &str)>) -> Pattern {
        let mut steps = Vec::with_capacity(row.parts.len());
        for part in row.parts.iter() {
            let inner = match part {
                Part::Step(step) => {
                    steps.push(step.clone());
                    continue;
                }
                Part::Slot(inner) => inner,
            };
            if let Some((_, text)) = value.filter(|(slot, _)| *slot == inner.slot) {
                steps.extend(steps_of(text, inner.fold));
                continue;
            }
            let known = self.slots.get(inner.slot).filter(|_| !inner.fold);
            let pattern = known.and_then(|slot| {
                slot.all.iter().find_map(|group| match group.as_slice() {
                    [Piece::Plain(pattern)] => Some(pattern),
                    _ => None,
                })
            });
            match pattern {
                Some(pattern) => steps.extend(pattern.steps.iter().cloned()),
                None => steps.push(Step::Run(Set::Any)),
            }
        }
        Pattern { steps }
    }
}

/// The answer of all cases together.
fn solve_each<'m>(
    each: Vec<Texts<'m>>,
    model: &Model<'_>,
    cases: &mut usize,
) -> Solved<Vec<String>> {
    let mut unknown = None;
    for case in each {
        match case.solve_case(model, cases) {
            Solved::Found(texts) => return Solved::Found(texts),
            Solved::Empty(_) => {}
            Solved::Unknown(reason) => unknown = Some(reason),
        }
    }
    unknown.map_or(Solved::Empty(Vec::new()), Solved::Unknown)
}

/// Whether a pattern still matters once it is known whether a value in it holds a colon.
fn settle_segment(piece: &mut Piece<'_>, slot: usize, without_colon: bool) -> bool {
    let Piece::Open(row) = piece else {
        return true;
    };
    if row.slots().all(|own| own != slot) {
        return true;
    }
    for part in Rc::make_mut(&mut row.parts) {
        if let Part::Slot(inner) = part
            && inner.slot == slot
            && inner.segment
        {
            if !without_colon {
                return false;
            }
            inner.segment = false;
        }
    }
    true
}

impl Row {
    /// The slots in the row.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(inner) => Some(inner.slot),
            Part::Step(_) => None,
        })
    }

    /// Whether whatever matches is an ARN.
    pub(super) fn is_arn(&self) -> bool {
        let is = |part: &Part, c: char| *part == Part::Step(Step::One(Set::One(c)));
        let begins = self
            .parts
            .iter()
            .zip("arn:".chars())
            .all(|(part, c)| is(part, c));
        let colons = self.parts.iter().filter(|part| is(part, ':')).count();
        begins && colons >= 5
    }
}

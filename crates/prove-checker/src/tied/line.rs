//! Lines: what takes a text, with other texts in it.

use crate::automaton::{Cell, Row, is_empty};
use crate::data::{Set, Step};

/// One part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Step(Step),
    /// Another text; `segment`: the line takes nothing where it holds a colon; `fold`: its case does not count.
    Text {
        slot: usize,
        segment: bool,
        fold: bool,
    },
}

pub(crate) type Line = Vec<Part>;

/// What a line says of the length of its text.
pub(super) struct Length {
    /// The least, without the texts in it.
    pub(super) least: usize,
    /// The texts in it whose length counts.
    pub(super) inner: Vec<usize>,
    /// Whether there is nothing else in it.
    pub(super) exact: bool,
}

impl Length {
    pub(super) fn of(line: &Line) -> Self {
        let mut length = Self {
            least: 0,
            inner: Vec::new(),
            exact: true,
        };
        for part in line {
            match part {
                Part::Step(Step::One(_)) => length.least += 1,
                Part::Text {
                    slot, fold: false, ..
                } => length.inner.push(*slot),
                // A letter may be two in lower case.
                Part::Step(Step::Maybe(_) | Step::Run(_)) | Part::Text { fold: true, .. } => {
                    length.exact = false;
                }
            }
        }
        length
    }

    /// Whether it holds all texts of another.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let mut own = self.inner.clone();
        other.inner.iter().all(|slot| {
            let at = own.iter().position(|known| known == slot);
            at.map(|at| own.swap_remove(at)).is_some()
        })
    }
}

pub(super) fn symbol(slot: usize, fold: bool) -> usize {
    slot * 2 + usize::from(fold)
}

pub(super) fn cells(line: &Line) -> Row {
    let cell = |part: &Part| match part {
        Part::Step(step) => Cell::Step(step.clone()),
        Part::Text { slot, fold, .. } => Cell::Symbol(symbol(*slot, *fold)),
    };
    line.iter().map(cell).collect()
}

pub(super) fn step(part: &Part) -> Option<&Step> {
    match part {
        Part::Step(step) => Some(step),
        Part::Text { .. } => None,
    }
}

pub(crate) fn is_open(line: &Line) -> bool {
    line.iter().any(|part| matches!(part, Part::Text { .. }))
}

/// The steps of a text.
pub(crate) fn steps(text: &str) -> impl Iterator<Item = Step> {
    text.chars().map(|c| Step::One(Set::One(c)))
}

/// The text, if a line takes this text alone.
pub(crate) fn literal(line: &Line) -> Option<String> {
    let letter = |part: &Part| match part {
        Part::Step(Step::One(Set::One(c))) => Some(*c),
        _ => None,
    };
    line.iter().map(letter).collect()
}

/// The one other text in a line that holds it once.
pub(super) fn only(line: &Line) -> Option<usize> {
    let mut open = line.iter().filter_map(|part| match part {
        Part::Text { slot, fold, .. } => Some((*slot, *fold)),
        Part::Step(_) => None,
    });
    match (open.next(), open.next()) {
        (Some((slot, false)), None) => Some(slot),
        _ => None,
    }
}

/// What the one other text in a line may be where the line takes a text.
pub(super) fn readings(line: &Line, text: &str) -> Vec<String> {
    let cuts: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let mut found = Vec::new();
    for from in &cuts {
        for to in cuts.iter().filter(|to| *to >= from) {
            let Some(value) = text.get(*from..*to) else {
                continue;
            };
            let row: Row = line
                .iter()
                .flat_map(|part| match part {
                    Part::Step(step) => vec![Cell::Step(step.clone())],
                    Part::Text { .. } => steps(value).map(Cell::Step).collect(),
                })
                .collect();
            let whole: Row = steps(text).map(Cell::Step).collect();
            if !is_empty(&[vec![row], vec![whole]], &[], &mut |_, _| false) {
                found.push(value.to_owned());
            }
        }
    }
    found
}

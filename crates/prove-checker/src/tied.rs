//! Several texts at once, some of which stand in rows of others: whether no texts meet all that is demanded.
//!
//! Texts are found equal where every way to read a row against another has them take the same characters. For the rest a
//! text within a row is a symbol: what holds of rows with symbols holds whatever they stand for.

mod line;

use crate::automaton::{Cell, Row, in_step, is_empty};
use crate::data::{Set, Step};
use line::{Length, cells, only, readings, step, symbol};
pub(crate) use line::{Line, Part, is_open, literal, steps};
use std::collections::BTreeMap;
use std::ops::Range;

/// What is demanded of one text: one line of each group of `all` takes it, and none of `none`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) all: Vec<Vec<Line>>,
    pub(crate) none: Vec<Line>,
}

/// How many cases one system may be split into.
const CASES: usize = 3_000;
/// How many texts one may be for each to be tried.
const FEW: usize = 24;

/// Whether no texts are as demanded. `false` also where it is not found out.
pub(crate) fn refuted(slots: Vec<Slot>) -> bool {
    let root = (0..slots.len()).collect();
    let mut cases = CASES;
    System { slots, root }.refuted(&mut cases)
}

#[derive(Clone, Debug)]
struct System {
    slots: Vec<Slot>,
    root: Vec<usize>,
}

impl System {
    fn refuted(mut self, cases: &mut usize) -> bool {
        if *cases == 0 {
            return false;
        }
        *cases -= 1;
        if let Some(split) = self.choices() {
            return split.into_iter().all(|case| case.refuted(cases));
        }
        while self.settle_case() || self.equate() {}
        self.narrow();
        let roots: Vec<usize> = self.roots().collect();
        if self.has_no_lengths() || roots.iter().any(|at| self.has_no_text(*at)) {
            return true;
        }
        if roots.iter().any(|at| self.excludes_itself(*at)) {
            return true;
        }
        let split = self.values();
        !split.is_empty() && split.into_iter().all(|case| case.refuted(cases))
    }

    fn roots(&self) -> impl Iterator<Item = usize> {
        let all = self.root.iter().enumerate();
        all.filter(|(at, root)| at == *root).map(|(at, _)| at)
    }

    /// The cases of the first choice between lines of which one holds another text.
    fn choices(&self) -> Option<Vec<Self>> {
        let (at, group, lines) = self.slots.iter().enumerate().find_map(|(at, slot)| {
            let open = |lines: &Vec<Line>| lines.len() > 1 && lines.iter().any(is_open);
            let group = slot.all.iter().position(open)?;
            Some((at, group, slot.all.get(group)?.clone()))
        })?;
        let (open, plain): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(is_open);
        let mut choices: Vec<Vec<Line>> = open.into_iter().map(|line| vec![line]).collect();
        choices.extend((!plain.is_empty()).then_some(plain));
        let case = |choice: Vec<Line>| {
            let mut case = self.clone();
            let slot = case
                .slots
                .get_mut(at)
                .and_then(|slot| slot.all.get_mut(group));
            if let Some(slot) = slot {
                *slot = choice;
            }
            case
        };
        Some(choices.into_iter().map(case).collect())
    }

    /// A text without letters is itself whether its case counts or not. Whether there was such.
    fn settle_case(&mut self) -> bool {
        let caseless = Set::Ranges(vec![('\0', '@'), ('[', '`'), ('{', '\u{7f}')]);
        let lines = self
            .slots
            .iter()
            .flat_map(|slot| slot.all.iter().flatten().chain(&slot.none));
        let found = lines.flatten().find_map(|part| match part {
            Part::Text {
                slot, fold: true, ..
            } if self.holds(symbol(*slot, false), &caseless) => Some(*slot),
            _ => None,
        });
        let Some(at) = found else {
            return false;
        };
        for slot in &mut self.slots {
            let lines = slot.all.iter_mut().flatten().chain(&mut slot.none);
            for part in lines.flatten() {
                if let Part::Text { slot, fold, .. } = part
                    && *slot == at
                {
                    *fold = false;
                }
            }
        }
        true
    }

    /// Makes two texts one that are surely equal; whether there were such.
    fn equate(&mut self) -> bool {
        self.forbid_colons();
        let roots: Vec<usize> = self.roots().collect();
        for at in roots {
            let Some(slot) = self.slots.get(at) else {
                continue;
            };
            let lines: Vec<&Line> = slot
                .all
                .iter()
                .filter_map(|group| match group.as_slice() {
                    [line] if is_open(line) => Some(line),
                    _ => None,
                })
                .collect();
            for line in &lines {
                if let [
                    Part::Text {
                        slot, fold: false, ..
                    },
                ] = line.as_slice()
                    && *slot != at
                {
                    let slot = *slot;
                    self.join(at, slot);
                    return true;
                }
            }
            for (number, one) in lines.iter().enumerate() {
                for other in lines.iter().skip(number + 1) {
                    if let Some((one, other)) = self.equal_in(one, other) {
                        self.join(one, other);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Gives texts within lines what other lines without any have in their place.
    fn narrow(&mut self) {
        let mut found: Vec<(usize, Line)> = Vec::new();
        for slot in &self.slots {
            let single = || {
                slot.all.iter().filter_map(|group| match group.as_slice() {
                    [line] => Some(line),
                    _ => None,
                })
            };
            for open in single().filter(|line| is_open(line)) {
                let (steps, inner) = self.opened(open);
                for plain in single().filter(|line| !is_open(line)) {
                    let other: Vec<Step> = plain.iter().filter_map(step).cloned().collect();
                    for (inside, range) in &inner {
                        let place = places(&steps, range, &other)
                            .into_iter()
                            .find(|place| in_step(&steps, range.clone(), &other, place.clone()));
                        let there = place.and_then(|place| other.get(place));
                        let there = there.map(|there| there.iter().cloned().map(Part::Step));
                        found.extend(there.map(|line| (*inside, line.collect())));
                    }
                }
            }
        }
        for (at, line) in found {
            if let Some(slot) = self.slots.get_mut(at)
                && !slot.all.contains(&vec![line.clone()])
            {
                slot.all.push(vec![line]);
            }
        }
    }

    /// Two texts in two lines on one text that always take the same characters.
    fn equal_in(&self, one: &Line, other: &Line) -> Option<(usize, usize)> {
        let (steps, inner) = self.opened(one);
        let (along, there) = self.opened(other);
        for (slot, range) in &inner {
            for (opposite, place) in &there {
                if slot != opposite && in_step(&steps, range.clone(), &along, place.clone()) {
                    return Some((*slot, *opposite));
                }
            }
        }
        None
    }

    /// A line with what is known of the texts in it, and where each of them stands whose case counts.
    fn opened(&self, line: &Line) -> (Vec<Step>, Vec<(usize, Range<usize>)>) {
        let (mut steps, mut places) = (Vec::new(), Vec::new());
        for part in line {
            match part {
                Part::Step(step) => steps.push(step.clone()),
                Part::Text { slot, fold, .. } => {
                    let from = steps.len();
                    match fold {
                        true => steps.push(Step::Run(Set::Any)),
                        false => steps.extend(self.known(*slot)),
                    }
                    if !fold {
                        places.push((*slot, from..steps.len()));
                    }
                }
            }
        }
        (steps, places)
    }

    /// Steps that take every text that a slot may have.
    fn known(&self, slot: usize) -> Vec<Step> {
        let groups = self.slots.get(slot).map_or(&[][..], |slot| &slot.all);
        let plain = |group: &&Vec<Line>| matches!(group.as_slice(), [line] if !is_open(line));
        let bound = |group: &&Vec<Line>| {
            let runs = |part: &&Part| matches!(part, Part::Step(Step::Run(Set::Any)));
            group.iter().flatten().filter(runs).count()
        };
        match groups.iter().filter(plain).min_by_key(bound) {
            Some(group) => group.iter().flatten().filter_map(step).cloned().collect(),
            None => vec![Step::Run(Set::Any)],
        }
    }

    /// A text that stands in a segment has no colon where its line takes anything.
    fn forbid_colons(&mut self) {
        let mut without = Vec::new();
        for slot in &mut self.slots {
            for group in &mut slot.all {
                let [line] = group.as_mut_slice() else {
                    continue;
                };
                for part in line {
                    if let Part::Text { slot, segment, .. } = part
                        && *segment
                    {
                        *segment = false;
                        without.push(*slot);
                    }
                }
            }
        }
        for at in without {
            if let Some(slot) = self.slots.get_mut(at) {
                let steps = vec![Part::Step(Step::Run(Set::Except(':')))];
                slot.all.push(vec![steps]);
            }
        }
    }

    fn join(&mut self, kept: usize, gone: usize) {
        let moved = self
            .slots
            .get_mut(gone)
            .map(std::mem::take)
            .unwrap_or_default();
        if let Some(slot) = self.slots.get_mut(kept) {
            slot.all.extend(moved.all);
            slot.none.extend(moved.none);
        }
        self.root
            .iter_mut()
            .filter(|root| **root == gone)
            .for_each(|root| *root = kept);
        for slot in &mut self.slots {
            let lines = slot.all.iter_mut().flatten().chain(&mut slot.none);
            for part in lines.flatten() {
                if let Part::Text { slot, .. } = part
                    && *slot == gone
                {
                    *slot = kept;
                }
            }
        }
        // That a text is itself says nothing.
        let itself = |line: &Line| matches!(line.as_slice(), [Part::Text { slot, fold: false, .. }] if *slot == kept);
        if let Some(slot) = self.slots.get_mut(kept) {
            slot.all.retain(|group| !group.iter().any(&itself));
        }
    }

    /// Whether the lengths of texts contradict each other: one is longer than itself, or than it is elsewhere.
    fn has_no_lengths(&self) -> bool {
        let lines = || {
            self.slots.iter().enumerate().flat_map(|(at, slot)| {
                let single = slot.all.iter().filter_map(|group| match group.as_slice() {
                    [line] => Some(line),
                    _ => None,
                });
                single.map(move |line| (at, Length::of(line)))
            })
        };
        let twice = lines().any(|(at, one)| {
            let longer = |other: &Length| other.least > one.least && other.contains(&one);
            one.exact && lines().any(|(place, other)| place == at && longer(&other))
        });
        // Where none is longer than itself, as many rounds as there are texts find the least length of each.
        let mut least = vec![0_usize; self.slots.len()];
        let mut grew = false;
        for _ in 0..=self.slots.len() {
            grew = false;
            for (at, length) in lines() {
                let inner = length.inner.iter().filter_map(|slot| least.get(*slot));
                let sum = inner.fold(length.least, |sum, more| sum.saturating_add(*more));
                if let Some(own) = least.get_mut(at)
                    && sum > *own
                {
                    *own = sum;
                    grew = true;
                }
            }
        }
        twice || grew
    }

    /// Whether a slot has no text even if anything that is known stands in the place of others.
    fn has_no_text(&self, at: usize) -> bool {
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        let plain = slot.none.iter().filter(|line| !is_open(line));
        let none: Vec<Row> = plain.map(|line| self.row(line)).collect();
        is_empty(&self.demanded(slot), &none, &mut |_, _| false)
    }

    /// Whether one line that a text matches lies within those that it must not.
    fn excludes_itself(&self, at: usize) -> bool {
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        if slot.none.is_empty() {
            return false;
        }
        let itself = |line: &Line| matches!(line.as_slice(), [Part::Text { slot, segment: false, .. }] if *slot == at);
        if slot.none.iter().any(itself) {
            return true;
        }
        let mut known = BTreeMap::new();
        let mut holds = |symbol: usize, set: &Set| {
            *known
                .entry((symbol, set.clone()))
                .or_insert_with(|| self.holds(symbol, set))
        };
        let mut none: Vec<Row> = Vec::new();
        for line in &slot.none {
            let segments = line.iter().all(|part| match part {
                Part::Text {
                    slot,
                    segment: true,
                    fold,
                } => holds(symbol(*slot, *fold), &Set::Except(':')),
                _ => true,
            });
            if segments {
                none.push(cells(line));
            }
        }
        let open = slot.all.iter().filter_map(|group| match group.as_slice() {
            [line] => Some(cells(line)),
            _ => None,
        });
        let itself = vec![Cell::Symbol(symbol(at, false))];
        open.chain([itself])
            .any(|row| is_empty(&[vec![row]], &none, &mut holds))
    }

    /// Whether all characters of a slot's text are in a set.
    fn holds(&self, symbol: usize, set: &Set) -> bool {
        if *set == Set::Any {
            return true;
        }
        let Some(slot) = self
            .slots
            .get(symbol / 2)
            .filter(|_| symbol.is_multiple_of(2))
        else {
            return false;
        };
        let inside = vec![Cell::Step(Step::Run(set.clone()))];
        is_empty(&self.demanded(slot), &[inside], &mut |_, _| false)
    }

    /// A line, with anything that is known in the place of texts.
    fn row(&self, line: &Line) -> Row {
        self.opened(line).0.into_iter().map(Cell::Step).collect()
    }

    /// What a text must match: one row of each group.
    fn demanded(&self, slot: &Slot) -> Vec<Vec<Row>> {
        let rows = |group: &Vec<Line>| group.iter().map(|line| self.row(line)).collect();
        slot.all.iter().map(rows).collect()
    }

    /// The cases of a text that is one of a few, each put in its places; empty where there is none.
    fn values(&self) -> Vec<Self> {
        for at in self.roots() {
            let Some(slot) = self.slots.get(at) else {
                continue;
            };
            let inside = self.slots.iter().any(|other| {
                let lines = other.all.iter().flatten().chain(&other.none);
                lines
                    .flatten()
                    .any(|part| matches!(part, Part::Text { slot, fold: false, .. } if *slot == at))
            });
            let few = slot.all.iter().find_map(|group| {
                let texts: Option<Vec<String>> = group.iter().map(literal).collect();
                texts.filter(|texts| texts.len() <= FEW)
            });
            let Some(texts) = few else { continue };
            if inside {
                return texts.iter().map(|text| self.with(at, text)).collect();
            }
            // A line with one other text is read against each.
            let read = slot.all.iter().find_map(|group| match group.as_slice() {
                [line] => Some((line, only(line)?)),
                _ => None,
            });
            if let Some((line, inner)) = read {
                let mut found: Vec<String> =
                    texts.iter().flat_map(|text| readings(line, text)).collect();
                found.sort_unstable();
                found.dedup();
                return match found.is_empty() {
                    true => vec![self.with(inner, "").impossible(at)],
                    false => found.iter().map(|text| self.with(inner, text)).collect(),
                };
            }
        }
        Vec::new()
    }

    fn impossible(mut self, at: usize) -> Self {
        if let Some(slot) = self.slots.get_mut(at) {
            slot.all.push(Vec::new());
        }
        self
    }

    /// The system where a slot has this text.
    fn with(&self, at: usize, text: &str) -> Self {
        let mut case = self.clone();
        let line: Line = steps(text).map(Part::Step).collect();
        for slot in &mut case.slots {
            slot.none.retain(|line| {
                let colon = |part: &Part| matches!(part, Part::Text { slot, segment: true, .. } if *slot == at);
                !(text.contains(':') && line.iter().any(colon))
            });
            for own in slot.all.iter_mut().flatten().chain(&mut slot.none) {
                let parts = std::mem::take(own);
                *own = parts
                    .into_iter()
                    .flat_map(|part| match part {
                        Part::Text {
                            slot, fold: false, ..
                        } if slot == at => line.clone(),
                        part => vec![part],
                    })
                    .collect();
            }
        }
        if let Some(slot) = case.slots.get_mut(at) {
            slot.all.push(vec![line]);
        }
        case
    }
}

/// Where in other steps that may stand which stands in a range of steps: between the same characters.
fn places(steps: &[Step], range: &Range<usize>, other: &[Step]) -> Vec<Range<usize>> {
    let fixed = |step: Option<&Step>| match step {
        Some(Step::One(Set::One(c))) => Some(*c),
        _ => None,
    };
    let before = range.start.checked_sub(1).and_then(|at| steps.get(at));
    let after = steps.get(range.end);
    let starts = (0..=other.len()).filter(|at| match (before, at.checked_sub(1)) {
        (None, at) => at.is_none(),
        (Some(_), None) => false,
        (Some(before), Some(at)) => {
            fixed(Some(before)).is_some() && fixed(other.get(at)) == fixed(Some(before))
        }
    });
    let ends: Vec<usize> = (0..=other.len())
        .filter(|at| match after {
            None => *at == other.len(),
            Some(after) => {
                fixed(Some(after)).is_some() && fixed(other.get(*at)) == fixed(Some(after))
            }
        })
        .collect();
    let ranges = starts.flat_map(|from| {
        let behind = ends.iter().filter(move |to| **to >= from);
        behind.map(move |to| from..*to)
    });
    ranges.take(FEW).collect()
}

//! Whether a text exists that some rows of steps take and others do not: by following the sets of all places that each row
//! can be at (subset construction), over every kind of character that the rows tell apart.

use crate::data::{Set, Step};
use std::collections::{BTreeSet, HashSet, VecDeque};

/// One part of a row: a step, or a symbol that stands for a text that is not looked into. A text has two: an even number for
/// itself, and the odd one behind it for a text that is the same but for its case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Step(Step),
    Symbol(usize),
}

pub(crate) type Row = Vec<Cell>;

/// How many sets of places are followed.
const STATES: usize = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Char(char),
    Symbol(usize),
}

type Places = BTreeSet<(usize, usize)>;

/// Whether no text is taken by one row of each group of `all` and by none of `none`. A symbol is a letter of its own;
/// `holds` says whether all characters of what a symbol stands for surely are in a set. `false` also where it is not found
/// out.
pub(crate) fn is_empty(
    all: &[Vec<Row>],
    none: &[Row],
    holds: &mut dyn FnMut(usize, &Set) -> bool,
) -> bool {
    if all.iter().any(Vec::is_empty) {
        return true;
    }
    let groups: Vec<&[Row]> = all.iter().map(Vec::as_slice).chain([none]).collect();
    let letters = letters(&groups);
    let start: Vec<Places> = groups
        .iter()
        .map(|rows| {
            let mut places = Places::new();
            for row in 0..rows.len() {
                enter(rows, row, 0, &mut places);
            }
            places
        })
        .collect();
    let mut known = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    while let Some(state) = queue.pop_front() {
        let accepts = |(places, rows): (&Places, &&[Row])| {
            places
                .iter()
                .any(|(row, at)| rows.get(*row).is_some_and(|row| row.len() == *at))
        };
        let mut taken: Vec<bool> = state.iter().zip(&groups).map(accepts).collect();
        let refused = taken.pop() == Some(true);
        if !refused && taken.iter().all(|taken| *taken) {
            return false;
        }
        for letter in &letters {
            let next: Vec<Places> = state
                .iter()
                .zip(&groups)
                .map(|(places, rows)| follow(rows, places, *letter, holds))
                .collect();
            let dead = next.iter().take(all.len()).any(BTreeSet::is_empty);
            if !dead && known.insert(next.clone()) {
                if known.len() > STATES {
                    return false;
                }
                queue.push_back(next);
            }
        }
    }
    true
}

fn enter(rows: &[Row], row: usize, mut at: usize, places: &mut Places) {
    loop {
        places.insert((row, at));
        match rows.get(row).and_then(|row| row.get(at)) {
            Some(Cell::Step(Step::Run(_) | Step::Maybe(_))) => at += 1,
            _ => return,
        }
    }
}

fn follow(
    rows: &[Row],
    places: &Places,
    letter: Letter,
    holds: &mut dyn FnMut(usize, &Set) -> bool,
) -> Places {
    let mut next = Places::new();
    for (row, at) in places {
        let Some(cell) = rows.get(*row).and_then(|row| row.get(*at)) else {
            continue;
        };
        match (cell, letter) {
            (Cell::Step(step), Letter::Char(c)) if step.set().contains(c) => {
                let stays = matches!(step, Step::Run(_));
                enter(rows, *row, at + usize::from(!stays), &mut next);
            }
            (Cell::Step(Step::Run(set)), Letter::Symbol(symbol)) if holds(symbol, set) => {
                enter(rows, *row, *at, &mut next);
            }
            // Where case does not count, what is the text as it is is taken too.
            (Cell::Symbol(own), Letter::Symbol(symbol))
                if *own == symbol || *own == (symbol | 1) =>
            {
                enter(rows, *row, at + 1, &mut next);
            }
            _ => {}
        }
    }
    next
}

/// One character of each kind, and every symbol that must be taken.
fn letters(groups: &[&[Row]]) -> Vec<Letter> {
    let cells = || groups.iter().flat_map(|rows| rows.iter()).flatten();
    let sets = cells().filter_map(|cell| match cell {
        Cell::Step(step) => Some(step.set()),
        Cell::Symbol(_) => None,
    });
    let mut letters: Vec<Letter> = kinds(sets).into_iter().map(Letter::Char).collect();
    let symbols: BTreeSet<usize> = cells()
        .filter_map(|cell| match cell {
            Cell::Symbol(symbol) => Some(*symbol),
            Cell::Step(_) => None,
        })
        .collect();
    letters.extend(symbols.into_iter().map(Letter::Symbol));
    letters
}

/// One character of each kind that sets tell apart.
pub(crate) fn kinds<'a>(sets: impl Iterator<Item = &'a Set>) -> BTreeSet<char> {
    let mut edges = BTreeSet::from([0_u32]);
    for set in sets {
        let mut edge = |low: char, high: char| {
            edges.insert(u32::from(low));
            edges.insert(u32::from(high) + 1);
        };
        match set {
            Set::Any => {}
            Set::One(c) | Set::Except(c) => edge(*c, *c),
            Set::EitherCase(c) => {
                edge(c.to_ascii_lowercase(), c.to_ascii_lowercase());
                edge(c.to_ascii_uppercase(), c.to_ascii_uppercase());
            }
            Set::Ranges(ranges) => ranges.iter().for_each(|(low, high)| edge(*low, *high)),
        }
    }
    // No character has a number from 0xD800 to 0xDFFF.
    let character = |edge: u32| match edge {
        0xD800..=0xDFFF => char::from_u32(0xE000),
        edge => char::from_u32(edge),
    };
    edges.into_iter().filter_map(character).collect()
}

/// Whether two rows of steps take one text only in such ways that what the step numbers in `one` take is what those in
/// `other` take. The numbers are ranges of steps.
pub(crate) fn in_step(
    one: &[Step],
    inner: std::ops::Range<usize>,
    other: &[Step],
    there: std::ops::Range<usize>,
) -> bool {
    let letters = kinds(one.iter().chain(other).map(Step::set));
    let mut known = HashSet::from([(0, 0, false)]);
    let mut queue = VecDeque::from([(0, 0, false)]);
    while let Some((at, place, apart)) = queue.pop_front() {
        if apart && at == one.len() && place == other.len() {
            return false;
        }
        let mut next = Vec::new();
        let skips = |step: Option<&Step>| matches!(step, Some(Step::Run(_) | Step::Maybe(_)));
        if skips(one.get(at)) {
            next.push((at + 1, place, apart));
        }
        if skips(other.get(place)) {
            next.push((at, place + 1, apart));
        }
        if let (Some(step), Some(along)) = (one.get(at), other.get(place))
            && letters
                .iter()
                .any(|c| step.set().contains(*c) && along.set().contains(*c))
        {
            let stays = |step: &Step| usize::from(!matches!(step, Step::Run(_)));
            let differ = inner.contains(&at) != there.contains(&place);
            next.push((at + stays(step), place + stays(along), apart || differ));
        }
        for state in next {
            if known.insert(state) {
                if known.len() > STATES {
                    return false;
                }
                queue.push_back(state);
            }
        }
    }
    true
}

//! What follows from two patterns on one text where values are delimited: they are parsed in one way only, so that a value
//! in one equals what stands in its place in the other.

use super::slot::{Inner, Part};
use crate::language::{Set, Step};

/// What follows from two patterns on the same text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// Two texts are equal.
    Equal(usize, usize),
    /// A text is this one.
    Is(usize, String),
    /// No text matches both.
    Conflict,
}

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen<'a> {
    Step(&'a Step),
    Slot(Inner),
}

impl<'a> From<&'a Part> for Seen<'a> {
    fn from(part: &'a Part) -> Self {
        match part {
            Part::Step(step) => Self::Step(step),
            Part::Slot(inner) => Self::Slot(*inner),
        }
    }
}

/// Whether a text surely lacks a character.
pub(super) type Lacks<'a> = &'a mut dyn FnMut(usize, char) -> bool;

/// Everything that follows, from the front and from the end.
pub(super) fn unify(one: &[Seen<'_>], other: &[Seen<'_>], lacks: Lacks<'_>) -> Vec<Fact> {
    let mut facts = front(one, other, lacks);
    let behind = front(&reversed(one), &reversed(other), lacks);
    facts.extend(behind.into_iter().map(|fact| match fact {
        Fact::Is(slot, text) => Fact::Is(slot, text.chars().rev().collect()),
        fact => fact,
    }));
    facts
}

fn reversed<'a>(parts: &[Seen<'a>]) -> Vec<Seen<'a>> {
    parts.iter().rev().copied().collect()
}

fn front(one: &[Seen<'_>], other: &[Seen<'_>], lacks: Lacks<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let (mut one, mut other) = (one, other);
    loop {
        match (one.split_first(), other.split_first()) {
            (None, None) => return facts,
            (None, Some(_)) | (Some(_), None) => {
                let rest = if one.is_empty() { other } else { one };
                let more = |part: &Seen<'_>| matches!(part, Seen::Step(Step::One(_)));
                facts.extend(rest.iter().any(more).then_some(Fact::Conflict));
                return facts;
            }
            (Some((Seen::Step(Step::One(a)), next)), Some((Seen::Step(Step::One(b)), further))) => {
                if disjoint(a, b) {
                    facts.push(Fact::Conflict);
                    return facts;
                }
                (one, other) = (next, further);
            }
            (Some((Seen::Slot(a), next)), Some((Seen::Slot(b), further))) if a == b => {
                (one, other) = (next, further);
            }
            _ => {
                let Some((at, there)) = delimited(one, other, lacks) else {
                    facts.extend(whole(one, other));
                    return facts;
                };
                let (field, next) = one.split_at_checked(at).unwrap_or((one, &[]));
                let (same, further) = other.split_at_checked(there).unwrap_or((other, &[]));
                facts.extend(unify(field, same, lacks));
                (one, other) = (next, further);
            }
        }
    }
}

/// Where the same character stands in both rows, of which nothing before it can hold one: both parse the text up to there
/// alike.
fn delimited(one: &[Seen<'_>], other: &[Seen<'_>], lacks: Lacks<'_>) -> Option<(usize, usize)> {
    // Behind what takes every character nothing is delimited.
    let everything = |part: &Seen<'_>| matches!(part, Seen::Step(step) if *step.set() == Set::Any);
    if other.first().is_some_and(everything) {
        return None;
    }
    let mut tried: Vec<char> = Vec::new();
    for (at, part) in one.iter().take_while(|part| !everything(part)).enumerate() {
        let Seen::Step(Step::One(Set::One(c))) = part else {
            continue;
        };
        if tried.contains(c) {
            continue;
        }
        tried.push(*c);
        let mut first = |row: &[Seen<'_>]| -> Option<usize> {
            let is =
                |part: &Seen<'_>| matches!(part, Seen::Step(Step::One(Set::One(own))) if own == c);
            let at = row.iter().position(is)?;
            let before = row.get(..at)?;
            before
                .iter()
                .all(|part| part_lacks(part, *c, lacks))
                .then_some(at)
        };
        if first(one) == Some(at)
            && let Some(there) = first(other)
        {
            return Some((at, there));
        }
    }
    None
}

fn part_lacks(part: &Seen<'_>, c: char, lacks: Lacks<'_>) -> bool {
    match part {
        Seen::Step(step) => !step.set().contains(c),
        Seen::Slot(inner) => !inner.fold && lacks(inner.slot, c),
    }
}

/// What follows from two rows that match the same text as wholes, where one is a value and nothing else.
fn whole(one: &[Seen<'_>], other: &[Seen<'_>]) -> Option<Fact> {
    let value = |row: &[Seen<'_>]| match row {
        [Seen::Slot(inner)] if !inner.fold => Some(inner.slot),
        _ => None,
    };
    let text = |row: &[Seen<'_>]| -> Option<String> {
        let letter = |part: &Seen<'_>| match part {
            Seen::Step(Step::One(Set::One(c))) => Some(*c),
            _ => None,
        };
        row.iter().map(letter).collect()
    };
    match (value(one), value(other)) {
        (Some(a), Some(b)) => Some(Fact::Equal(a, b)),
        (Some(a), None) => text(other).map(|text| Fact::Is(a, text)),
        (None, Some(b)) => text(one).map(|text| Fact::Is(b, text)),
        (None, None) => None,
    }
}

fn disjoint(one: &Set, other: &Set) -> bool {
    match (one, other) {
        (Set::One(c), set) | (set, Set::One(c)) => !set.contains(*c),
        _ => false,
    }
}

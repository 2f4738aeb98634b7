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

/// Whether a text surely lacks a character.
pub(super) type Lacks<'a> = &'a mut dyn FnMut(usize, char) -> bool;

/// Everything that follows, from the front and from the end.
pub(super) fn unify(one: &[Part], other: &[Part], lacks: Lacks<'_>) -> Vec<Fact> {
    let mut facts = front(one, other, lacks);
    let reversed = |parts: &[Part]| parts.iter().rev().cloned().collect::<Vec<_>>();
    let behind = front(&reversed(one), &reversed(other), lacks);
    facts.extend(behind.into_iter().map(|fact| match fact {
        Fact::Is(slot, text) => Fact::Is(slot, text.chars().rev().collect()),
        fact => fact,
    }));
    facts
}

fn front(one: &[Part], other: &[Part], lacks: Lacks<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let (mut one, mut other) = (one, other);
    loop {
        match (one.split_first(), other.split_first()) {
            (None, None) => return facts,
            (None, Some(_)) | (Some(_), None) => {
                let rest = if one.is_empty() { other } else { one };
                if rest
                    .iter()
                    .any(|part| matches!(part, Part::Step(Step::One(_))))
                {
                    facts.push(Fact::Conflict);
                }
                return facts;
            }
            (Some((Part::Step(Step::One(a)), next)), Some((Part::Step(Step::One(b)), further))) => {
                if disjoint(a, b) {
                    facts.push(Fact::Conflict);
                    return facts;
                }
                (one, other) = (next, further);
            }
            (Some((Part::Slot(a), next)), Some((Part::Slot(b), further))) => {
                if a.fold || b.fold {
                    return facts;
                }
                if a.slot != b.slot {
                    if !ends_alike(*a, next, *b, further, lacks) {
                        return facts;
                    }
                    facts.push(Fact::Equal(a.slot, b.slot));
                }
                (one, other) = (next, further);
            }
            (Some((Part::Slot(inner), next)), Some((Part::Step(_), _))) => {
                match read_off(*inner, next, other, lacks) {
                    Ok((fact, rest)) => {
                        facts.push(fact);
                        (one, other) = (next, rest);
                    }
                    Err(fact) => {
                        facts.extend(fact);
                        return facts;
                    }
                }
            }
            (Some((Part::Step(_), _)), Some((Part::Slot(inner), next))) => {
                match read_off(*inner, next, one, lacks) {
                    Ok((fact, rest)) => {
                        facts.push(fact);
                        (one, other) = (rest, next);
                    }
                    Err(fact) => {
                        facts.extend(fact);
                        return facts;
                    }
                }
            }
            _ => return facts,
        }
    }
}

/// Whether two values that begin at the same place end at the same place.
fn ends_alike(a: Inner, next: &[Part], b: Inner, further: &[Part], lacks: Lacks<'_>) -> bool {
    match (delimiter(next), delimiter(further)) {
        (Some(None), Some(None)) => true,
        (Some(Some(c)), Some(Some(d))) => c == d && lacks(a.slot, c) && lacks(b.slot, d),
        _ => false,
    }
}

/// What stands behind a value: nothing (`Some(None)`), a character, or something else (`None`).
#[expect(
    clippy::option_option,
    reason = "nothing and something else are different answers"
)]
fn delimiter(rest: &[Part]) -> Option<Option<char>> {
    match rest.first() {
        None => Some(None),
        Some(Part::Step(Step::One(Set::One(c)))) => Some(Some(*c)),
        Some(_) => None,
    }
}

/// Reads a value off literal characters; the rest begins with what stands behind the value.
fn read_off<'r>(
    inner: Inner,
    next: &[Part],
    row: &'r [Part],
    lacks: Lacks<'_>,
) -> Result<(Fact, &'r [Part]), Option<Fact>> {
    let end = delimiter(next).ok_or(None)?;
    if inner.fold || end.is_some_and(|c| !lacks(inner.slot, c)) {
        return Err(None);
    }
    let mut text = String::new();
    let mut rest = row;
    loop {
        match (rest.split_first(), end) {
            (None, None) => return Ok((Fact::Is(inner.slot, text), rest)),
            (None, Some(_)) => return Err(Some(Fact::Conflict)),
            (Some((Part::Step(Step::One(Set::One(c))), _)), Some(end)) if *c == end => {
                return Ok((Fact::Is(inner.slot, text), rest));
            }
            (Some((Part::Step(Step::One(Set::One(c))), further)), _) => {
                text.push(*c);
                rest = further;
            }
            _ => return Err(None),
        }
    }
}

fn disjoint(one: &Set, other: &Set) -> bool {
    match (one, other) {
        (Set::One(c), set) | (set, Set::One(c)) => !set.contains(*c),
        _ => false,
    }
}

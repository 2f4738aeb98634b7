//! Two patterns of one text, cut where there is only one way to cut them.

use super::Piece;
use super::split::plain;
use crate::language::{Pattern, Set, Step};

/// What follows when a text matches two patterns.
pub(super) enum Outcome {
    /// No text matches both.
    Clash,
    /// The one is not decided by cutting.
    Unclear,
    /// Both match if and only if this holds.
    Merged(Merged),
}

/// A pattern in place of two, and what has to hold besides.
#[derive(Default)]
pub(super) struct Merged {
    /// The text matches this.
    pub(super) pattern: Vec<Piece>,
    /// Each of these texts matches its pattern.
    pub(super) bindings: Vec<(usize, Vec<Piece>)>,
    /// The text goes on behind the pattern with something that matches both.
    pub(super) tails: Option<(Pattern, Pattern)>,
}

/// Whether no value of a text, given by its number, holds a character.
pub(super) type Excludes<'e> = &'e dyn Fn(usize, char) -> bool;

/// Joins two patterns of one text.
pub(super) fn align(left: &[Piece], right: &[Piece], excludes: Excludes<'_>) -> Outcome {
    let mut merged = Merged::default();
    let (mut left, mut right) = (left, right);
    loop {
        if is_everything(left) || left == right {
            merged.pattern.extend_from_slice(right);
            return Outcome::Merged(merged);
        }
        if is_everything(right) {
            merged.pattern.extend_from_slice(left);
            return Outcome::Merged(merged);
        }
        let ((first, left_rest), (second, right_rest)) =
            match (left.split_first(), right.split_first()) {
                (Some(left), Some(right)) => (left, right),
                (None, _) => return end(merged, right),
                (_, None) => return end(merged, left),
            };
        match (first, second) {
            (Piece::Text(x), Piece::Text(y)) if x == y => {
                merged.pattern.push(first.clone());
                (left, right) = (left_rest, right_rest);
                continue;
            }
            (Piece::Step(Step::One(a)), Piece::Step(Step::One(b))) => match meet(a, b) {
                Meet::Nothing => return Outcome::Clash,
                Meet::Set(set) => {
                    merged.pattern.push(Piece::Step(Step::One(set)));
                    (left, right) = (left_rest, right_rest);
                    continue;
                }
                Meet::Unclear => {}
            },
            _ => {}
        }
        match cut(left, right, excludes).or_else(|| cut(right, left, excludes).map(Cut::turned)) {
            Some(Cut::Clash) => return Outcome::Clash,
            Some(Cut::Part {
                variable,
                part,
                rest: (left_rest, right_rest),
            }) => {
                merged.pattern.push(Piece::Text(variable));
                merged.bindings.push((variable, part.to_vec()));
                (left, right) = (left_rest, right_rest);
            }
            None => match run(left, right, excludes)
                .or_else(|| run(right, left, excludes).map(Run::turned))
            {
                Some(Run::Clash) => return Outcome::Clash,
                Some(Run::Part {
                    part,
                    bindings,
                    rest,
                }) => {
                    merged.pattern.extend_from_slice(part);
                    merged.bindings.extend(bindings);
                    (left, right) = rest;
                }
                None => match (plain(left), plain(right)) {
                    (Some(left), Some(right)) => {
                        merged.tails = Some((left, right));
                        return Outcome::Merged(merged);
                    }
                    _ => return Outcome::Unclear,
                },
            },
        }
    }
}

fn is_everything(pieces: &[Piece]) -> bool {
    matches!(pieces, [Piece::Step(Step::Run(Set::Any))])
}

/// One of the patterns has come to its end: the rest of the other has to be empty.
fn end(mut merged: Merged, rest: &[Piece]) -> Outcome {
    for piece in rest {
        match piece {
            Piece::Step(Step::One(_)) => return Outcome::Clash,
            Piece::Step(_) => {}
            Piece::Text(variable) => merged.bindings.push((*variable, Vec::new())),
        }
    }
    Outcome::Merged(merged)
}

enum Cut<'a> {
    Clash,
    /// The variable at the front of one pattern is what the other begins with.
    Part {
        variable: usize,
        part: &'a [Piece],
        rest: (&'a [Piece], &'a [Piece]),
    },
}

impl Cut<'_> {
    fn turned(self) -> Self {
        match self {
            Self::Part {
                variable,
                part,
                rest: (left, right),
            } => Self::Part {
                variable,
                part,
                rest: (right, left),
            },
            Self::Clash => Self::Clash,
        }
    }
}

/// What the variable at the front of `left` stands for in `right`; `None` where that is not clear.
fn cut<'a>(left: &'a [Piece], right: &'a [Piece], excludes: Excludes<'_>) -> Option<Cut<'a>> {
    let (Piece::Text(variable), rest) = left.split_first()? else {
        return None;
    };
    let variable = *variable;
    let ending = match rest.first() {
        None => {
            return Some(Cut::Part {
                variable,
                part: right,
                rest: (rest, &[]),
            });
        }
        Some(Piece::Step(Step::One(Set::One(ending)))) => *ending,
        Some(_) => return None,
    };
    if !excludes(variable, ending) {
        return None;
    }
    for (at, piece) in right.iter().enumerate() {
        match piece {
            Piece::Step(Step::One(Set::One(c))) if *c == ending => {
                return Some(Cut::Part {
                    variable,
                    part: right.get(..at)?,
                    rest: (rest, right.get(at..)?),
                });
            }
            Piece::Step(step) if !step.set().contains(ending) => {}
            Piece::Text(other) if excludes(*other, ending) => {}
            _ => return None,
        }
    }
    // The one goes on with a character that the other never comes to.
    Some(Cut::Clash)
}

enum Run<'a> {
    Clash,
    /// What the other begins with stands in the place of the run.
    Part {
        part: &'a [Piece],
        bindings: Vec<(usize, Vec<Piece>)>,
        rest: (&'a [Piece], &'a [Piece]),
    },
}

impl Run<'_> {
    fn turned(self) -> Self {
        match self {
            Self::Part {
                part,
                bindings,
                rest: (left, right),
            } => Self::Part {
                part,
                bindings,
                rest: (right, left),
            },
            Self::Clash => Self::Clash,
        }
    }
}

/// What stands in `right` in the place of the run at the front of `left` that ends at the first character which is not of
/// its set, such as a segment of an ARN.
fn run<'a>(left: &'a [Piece], right: &'a [Piece], excludes: Excludes<'_>) -> Option<Run<'a>> {
    let (Piece::Step(Step::Run(set)), rest) = left.split_first()? else {
        return None;
    };
    let Some(Piece::Step(Step::One(Set::One(ending)))) = rest.first() else {
        return None;
    };
    if set.contains(*ending) {
        return None;
    }
    let mut bindings = Vec::new();
    for (at, piece) in right.iter().enumerate() {
        match piece {
            Piece::Step(Step::One(Set::One(c))) if c == ending => {
                return Some(Run::Part {
                    part: right.get(..at)?,
                    bindings,
                    rest: (rest, right.get(at..)?),
                });
            }
            Piece::Step(Step::One(Set::One(c))) => match set.contains(*c) {
                true => {}
                false => return Some(Run::Clash),
            },
            Piece::Step(step) if step.set() == set => {}
            Piece::Text(text) if excludes(*text, *ending) => {
                bindings.push((*text, vec![Piece::Step(Step::Run(set.clone()))]));
            }
            _ => return None,
        }
    }
    Some(Run::Clash)
}

enum Meet {
    Nothing,
    Set(Set),
    Unclear,
}

/// The characters of both sets.
fn meet(a: &Set, b: &Set) -> Meet {
    match (a, b) {
        _ if a == b => Meet::Set(a.clone()),
        (Set::Any, other) | (other, Set::Any) => Meet::Set(other.clone()),
        (Set::One(c), other) | (other, Set::One(c)) => match other.contains(*c) {
            true => Meet::Set(Set::One(*c)),
            false => Meet::Nothing,
        },
        (Set::EitherCase(c), other) | (other, Set::EitherCase(c)) => {
            let (low, high) = (c.to_ascii_lowercase(), c.to_ascii_uppercase());
            match (other.contains(low), other.contains(high)) {
                (true, true) => Meet::Set(Set::EitherCase(*c)),
                (true, false) => Meet::Set(Set::One(low)),
                (false, true) => Meet::Set(Set::One(high)),
                (false, false) => Meet::Nothing,
            }
        }
        _ => Meet::Unclear,
    }
}

#[cfg(test)]
mod tests;

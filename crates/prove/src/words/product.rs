//! The search for one text that several patterns match, with values of the texts that they hold.

mod machine;
mod state;
mod walk;

use std::collections::{BTreeMap, HashSet};

use super::reduce::Reduced;
use super::{Piece, Reason};
use crate::language::{Alphabet, Pattern, Question, Set, Step};
use machine::Machine;
use state::Side;
use walk::{End, Mode, Walk};

/// What a search found.
pub(super) enum Found {
    /// Values of the text and of all texts that its patterns hold.
    Values(BTreeMap<usize, String>),
    /// There are none.
    None,
    /// It was not decided.
    Unknown(Reason),
}

/// Finds a text of `class` that matches `patterns`, such that those of `pairs` that it or its patterns hold differ.
/// `known` are values that were found before.
pub(super) fn search(
    reduced: &Reduced<'_>,
    class: usize,
    patterns: &[Vec<Piece>],
    pairs: &[(usize, usize)],
    known: &BTreeMap<usize, String>,
    left: &mut usize,
) -> Found {
    let sides: Vec<Side> = patterns.iter().map(|pattern| Side::new(pattern)).collect();
    let pairs = state::pairs(&sides, pairs);
    let differing = pairs.iter().filter(|pair| pair.differ).count();
    let literal = |(class, text): (&usize, &String)| (*class, Pattern::literal(text));
    let known: BTreeMap<usize, Pattern> = known.iter().map(literal).collect();
    let questions = machine::questions(reduced, class, &sides, &known);
    let Some(alphabet) = alphabet(&sides, &questions, differing + 1) else {
        return Found::Unknown(Reason::Alphabet);
    };
    let mut machines = Vec::new();
    for (number, question) in &questions {
        match Machine::new(question, &alphabet) {
            Some(machine) => machines.push((*number, machine)),
            None => return Found::None,
        }
    }
    let mut walk = Walk::new(class, &sides, pairs, machines, &alphabet);
    decide(&mut walk, differing, left)
}

/// Walks in as many ways as it takes.
fn decide(walk: &mut Walk<'_>, differing: usize, left: &mut usize) -> Found {
    let repeated = walk.has_equal_pairs();
    // Out of step at all? That some are says nothing yet; that none are decides it.
    match walk.run(
        Mode {
            apart: false,
            together: true,
        },
        left,
    ) {
        End::Found(values) => return Found::Values(values),
        End::Unknown(reason) => return Found::Unknown(reason),
        End::Nothing { reached: false } if !repeated => return Found::None,
        End::Nothing { .. } => {}
    }
    if differing > 0 {
        match walk.run(
            Mode {
                apart: true,
                together: true,
            },
            left,
        ) {
            End::Found(values) => return Found::Values(values),
            End::Unknown(reason) => return Found::Unknown(reason),
            End::Nothing { .. } if !repeated => return Found::None,
            End::Nothing { .. } => {}
        }
    }
    // What stands in several places was kept in step. If there is nothing even where its places may differ, as long as
    // their lengths do not, there is no answer.
    match walk.run(
        Mode {
            apart: true,
            together: false,
        },
        left,
    ) {
        End::Found(values) => Found::Values(values),
        End::Unknown(reason) => Found::Unknown(reason),
        End::Nothing { reached: false } => Found::None,
        End::Nothing { reached: true } => Found::Unknown(Reason::Repeated),
    }
}

/// The characters that a search tells apart, with `spare` of each kind that has so many.
fn alphabet(sides: &[Side], questions: &[(usize, Question<'_>)], spare: usize) -> Option<Alphabet> {
    let own = sides.iter().flat_map(Side::sets);
    let of_questions = questions.iter().flat_map(|(_, question)| {
        let patterns = question.all.iter().flatten().chain(&question.none);
        patterns.flat_map(|pattern| pattern.steps.iter().map(Step::set))
    });
    let distinct: HashSet<&Set> = own.chain(of_questions).collect();
    let mut alphabet = Alphabet::new(distinct.iter().copied())?;
    for _ in 1..spare {
        // Each kind falls apart into the one that stood for it and the others.
        let single = |symbol: &char| Set::One(*symbol);
        let singles: Vec<Set> = alphabet.symbols().iter().map(single).collect();
        alphabet = Alphabet::new(distinct.iter().copied().chain(&singles))?;
    }
    Some(alphabet)
}

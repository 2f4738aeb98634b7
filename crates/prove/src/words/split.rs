//! Patterns that must not match: tried without, and split where that is not enough.

use super::reduce::Reduced;
use super::{Answer, Equation, Language, Piece, Reason, System, take};
use crate::language::{Pattern, Set, Step};

/// Solves a system. Patterns that must not match are left out as long as the texts found do not match them.
pub(super) fn solve(system: &System<'_>, left: &mut usize) -> Answer {
    let (simple, negated) = separate(system);
    solve_lazily(&simple, &negated, left)
}

/// The system without the patterns that must not match, except those that are simple, and the others.
fn separate<'p>(system: &System<'p>) -> (System<'p>, Vec<Equation>) {
    let mut simple = system.clone();
    simple.equations.clear();
    let mut negated = Vec::new();
    for equation in &system.equations {
        match equation.pattern.as_slice() {
            _ if equation.holds => simple.equations.push(equation.clone()),
            [Piece::Text(other)] => simple.differ.push(vec![(equation.text, *other)]),
            pattern => match plain(pattern) {
                Some(pattern) => {
                    if let Some(language) = simple.texts.get_mut(equation.text) {
                        language.none.push(std::borrow::Cow::Owned(pattern));
                    }
                }
                None => negated.push(equation.clone()),
            },
        }
    }
    (simple, negated)
}

/// A pattern without other texts in it.
pub(crate) fn plain(pieces: &[Piece]) -> Option<Pattern> {
    let step = |piece: &Piece| match piece {
        Piece::Step(step) => Some(step.clone()),
        Piece::Text(_) => None,
    };
    let steps: Option<Vec<Step>> = pieces.iter().map(step).collect();
    steps.map(|steps| Pattern { steps })
}

fn solve_lazily(system: &System<'_>, negated: &[Equation], left: &mut usize) -> Answer {
    if !take(left) {
        return Answer::Unknown(Reason::Budget);
    }
    let texts = match Reduced::new(system) {
        Ok(reduced) => match reduced.solve(left) {
            Answer::Texts(texts) => texts,
            other => return other,
        },
        Err(answer) => return answer,
    };
    let violated = negated
        .iter()
        .position(|equation| equation.is_true(&texts) != equation.holds);
    let Some((at, violated)) = violated.and_then(|at| Some((at, negated.get(at)?))) else {
        return match system.holds(&texts) {
            true => Answer::Texts(texts),
            false => Answer::Unknown(Reason::Repeated),
        };
    };
    let Some(branches) = alternatives(system, violated) else {
        return Answer::Unknown(Reason::Negated);
    };
    let mut others = negated.to_vec();
    others.remove(at);
    let mut unknown = None;
    for branch in branches {
        match solve_lazily(&branch, &others, left) {
            Answer::None => {}
            Answer::Unknown(reason) => unknown = Some(reason),
            found @ Answer::Texts(_) => return found,
        }
    }
    unknown.map_or(Answer::None, Answer::Unknown)
}

/// The ways in which a pattern may fail to match. Each variable in it must be ended by a character that its values never
/// hold, or by the end, and nothing before the last of them may be of more than one length: then a text has at most one
/// way to match, and fails by its form or by one of its parts.
fn alternatives<'p>(system: &System<'p>, violated: &Equation) -> Option<Vec<System<'p>>> {
    let pieces = &violated.pattern;
    let last = pieces
        .iter()
        .rposition(|piece| matches!(piece, Piece::Text(_)))?;
    let mut form = Vec::new();
    let mut parts = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Step(step) if at > last || matches!(step, Step::One(_)) => {
                form.push(step.clone());
            }
            Piece::Step(_) => return None,
            Piece::Text(variable) => {
                let set = match pieces.get(at + 1) {
                    None => Set::Any,
                    Some(Piece::Step(Step::One(Set::One(end)))) => {
                        let excluded = system.texts.get(*variable)?.excludes(*end);
                        excluded.then_some(Set::Except(*end))?
                    }
                    Some(_) => return None,
                };
                let run = Step::Run(set);
                form.push(run.clone());
                parts.push((at, *variable, run));
            }
        }
    }
    let mut branches = Vec::new();
    let mut other_form = system.clone();
    let language = other_form.texts.get_mut(violated.text)?;
    language
        .none
        .push(std::borrow::Cow::Owned(Pattern { steps: form }));
    branches.push(other_form);
    for (at, ..) in &parts {
        branches.push(other_part(system, violated, &parts, *at));
    }
    Some(branches)
}

/// The system where the text has the form of the pattern and the part at `place` is another text.
fn other_part<'p>(
    system: &System<'p>,
    violated: &Equation,
    parts: &[(usize, usize, Step)],
    place: usize,
) -> System<'p> {
    let mut branch = system.clone();
    let mut pattern = violated.pattern.clone();
    for (at, variable, run) in parts {
        let fresh = branch.texts.len();
        let steps = vec![run.clone()];
        branch.texts.push(Language::of(Pattern { steps }));
        if let Some(piece) = pattern.get_mut(*at) {
            *piece = Piece::Text(fresh);
        }
        if *at == place {
            branch.differ.push(vec![(fresh, *variable)]);
        }
    }
    branch.equations.push(Equation {
        text: violated.text,
        pattern,
        holds: true,
    });
    branch
}

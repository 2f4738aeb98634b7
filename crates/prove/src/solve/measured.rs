//! One text that is held against numbers, dates or addresses: the engine reads it; here are the values worth trying.

use super::Solved;
use super::slot::{Piece, Slot};
use crate::language::{Answer, Pattern};
use crate::model::Model;
use policy::document::Comparison;

/// A text that meets what is demanded of a slot.
pub(super) fn answer(model: &Model<'_>, slot: &Slot<'_>) -> Solved<String> {
    let question = slot.plain_question();
    let holds = |text: &String| {
        let measured = slot.measured.iter().all(|(id, demand)| {
            let measure = model.measure(*id);
            measure.is_some_and(|measure| demand.meets(measure.matches_value(text)))
        });
        measured && question.holds(text)
    };
    let (candidates, complete) = candidates(model, slot);
    if let Some(found) = candidates.into_iter().find(|text| holds(text)) {
        return Solved::Found(found);
    }
    if complete {
        return Solved::Empty(Vec::new());
    }
    match model.budget.text(&question) {
        Answer::Text(text) if holds(&text) => Solved::Found(text),
        Answer::Empty => Solved::Empty(Vec::new()),
        Answer::Text(_) | Answer::Unknown => Solved::Unknown(
            "a key is compared as a number, date or address and with wildcards at once".into(),
        ),
    }
}

/// Texts worth trying, and whether one of them meets the demands if any text does.
fn candidates(model: &Model<'_>, slot: &Slot<'_>) -> (Vec<String>, bool) {
    let literals = |group: &Vec<Piece<'_>>| -> Option<Vec<String>> {
        let text = |piece: &Piece<'_>| match piece {
            Piece::Plain(pattern) => pattern.as_literal(),
            Piece::Open(_) => None,
        };
        group.iter().map(text).collect()
    };
    if let Some(texts) = slot.all.iter().find_map(literals) {
        return (texts, true);
    }
    let is_literal = |piece: &Piece<'_>| match piece {
        Piece::Plain(pattern) => Pattern::as_literal(pattern).is_some(),
        Piece::Open(_) => false,
    };
    let mut complete = slot.all.is_empty() && slot.none.iter().all(is_literal);
    let spares = slot.none.len();
    let mut texts = Vec::new();
    let mut kinds = Vec::new();
    for (id, _) in &slot.measured {
        if let Some(measure) = model.measure(*id) {
            texts.extend(measure.representatives(spares));
            kinds.push(kind(measure.operator().comparison));
        }
    }
    complete &= kinds.windows(2).all(|pair| pair.first() == pair.last());
    (texts, complete)
}

/// Conditions of one kind read a value alike.
fn kind(comparison: Comparison) -> u8 {
    match comparison {
        Comparison::IpAddress => 0,
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => 1,
        _ => 2,
    }
}

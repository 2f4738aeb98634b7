//! What is held against one text, and what a demand on a condition demands of the values of its key.

use crate::data::{Condition, Demand, Measured, Set, Step, Test, Text, Token};
use crate::leaf::arn_shape;
use crate::tied::{Line, Part, Slot, steps};

/// How many values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    None,
    One,
    Many,
}

/// One text with all that is held against it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'c> {
    pub(crate) slot: Slot,
    /// The lines that a text must match, those that it must not, and what is demanded.
    pub(crate) arns: Vec<(Vec<Line>, Vec<Line>, Demand)>,
    pub(crate) bools: Vec<(&'c [Text], Demand)>,
    pub(crate) measured: Vec<(&'c Measured, Demand)>,
}

impl<'c> Wanted<'c> {
    /// Holds one value against a test, before the operator's `Not`.
    pub(crate) fn hold(
        &mut self,
        test: &'c Test,
        demand: Demand,
        slot_of: &dyn Fn(usize) -> Option<usize>,
    ) {
        match test {
            Test::Text(texts) => {
                let holds = matches!(demand, Demand::True | Demand::NotFalse);
                self.slot.texts(texts, holds, slot_of);
            }
            Test::Arn(texts) => {
                let [lines, surely] = [true, false].map(|holds| lines(texts, holds, slot_of));
                self.arns.push((lines, surely, demand));
            }
            Test::Bool(texts) => self.bools.push((texts, demand)),
            Test::Measured(test) => self.measured.push((test, demand)),
            Test::Null { null, value } => {
                match (demand.meets(Some(*null)), demand.meets(Some(*value))) {
                    (true, true) => {}
                    (true, false) => self.slot.all.push(vec![Line::new()]),
                    (false, true) => self.slot.none.push(Line::new()),
                    (false, false) => self.slot.all.push(Vec::new()),
                }
            }
        }
    }
}

impl Slot {
    pub(crate) fn texts(
        &mut self,
        texts: &[Text],
        holds: bool,
        slot_of: &dyn Fn(usize) -> Option<usize>,
    ) {
        let lines = lines(texts, holds, slot_of);
        match holds {
            true => self.all.push(lines),
            false => self.none.extend(lines),
        }
    }
}

/// Texts as lines. Where a text is to match, lines may take more than it; where not, less.
fn lines(texts: &[Text], holds: bool, slot_of: &dyn Fn(usize) -> Option<usize>) -> Vec<Line> {
    texts
        .iter()
        .filter_map(|text| line(text, holds, slot_of))
        .collect()
}

fn line(text: &Text, holds: bool, slot_of: &dyn Fn(usize) -> Option<usize>) -> Option<Line> {
    let tokens = match text {
        Text::Plain(steps) => return Some(steps.iter().cloned().map(Part::Step).collect()),
        Text::Open(tokens) => tokens,
    };
    let mut line = Line::new();
    for token in tokens {
        let variable = match token {
            Token::Step(step) => {
                line.push(Part::Step(step.clone()));
                continue;
            }
            Token::Key(variable) => variable,
        };
        match (slot_of(variable.key), &variable.default) {
            (Some(slot), _) => line.push(Part::Text {
                slot,
                segment: variable.segment,
                fold: variable.fold,
            }),
            (None, None) => return None,
            (None, Some(default)) if variable.segment && default.contains(':') => return None,
            (None, Some(default)) if !variable.fold => {
                line.extend(steps(default).map(Part::Step));
            }
            (None, Some(_)) if holds => line.push(Part::Step(Step::Run(Set::Any))),
            (None, Some(_)) => return None,
        }
    }
    Some(line)
}

/// What a demand on a condition demands of the values of its key, before the operator's `Not`.
pub(crate) enum Need {
    Met,
    Unmet,
    Each(Demand),
    Some(Demand),
}

pub(crate) fn need(condition: &Condition, demand: Demand, count: Count) -> Need {
    let fixed = |truth: bool| match demand.meets(Some(truth)) {
        true => Need::Met,
        false => Need::Unmet,
    };
    if let Test::Null { null, value } = condition.test {
        return match count {
            Count::None => fixed(null),
            Count::One => Need::Each(demand),
            Count::Many => fixed(value),
        };
    }
    let qualifier = condition.qualifier.as_deref();
    match (count, qualifier) {
        (Count::None, Some("ForAllValues")) => return fixed(true),
        (Count::None, Some(_)) => return fixed(condition.if_exists),
        (Count::None, None) => return fixed(condition.if_exists || condition.negated),
        _ => {}
    }
    if condition.empty {
        let negated = condition.negated && !condition.if_exists && qualifier.is_none();
        return fixed(negated && count == Count::One);
    }
    let inner = match condition.negated {
        true => demand.negated(),
        false => demand,
    };
    // Of several truths "all" is their least and "some" their greatest, with unknown between false and true.
    let upward = matches!(demand, Demand::True | Demand::NotFalse);
    match (count, qualifier) {
        (Count::One, _) => Need::Each(inner),
        (_, None) => fixed(false),
        (_, Some(qualifier)) if (qualifier == "ForAllValues") == upward => Need::Each(inner),
        (_, Some(_)) => Need::Some(inner),
    }
}

pub(crate) fn split_arns<'c>(
    case: Wanted<'c>,
    arns: &[(Vec<Line>, Vec<Line>, Demand)],
) -> Vec<Wanted<'c>> {
    let mut cases = Vec::new();
    let mut arn = case.clone();
    arn.slot.all.push(vec![arn_shape()]);
    for (lines, surely, demand) in arns {
        match demand {
            Demand::True | Demand::NotFalse => arn.slot.all.push(lines.clone()),
            Demand::False | Demand::NotTrue => arn.slot.none.extend(surely.iter().cloned()),
        }
    }
    cases.push(arn);
    if arns.iter().all(|(_, _, demand)| demand.meets(None)) {
        let mut other = case;
        other.slot.none.push(arn_shape());
        cases.push(other);
    }
    cases
}

pub(crate) fn split_bools<'c>(case: Wanted<'c>, bools: &[(&'c [Text], Demand)]) -> Vec<Wanted<'c>> {
    let word = |word: &str| -> Line {
        let either = |c: char| Part::Step(Step::One(Set::EitherCase(c)));
        word.chars().map(either).collect()
    };
    let mut cases = Vec::new();
    for value in ["true", "false"] {
        let possible = bools.iter().all(|(texts, demand)| {
            let truth = bool_truth(texts, value);
            truth.is_none_or(|truth| demand.meets(truth))
        });
        if possible {
            let mut own = case.clone();
            own.slot.all.push(vec![word(value)]);
            cases.push(own);
        }
    }
    if bools.iter().all(|(_, demand)| demand.meets(None)) {
        let mut other = case;
        other.slot.none.extend(["true", "false"].map(word));
        cases.push(other);
    }
    cases
}

/// What texts say of a boolean; the outer `None` where a value in them decides.
fn bool_truth(texts: &[Text], value: &str) -> Option<Option<bool>> {
    let other = if value == "true" { "false" } else { "true" };
    let mut truth = Some(false);
    for text in texts {
        let Text::Plain(steps) = text else {
            return None;
        };
        match (takes(steps, value), takes(steps, other)) {
            (true, _) => return Some(Some(true)),
            (false, true) => {}
            (false, false) => truth = None,
        }
    }
    Some(truth)
}

/// Whether steps that each take one character take a text.
fn takes(steps: &[Step], text: &str) -> bool {
    let mut chars = text.chars();
    steps.iter().all(|step| match step {
        Step::One(set) => chars.next().is_some_and(|c| set.contains(c)),
        Step::Maybe(_) | Step::Run(_) => false,
    }) && chars.next().is_none()
}

//! One field that no literal ties to another: an exact answer.

use super::slot::Slot;
use super::{Field, FieldValue, Solved};
use crate::model::{Atom, Demand, KeyId, Literal, Model};
use crate::state::{Count, Need, Value};

/// The order in which the counts of values are tried: the plainest request first.
pub(super) const COUNTS: [Count; 3] = [Count::None, Count::One, Count::Many];

pub(super) fn solve(model: &Model<'_>, field: Field, literals: &[Literal]) -> Solved<FieldValue> {
    match field {
        Field::Caller => match callers(model, literals).first() {
            Some(caller) => Solved::Found(FieldValue::Caller(*caller)),
            None => Solved::Empty(literals.to_vec()),
        },
        Field::Action => {
            let mut slot = Slot::default();
            for literal in literals {
                if let Some(atom) = model.atom_of(literal.atom) {
                    slot.demand_atom(atom, literal.demand, &|_| None);
                }
            }
            action(model, slot, literals)
        }
        Field::Resource => resource(model, literals),
        Field::Key(key) => key_value(model, key, literals),
    }
}

/// The callers that meet some literals.
pub(super) fn callers(model: &Model<'_>, literals: &[Literal]) -> Vec<usize> {
    let meets = |caller: usize, literal: &Literal| match model.atom_of(literal.atom) {
        Some(Atom::Caller(members)) => {
            let member = members.get(caller).copied().unwrap_or(false);
            literal.demand.meets(member.into())
        }
        _ => true,
    };
    let all = 0..model.callers.len().max(1);
    all.filter(|caller| literals.iter().all(|literal| meets(*caller, literal)))
        .collect()
}

fn action(model: &Model<'_>, mut slot: Slot<'_>, literals: &[Literal]) -> Solved<FieldValue> {
    slot.is_action();
    answer(slot.answer(model), literals, FieldValue::Action)
}

fn resource(model: &Model<'_>, literals: &[Literal]) -> Solved<FieldValue> {
    let mut slot = Slot::default();
    slot.is_resource();
    let mut none_fits = true;
    for literal in literals {
        if let Some(Atom::Resource { any, texts }) = model.atom_of(literal.atom) {
            none_fits &= literal.demand.meets((*any).into());
            match (any, literal.demand) {
                (true, Demand::True | Demand::NotFalse) => {}
                (true, Demand::False | Demand::NotTrue) => slot.never(),
                (false, demand) => slot.demand_texts(texts, demand, &|_| None),
            }
        }
    }
    match slot.answer(model) {
        Solved::Found(text) => Solved::Found(FieldValue::Resource(Some(text))),
        _ if none_fits => Solved::Found(FieldValue::Resource(None)),
        Solved::Empty(_) => Solved::Empty(literals.to_vec()),
        Solved::Unknown(reason) => Solved::Unknown(reason),
    }
}

fn answer(
    found: Solved<String>,
    literals: &[Literal],
    wrap: impl Fn(String) -> FieldValue,
) -> Solved<FieldValue> {
    match found {
        Solved::Found(text) => Solved::Found(wrap(text)),
        Solved::Empty(_) => Solved::Empty(literals.to_vec()),
        Solved::Unknown(reason) => Solved::Unknown(reason),
    }
}

fn key_value(model: &Model<'_>, key: KeyId, literals: &[Literal]) -> Solved<FieldValue> {
    let mut unknown = None;
    for count in COUNTS {
        if !allowed(model, key, count) {
            continue;
        }
        let Some(slots) = slots(model, key, count, literals) else {
            continue;
        };
        let mut values = Vec::new();
        let mut empty = false;
        for slot in slots {
            match slot.answer(model) {
                Solved::Found(text) => values.push(text),
                Solved::Empty(_) => {
                    empty = true;
                    break;
                }
                Solved::Unknown(reason) => {
                    unknown = Some(reason);
                    empty = true;
                    break;
                }
            }
        }
        if !empty {
            return Solved::Found(FieldValue::Key(value(count, values)));
        }
    }
    match unknown {
        Some(reason) => Solved::Unknown(reason),
        None => Solved::Empty(literals.to_vec()),
    }
}

/// The value that a count of texts makes.
pub(super) fn value(count: Count, mut values: Vec<String>) -> Value {
    match count {
        Count::None => Value::Absent,
        Count::One => Value::One(values.pop().unwrap_or_default()),
        Count::Many => {
            values.sort_unstable();
            values.dedup();
            Value::Many(values)
        }
    }
}

pub(super) fn allowed(model: &Model<'_>, key: KeyId, count: Count) -> bool {
    model.keys.get(key.index()).is_some_and(|key| match count {
        Count::None => key.domain.absent,
        Count::One => key.domain.one,
        Count::Many => key.domain.many,
    })
}

/// The texts that a key needs to have a count of values; `None` where it cannot. The literals are not open.
fn slots<'m>(
    model: &'m Model<'_>,
    key: KeyId,
    count: Count,
    literals: &[Literal],
) -> Option<Vec<Slot<'m>>> {
    let demands = demands(model, count, literals)?;
    let bare = || {
        let mut slot = Slot::default();
        slot.within(model, key);
        slot
    };
    build(count, &demands, bare, &|_| None)
}

/// A demand on the values of a key.
pub(super) struct OnValues<'m> {
    each: bool,
    atom: &'m Atom,
    demand: Demand,
}

/// What literals demand of the values of their key; `None` where one cannot be met.
pub(super) fn demands<'m>(
    model: &'m Model<'_>,
    count: Count,
    literals: &[Literal],
) -> Option<Vec<OnValues<'m>>> {
    let mut demands = Vec::new();
    for literal in literals {
        let atom = model.atom_of(literal.atom)?;
        let Atom::Condition(condition) = atom else {
            continue;
        };
        let (each, demand) = match condition.need(literal.demand, count) {
            Need::Met => continue,
            Need::Unmet => return None,
            Need::Each(demand) => (true, demand),
            Need::Some(demand) => (false, demand),
        };
        demands.push(OnValues { each, atom, demand });
    }
    Some(demands)
}

/// One text for each demand on some value, all of which meet the demands on each.
pub(super) fn build<'m>(
    count: Count,
    demands: &[OnValues<'m>],
    bare: impl Fn() -> Slot<'m>,
    slot_of: &dyn Fn(KeyId) -> Option<usize>,
) -> Option<Vec<Slot<'m>>> {
    if count == Count::None {
        return Some(Vec::new());
    }
    let common = || {
        let mut slot = bare();
        for on in demands.iter().filter(|on| on.each) {
            slot.demand_atom(on.atom, on.demand, slot_of);
        }
        slot
    };
    let mut slots: Vec<Slot<'m>> = demands
        .iter()
        .filter(|on| !on.each)
        .map(|on| {
            let mut slot = common();
            slot.demand_atom(on.atom, on.demand, slot_of);
            slot
        })
        .collect();
    if slots.is_empty() {
        slots.push(common());
    }
    Some(slots)
}

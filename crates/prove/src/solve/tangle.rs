//! Fields that are tied together: a pattern of one holds the value of another, or they follow from the caller.

use super::field::{OnValues, allowed, build, callers, demands, value};
use super::slot::Slot;
use super::texts::Texts;
use super::{Effort, Field, FieldValue, Solved, field_of};
use crate::caller::Bound;
use crate::model::{Atom, Demand, KeyId, Literal, Model};
use crate::state::Count;
use std::collections::BTreeSet;

/// How many combinations of callers and counts of values are looked at.
const SHAPES: usize = 20_000;
/// How many where it is to be shown quickly that there is none.
const FEW_SHAPES: usize = 500;

pub(super) fn solve(
    model: &Model<'_>,
    tied: &BTreeSet<Field>,
    bound: &BTreeSet<KeyId>,
    literals: &[Literal],
    effort: Effort,
) -> Solved<Vec<(Field, FieldValue)>> {
    let of = |field: Field| -> Vec<Literal> {
        let own = literals.iter().copied();
        own.filter(|literal| field_of(model, literal.atom) == Some(field))
            .collect()
    };
    let callers = match tied.contains(&Field::Caller) {
        true => callers(model, &of(Field::Caller))
            .into_iter()
            .map(Some)
            .collect(),
        false => vec![None],
    };
    let key = |field: &Field| match field {
        Field::Key(key) => Some((*key, of(*field))),
        _ => None,
    };
    let mut tangle = Tangle {
        model,
        tied,
        bound,
        literals,
        keys: tied.iter().filter_map(key).collect(),
        shapes: match effort {
            Effort::Full => SHAPES,
            Effort::Refute => FEW_SHAPES,
        },
        unknown: None,
        effort,
    };
    for caller in callers {
        for with_resource in [true, false] {
            if !with_resource && !tied.contains(&Field::Resource) {
                continue;
            }
            let mut shape = Shape {
                caller,
                with_resource,
                counts: Vec::new(),
            };
            if let Some(found) = tangle.choose(&mut shape, 0) {
                return Solved::Found(found);
            }
        }
    }
    match tangle.unknown {
        Some(reason) => Solved::Unknown(reason),
        None => Solved::Empty(literals.to_vec()),
    }
}

/// The caller, whether there is a resource, and how many values each tied key has.
struct Shape {
    caller: Option<usize>,
    with_resource: bool,
    counts: Vec<(KeyId, Count)>,
}

struct Tangle<'m, 'p, 's> {
    model: &'m Model<'p>,
    tied: &'s BTreeSet<Field>,
    bound: &'s BTreeSet<KeyId>,
    literals: &'s [Literal],
    /// The keys that are tied, each with what is demanded of it.
    keys: Vec<(KeyId, Vec<Literal>)>,
    shapes: usize,
    unknown: Option<String>,
    effort: Effort,
}

type Found = Vec<(Field, FieldValue)>;

impl<'m> Tangle<'m, '_, '_> {
    fn on_key(&self, key: KeyId) -> &[Literal] {
        let found = self.keys.binary_search_by_key(&key, |(key, _)| *key);
        let own = found.ok().and_then(|at| self.keys.get(at));
        own.map_or(&[], |(_, literals)| literals)
    }

    /// Chooses a count for each key from `at` on, then the texts.
    fn choose(&mut self, shape: &mut Shape, at: usize) -> Option<Found> {
        let Some(key) = self.keys.get(at).map(|(key, _)| *key) else {
            return self.texts(shape);
        };
        for count in [Count::One, Count::None, Count::Many] {
            if self.shapes == 0 && self.unknown.is_some() {
                return None;
            }
            let possible = match self.bound_to(shape.caller, key) {
                Some(Bound::Absent) => count == Count::None,
                Some(Bound::Texts { .. }) => count == Count::One,
                Some(Bound::Free) | None => allowed(self.model, key, count),
            };
            if !possible || demands(self.model, count, self.on_key(key)).is_none() {
                continue;
            }
            shape.counts.push((key, count));
            let found = self.choose(shape, at + 1);
            shape.counts.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn bound_to(&self, caller: Option<usize>, key: KeyId) -> Option<&'m Bound> {
        if !self.bound.contains(&key) {
            return None;
        }
        self.model.callers.get(caller?)?.keys.get(&key)
    }

    /// The texts of a shape.
    fn texts(&mut self, shape: &Shape) -> Option<Found> {
        if self.shapes == 0 {
            self.unknown = Some("tied keys have too many combinations of counts".into());
            return None;
        }
        self.shapes -= 1;
        if let Err(reason) = self.model.budget.step() {
            self.unknown = Some(reason);
            return None;
        }
        let (slots, places) = self.slots(shape)?;
        if self.effort == Effort::Refute {
            if !Texts::new(slots, &self.model.budget).refuted(self.model) {
                self.unknown = Some("it was not looked for".into());
                self.shapes = 0;
            }
            return None;
        }
        match Texts::new(slots, &self.model.budget).solve(self.model) {
            Solved::Found(texts) => Some(read(shape, &places, &texts)),
            Solved::Empty(_) => None,
            Solved::Unknown(reason) => {
                self.unknown = Some(reason);
                None
            }
        }
    }

    /// The slots of a shape, and which of them belong to which field. A key with one value comes first: it has the slot that
    /// patterns refer to.
    fn slots(&self, shape: &Shape) -> Option<(Vec<Slot<'m>>, Places)> {
        let ones = shape
            .counts
            .iter()
            .filter(|(_, count)| *count == Count::One);
        let single: Vec<KeyId> = ones.map(|(key, _)| *key).collect();
        let slot_of = |key: KeyId| single.iter().position(|own| *own == key);
        let mut slots = Vec::new();
        let mut places = Places::default();
        for one in [true, false] {
            for (key, count) in shape
                .counts
                .iter()
                .filter(|(_, c)| (*c == Count::One) == one)
            {
                let on: Vec<OnValues<'m>> = demands(self.model, *count, self.on_key(*key))?;
                let bare = || {
                    let mut slot = Slot::default();
                    slot.within(self.model, *key);
                    if let Some(Bound::Texts { all, none }) = self.bound_to(shape.caller, *key) {
                        for group in all {
                            slot.demand_texts(group, Demand::True, &slot_of);
                        }
                        slot.demand_texts(none, Demand::False, &slot_of);
                    }
                    slot
                };
                let built = build(*count, &on, bare, &slot_of)?;
                places
                    .keys
                    .push((*key, *count, slots.len()..slots.len() + built.len()));
                slots.extend(built);
            }
        }
        if self.tied.contains(&Field::Resource) {
            self.resource(shape, &slot_of, &mut slots, &mut places)?;
        }
        Some((slots, places))
    }

    /// Adds the slot of the resource, if the shape has one.
    fn resource(
        &self,
        shape: &Shape,
        slot_of: &dyn Fn(KeyId) -> Option<usize>,
        slots: &mut Vec<Slot<'m>>,
        places: &mut Places,
    ) -> Option<()> {
        let mut slot = Slot::default();
        slot.is_resource();
        for literal in self.literals {
            let Some(Atom::Resource { any, texts }) = self.model.atom_of(literal.atom) else {
                continue;
            };
            let wanted = matches!(literal.demand, Demand::True | Demand::NotFalse);
            match (*any, shape.with_resource) {
                (false, true) => slot.demand_texts(texts, literal.demand, slot_of),
                (true, _) if wanted => {}
                (false, false) if !wanted => {}
                _ => return None,
            }
        }
        if shape.with_resource {
            places.resource = Some(slots.len());
            slots.push(slot);
        }
        Some(())
    }
}

/// Which slots belong to which field.
#[derive(Default)]
struct Places {
    keys: Vec<(KeyId, Count, std::ops::Range<usize>)>,
    resource: Option<usize>,
}

fn read(shape: &Shape, places: &Places, texts: &[String]) -> Found {
    let mut found: Found = places
        .keys
        .iter()
        .map(|(key, count, range)| {
            let values = texts.get(range.clone()).unwrap_or_default().to_vec();
            (Field::Key(*key), FieldValue::Key(value(*count, values)))
        })
        .collect();
    if let Some(caller) = shape.caller {
        found.push((Field::Caller, FieldValue::Caller(caller)));
    }
    if let Some(at) = places.resource {
        found.push((
            Field::Resource,
            FieldValue::Resource(texts.get(at).cloned()),
        ));
    } else if !shape.with_resource {
        found.push((Field::Resource, FieldValue::Resource(None)));
    }
    found
}

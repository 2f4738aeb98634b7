//! Whether some request meets all of several literals.
//!
//! Fields that no literal ties to another are solved one by one, exactly. Fields that are tied together (a pattern that
//! holds the value of another key; keys that follow from the caller) are solved together, by [`texts`].

mod field;
mod measured;
pub(crate) mod slot;
mod tangle;
pub(crate) mod texts;
mod unify;

use crate::hash::Table;
use crate::model::{Atom, AtomId, KeyId, Literal, Model};
use crate::state::{Count, State, Value};
use std::collections::BTreeSet;

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Field {
    Caller,
    Action,
    Resource,
    Key(KeyId),
}

/// What is known of the requests that meet some literals.
#[derive(Clone, Debug)]
pub(crate) enum Solved<T> {
    Found(T),
    /// There is none, for these literals alone already.
    Empty(Vec<Literal>),
    Unknown(String),
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldValue {
    Caller(usize),
    Action(String),
    Resource(Option<String>),
    Key(Value),
}

/// Values of fields that are tied to each other.
type Tied = Vec<(Field, FieldValue)>;

/// Solves conjunctions of literals over one model, and remembers.
pub(crate) struct Solver<'m, 'p> {
    pub(crate) model: &'m Model<'p>,
    fields: Table<(Field, Vec<Literal>), Solved<FieldValue>>,
    tangles: Table<(Effort, Vec<Literal>), Solved<Tied>>,
    /// The keys that follow from the caller.
    bound: BTreeSet<KeyId>,
    effort: Effort,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Effort {
    /// Everything.
    Full,
    /// What shows quickly that nothing meets what is demanded; requests are not looked for.
    Refute,
}

impl<'m, 'p> Solver<'m, 'p> {
    pub(crate) fn new(model: &'m Model<'p>) -> Self {
        let bound = model.callers.iter().flat_map(|caller| caller.keys.keys());
        Self {
            model,
            fields: Table::default(),
            tangles: Table::default(),
            bound: bound.copied().collect(),
            effort: Effort::Full,
        }
    }

    /// Whether it is seen, with this effort, that no request meets all of these literals.
    pub(crate) fn closes(&mut self, literals: &[Literal], effort: Effort) -> bool {
        self.effort = effort;
        matches!(self.solve(literals), Solved::Empty(_))
    }

    /// Whether a request that meets these literals would take fields that are tied to each other.
    pub(crate) fn ties(&self, literals: &[Literal]) -> bool {
        let is_open = |own: &Literal| self.model.atom_of(own.atom).is_some_and(Atom::is_open);
        !self.bound.is_empty() || literals.iter().any(is_open)
    }

    /// The keys on whose values it depends that no request meets some literals.
    pub(crate) fn consulted(&self, literals: &[Literal]) -> BTreeSet<KeyId> {
        if opposed(literals).is_some() {
            return BTreeSet::new();
        }
        let own: BTreeSet<Field> = literals
            .iter()
            .filter_map(|literal| self.field(*literal))
            .collect();
        let mut tied = self.tied(literals);
        if own.is_disjoint(&tied) {
            tied.clear();
        }
        let key = |field| match field {
            Field::Key(key) => Some(key),
            Field::Caller | Field::Action | Field::Resource => None,
        };
        own.into_iter().chain(tied).filter_map(key).collect()
    }

    /// A request that meets all of these literals.
    pub(crate) fn solve(&mut self, literals: &[Literal]) -> Solved<State> {
        if let Some(reason) = &self.model.flaw {
            return Solved::Unknown(reason.clone());
        }
        let mut sorted = literals.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if let Some(pair) = opposed(&sorted) {
            return Solved::Empty(pair.to_vec());
        }
        let tied = self.tied(&sorted);
        let (mut tangled, mut single) = (Vec::new(), Vec::new());
        for literal in sorted {
            match self.field(literal) {
                Some(field) if tied.contains(&field) => tangled.push(literal),
                Some(field) => single.push((field, literal)),
                None => {}
            }
        }
        single.sort_by_key(|(field, _)| *field);
        let mut single = single.into_iter().peekable();
        let mut state = self.blank();
        let mut unknown = None;
        for field in fields(self.model.keys.len(), &tied) {
            let own: Vec<Literal> = std::iter::from_fn(|| single.next_if(|(of, _)| *of == field))
                .map(|(_, literal)| literal)
                .collect();
            if own.is_empty() && self.may_lack(field) {
                continue;
            }
            match self.solve_field(field, own) {
                Solved::Found(value) => put(&mut state, field, value),
                Solved::Empty(core) => return Solved::Empty(core),
                Solved::Unknown(reason) => unknown = Some(reason),
            }
        }
        if !tied.is_empty() {
            match self.solve_tangle(&tied, tangled) {
                Solved::Found(values) => {
                    for (field, value) in values {
                        put(&mut state, field, value);
                    }
                }
                Solved::Empty(core) => return Solved::Empty(core),
                Solved::Unknown(reason) => unknown = Some(reason),
            }
        }
        match unknown {
            Some(reason) => Solved::Unknown(reason),
            None => Solved::Found(state),
        }
    }

    /// Whether a request may have no value of a field of which nothing is demanded.
    fn may_lack(&self, field: Field) -> bool {
        match field {
            Field::Key(key) => field::allowed(self.model, key, Count::None),
            Field::Caller | Field::Action | Field::Resource => false,
        }
    }

    fn blank(&self) -> State {
        State {
            caller: 0,
            action: String::new(),
            resource: None,
            keys: vec![Value::Absent; self.model.keys.len()],
        }
    }

    /// Whether the field of a literal has no value that meets it and those others about the same field, all of them as far
    /// as they tie it to no other field.
    pub(crate) fn closes_alone(&mut self, literals: &[Literal], literal: Literal) -> bool {
        let model = self.model;
        let is_open = |own: Literal| model.atom_of(own.atom).is_none_or(Atom::is_open);
        let Some(field) = self.field(literal).filter(|_| !is_open(literal)) else {
            return false;
        };
        let same = |own: &Literal| self.field(*own) == Some(field) && !is_open(*own);
        let mut own: Vec<Literal> = literals.iter().copied().filter(same).collect();
        if let Err(at) = own.binary_search(&literal) {
            own.insert(at, literal);
        }
        matches!(self.solve_field(field, own), Solved::Empty(_))
    }

    /// The fields that must be solved together.
    fn tied(&self, literals: &[Literal]) -> BTreeSet<Field> {
        let mut tied = BTreeSet::new();
        if !self.bound.is_empty() {
            tied.insert(Field::Caller);
            tied.extend(self.bound.iter().map(|key| Field::Key(*key)));
            for caller in &self.model.callers {
                tied.extend(caller.variables().map(Field::Key));
            }
        }
        for literal in literals {
            let Some(atom) = self.model.atom_of(literal.atom).filter(|a| a.is_open()) else {
                continue;
            };
            tied.extend(self.field(*literal));
            tied.extend(atom.variables().into_iter().map(Field::Key));
        }
        tied
    }

    pub(crate) fn field(&self, literal: Literal) -> Option<Field> {
        field_of(self.model, literal.atom)
    }

    /// Solves one field, or remembers.
    fn solve_field(&mut self, field: Field, literals: Vec<Literal>) -> Solved<FieldValue> {
        let question = (field, literals);
        if let Some(known) = self.fields.get(&question) {
            return known.clone();
        }
        let answer = field::solve(self.model, field, &question.1);
        self.fields.insert(question, answer.clone());
        answer
    }

    fn solve_tangle(&mut self, tied: &BTreeSet<Field>, literals: Vec<Literal>) -> Solved<Tied> {
        let question = (self.effort, literals);
        if let Some(known) = self.tangles.get(&question) {
            return known.clone();
        }
        let answer = tangle::solve(self.model, tied, &self.bound, &question.1, self.effort);
        self.tangles.insert(question, answer.clone());
        answer
    }
}

/// Every field of a model with so many keys that is not tied.
fn fields(keys: usize, tied: &BTreeSet<Field>) -> impl Iterator<Item = Field> {
    let keys = (0..keys).filter_map(|at| u32::try_from(at).ok());
    let plain = [Field::Caller, Field::Action, Field::Resource];
    let all = plain
        .into_iter()
        .chain(keys.map(|at| Field::Key(KeyId(at))));
    all.filter(|field| !tied.contains(field))
}

/// The field that an atom speaks of.
pub(crate) fn field_of(model: &Model<'_>, atom: AtomId) -> Option<Field> {
    Some(match model.atom_of(atom)? {
        Atom::Caller(_) => Field::Caller,
        Atom::Action(_) => Field::Action,
        Atom::Resource { .. } => Field::Resource,
        Atom::Condition(condition) => Field::Key(condition.key),
    })
}

/// Two of some sorted literals that no request meets together.
pub(crate) fn opposed(sorted: &[Literal]) -> Option<[Literal; 2]> {
    sorted.iter().enumerate().find_map(|(at, one)| {
        let same = sorted
            .iter()
            .skip(at + 1)
            .take_while(|next| next.atom == one.atom);
        let other = same
            .into_iter()
            .find(|next| one.demand.excludes(next.demand))?;
        Some([*one, *other])
    })
}

fn put(state: &mut State, field: Field, value: FieldValue) {
    match (field, value) {
        (Field::Caller, FieldValue::Caller(caller)) => state.caller = caller,
        (Field::Action, FieldValue::Action(action)) => state.action = action,
        (Field::Resource, FieldValue::Resource(resource)) => state.resource = resource,
        (Field::Key(key), FieldValue::Key(value)) => {
            if let Some(slot) = state.keys.get_mut(key.index()) {
                *slot = value;
            }
        }
        _ => {}
    }
}

//! What a question is made of: condition keys, atoms over them, and a formula of atoms.

mod atom;
mod formula;
mod read;

pub use atom::{Atom, Condition, Demand, Literal, Test};
pub use formula::{Node, NodeId};

use crate::budget::Budget;
use crate::caller::Caller;
use crate::facts::Domain;
use crate::hash::Table;
use policy::view;
use serde::Serialize;

/// A condition key of a [`Model`], or a text that is no part of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct KeyId(pub(crate) u32);

/// An atom of a [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AtomId(pub(crate) u32);

/// A condition of numbers, dates or addresses, which the engine reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeasureId(pub(crate) u32);

impl KeyId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl AtomId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One condition key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// As it was first written.
    pub(crate) name: String,
    /// It is no part of requests, such as the owner of a resource.
    pub(crate) free: bool,
    /// What is known of its values.
    pub(crate) domain: Domain,
}

/// What a question is made of.
#[derive(Clone, Debug, Default)]
pub struct Model<'p> {
    pub(crate) keys: Vec<Key>,
    by_name: Table<String, KeyId>,
    atoms: Vec<Atom>,
    by_atom: Table<Atom, AtomId>,
    measures: Vec<view::Condition<'p>>,
    by_measure: Table<(String, Vec<String>), MeasureId>,
    nodes: Vec<Node>,
    by_node: Table<Node, NodeId>,
    pub(crate) callers: Vec<Caller>,
    /// The work that is left.
    pub(crate) budget: Budget,
    /// Something in the policies that cannot be reasoned about.
    pub(crate) flaw: Option<String>,
}

impl<'p> Model<'p> {
    /// The key of this name; upper and lower case are the same.
    pub fn key(&mut self, name: &str) -> KeyId {
        self.intern_key(name, false)
    }

    /// A text that is no part of requests; it always has one value.
    pub fn free(&mut self, name: &str) -> KeyId {
        self.intern_key(name, true)
    }

    fn intern_key(&mut self, name: &str, free: bool) -> KeyId {
        let folded = match free {
            true => format!("\0{name}"),
            false => name.to_ascii_lowercase(),
        };
        if let Some(known) = self.by_name.get(&folded) {
            return *known;
        }
        let id = KeyId(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
        self.keys.push(Key {
            name: name.to_owned(),
            free,
            domain: match free {
                true => Domain::one(),
                false => Domain::any(),
            },
        });
        self.by_name.insert(folded, id);
        id
    }

    /// The key of this name, if the question mentions it.
    #[must_use]
    pub fn find_key(&self, name: &str) -> Option<KeyId> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// Whether the facts leave a key this value.
    #[must_use]
    pub(crate) fn may_be(&self, name: &str, value: &str) -> bool {
        let key = self
            .find_key(name)
            .and_then(|key| self.keys.get(key.index()));
        key.is_none_or(|key| {
            let mut groups = key.domain.texts.iter();
            groups.all(|group| group.iter().any(|pattern| pattern.matches(value)))
        })
    }

    /// The name of a key, as it was first written.
    #[must_use]
    pub fn key_name(&self, key: KeyId) -> &str {
        self.keys.get(key.index()).map_or("", |key| &key.name)
    }

    /// An atom; equal atoms are one.
    pub fn atom(&mut self, atom: Atom) -> AtomId {
        if let Some(known) = self.by_atom.get(&atom) {
            return *known;
        }
        let id = AtomId(u32::try_from(self.atoms.len()).unwrap_or(u32::MAX));
        self.atoms.push(atom.clone());
        self.by_atom.insert(atom, id);
        id
    }

    pub(crate) fn atom_of(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.index())
    }

    pub(crate) fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    pub(crate) fn measure(&self, id: MeasureId) -> Option<view::Condition<'p>> {
        self.measures.get(id.0 as usize).copied()
    }

    fn intern_measure(&mut self, condition: view::Condition<'p>) -> MeasureId {
        let mut operator = condition.operator();
        operator.negated = false;
        let comparison = format!("{:?}", operator.comparison);
        let signature = (comparison, condition.representatives(0));
        let next = MeasureId(u32::try_from(self.measures.len()).unwrap_or(u32::MAX));
        let id = *self.by_measure.entry(signature).or_insert(next);
        if id == next {
            self.measures.push(condition);
        }
        id
    }
}

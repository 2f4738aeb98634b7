//! What a question is made of: condition keys, atoms over them, and a formula of atoms.

mod atom;
mod formula;
mod read;

pub use atom::{Atom, Condition, Demand, Literal, Test};
pub use formula::{Node, NodeId};

use crate::budget::Budget;
use crate::caller::Caller;
use crate::facts::Domain;
use crate::hash::Interned;
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
    atoms: Interned<Atom>,
    measures: Vec<view::Condition<'p>>,
    nodes: Interned<Node>,
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
        if let Some(known) = self.find(name, free) {
            return known;
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
        id
    }

    fn find(&self, name: &str, free: bool) -> Option<KeyId> {
        let is = |key: &Key| {
            key.free == free
                && match free {
                    true => key.name == name,
                    false => key.name.eq_ignore_ascii_case(name),
                }
        };
        let at = self.keys.iter().position(is)?;
        u32::try_from(at).ok().map(KeyId)
    }

    /// The key of this name, if the question mentions it.
    #[must_use]
    pub fn find_key(&self, name: &str) -> Option<KeyId> {
        self.find(name, false)
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
        AtomId(self.atoms.add(atom))
    }

    pub(crate) fn atom_of(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.0)
    }

    pub(crate) fn atoms(&self) -> &[Atom] {
        self.atoms.all()
    }

    pub(crate) fn measure(&self, id: MeasureId) -> Option<view::Condition<'p>> {
        self.measures.get(id.0 as usize).copied()
    }

    fn intern_measure(&mut self, condition: view::Condition<'p>) -> MeasureId {
        let mut measures = self.measures.iter();
        let known = measures.position(|known| known.measures_alike(condition));
        let at = known.unwrap_or(self.measures.len());
        if known.is_none() {
            self.measures.push(condition);
        }
        MeasureId(u32::try_from(at).unwrap_or(u32::MAX))
    }
}

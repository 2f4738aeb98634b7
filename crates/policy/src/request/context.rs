//! The request context: condition keys and their values.

use std::sync::Arc;

use crate::names::{Name, NameTable};

/// The value of a condition key in a request.
///
/// A list marks a multivalued key (`aws:TagKeys`), also with one or no element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(Box<str>),
    /// A multivalued key.
    Many(Box<[Box<str>]>),
}

impl ContextValue {
    /// The values, one or many.
    #[must_use]
    pub fn as_slice(&self) -> &[Box<str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<&str> for ContextValue {
    fn from(value: &str) -> Self {
        Self::One(value.into())
    }
}

impl From<String> for ContextValue {
    fn from(value: String) -> Self {
        Self::One(value.into())
    }
}

impl From<bool> for ContextValue {
    fn from(value: bool) -> Self {
        Self::One(if value { "true" } else { "false" }.into())
    }
}

impl From<Vec<String>> for ContextValue {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values.into_iter().map(Into::into).collect())
    }
}

/// A condition key as it was set, or kept absent.
pub(super) type Pair = (Box<str>, Option<ContextValue>);

/// Keys that are the same in many requests, present or absent.
pub(super) type Shared = NameTable<Option<ContextValue>>;

pub(super) fn share(pairs: Vec<Pair>) -> Shared {
    let named = |(key, value)| (Name::of(key), value);
    pairs.into_iter().map(named).collect()
}

/// All condition keys of one request. Names compare ignoring case; look-ups do not allocate.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What is said here of a key counts, whatever the request's own say of it.
    shared: Option<Arc<Shared>>,
    keys: NameTable<ContextValue>,
}

impl Context {
    pub(super) fn new(shared: Option<Arc<Shared>>, pairs: Vec<Pair>) -> Self {
        let named = |(key, value): Pair| Some((Name::of(key), value?));
        Self {
            shared,
            keys: pairs.into_iter().filter_map(named).collect(),
        }
    }

    #[cfg(test)]
    pub(crate) fn from_pairs(pairs: Vec<(Box<str>, ContextValue)>) -> Self {
        let some = |(key, value)| (key, Some(value));
        Self::new(None, pairs.into_iter().map(some).collect())
    }

    #[inline]
    pub(crate) fn find(&self, key: &Name) -> Option<&ContextValue> {
        match self.shared.as_ref().and_then(|shared| shared.find(key)) {
            Some(shared) => shared.as_ref(),
            None => self.keys.find(key),
        }
    }

    /// The value of a key, ignoring the case of its name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.find(&Name::new(key))
    }

    /// All keys and values: those of the caller first, then in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        let shared = self.shared.as_deref();
        let own = self
            .keys
            .iter()
            .filter(move |(name, _)| shared.is_none_or(|shared| shared.find(name).is_none()));
        let of_all = shared.into_iter().flat_map(NameTable::iter);
        of_all
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
            .chain(own)
            .map(|(name, value)| (name.as_str(), value))
    }
}

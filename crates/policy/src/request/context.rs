//! The request context: condition keys and their values.

use smol_str::SmolStr;
use std::sync::Arc;

use crate::names::{Name, NameTable};

/// The name of a condition key in a request, ready to be looked up. Names compare ignoring case.
///
/// Those that are known when the program is compiled cost nothing as constants:
///
/// ```
/// const CURRENT_TIME: policy::ContextKey = policy::ContextKey::new("aws:CurrentTime");
/// ```
#[derive(Clone, Debug)]
pub struct ContextKey(pub(super) Name);

impl ContextKey {
    /// A key whose name stands in the program.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Name::fixed(name))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<&'static str> for ContextKey {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl From<String> for ContextKey {
    fn from(name: String) -> Self {
        Self(Name::of(name))
    }
}

impl From<&String> for ContextKey {
    fn from(name: &String) -> Self {
        name.clone().into()
    }
}

/// The value of a condition key in a request.
///
/// Short values stand in place, and a copy of a long one is the same text.
///
/// A list marks a multivalued key (`aws:TagKeys`), also with one or no element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(SmolStr),
    /// A multivalued key.
    Many(Box<[SmolStr]>),
}

impl ContextValue {
    /// The values, one or many.
    #[must_use]
    pub fn as_slice(&self) -> &[SmolStr] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// The value of a single-valued key that stands in the program.
    #[must_use]
    pub const fn fixed(value: &'static str) -> Self {
        Self::One(SmolStr::new_static(value))
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
        Self::fixed(if value { "true" } else { "false" })
    }
}

impl From<Vec<String>> for ContextValue {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values.into_iter().map(SmolStr::from).collect())
    }
}

impl<'a> FromIterator<&'a str> for ContextValue {
    /// A list.
    fn from_iter<I: IntoIterator<Item = &'a str>>(values: I) -> Self {
        Self::Many(values.into_iter().map(SmolStr::from).collect())
    }
}

/// Condition keys, each with its value or, with none, absent. No two names are the same.
pub(super) type Keys = NameTable<Option<ContextValue>>;

/// All condition keys of one request. Names compare ignoring case; look-ups do not allocate.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Those that are the same in many requests. What is said here of a key counts, whatever the request's own say of it.
    shared: Option<Arc<Keys>>,
    keys: Keys,
}

impl Context {
    pub(super) fn new(shared: Option<Arc<Keys>>, keys: Keys) -> Self {
        Self { shared, keys }
    }

    /// All keys as those of a request of its own.
    pub(super) fn own(&self) -> Keys {
        let own = self
            .named()
            .map(|(name, value)| (name.clone(), Some(value.clone())));
        own.collect()
    }

    #[cfg(test)]
    pub(crate) fn from_pairs(pairs: Vec<(Box<str>, ContextValue)>) -> Self {
        let named = |(key, value): (Box<str>, _)| (Name::new(&key), Some(value));
        Self::new(None, pairs.into_iter().map(named).collect())
    }

    #[inline]
    pub(crate) fn find(&self, key: &Name) -> Option<&ContextValue> {
        match self.shared.as_ref().and_then(|shared| shared.find(key)) {
            Some(shared) => shared.as_ref(),
            None => self.keys.find(key)?.as_ref(),
        }
    }

    /// The value of a key, ignoring the case of its name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.find(&Name::new(key))
    }

    /// All keys and values: those of the caller first, then in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.named().map(|(name, value)| (name.as_str(), value))
    }

    fn named(&self) -> impl Iterator<Item = (&Name, &ContextValue)> {
        let shared = self.shared.as_deref();
        let own = self
            .keys
            .iter()
            .filter(move |(name, _)| shared.is_none_or(|shared| shared.find(name).is_none()));
        let of_all = shared.into_iter().flat_map(NameTable::iter);
        of_all
            .chain(own)
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

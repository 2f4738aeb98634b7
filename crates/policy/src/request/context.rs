//! The request context: condition keys and their values.

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

/// All condition keys of one request. Names compare ignoring case; look-ups do not allocate.
#[derive(Clone, Debug, Default)]
pub struct Context {
    keys: NameTable<ContextValue>,
}

impl Context {
    pub(crate) fn from_pairs(pairs: Vec<(Box<str>, ContextValue)>) -> Self {
        Self {
            keys: pairs
                .into_iter()
                .map(|(key, value)| (Name::new(&key), value))
                .collect(),
        }
    }

    #[inline]
    pub(crate) fn find(&self, key: &Name) -> Option<&ContextValue> {
        self.keys.find(key)
    }

    /// The value of a key, ignoring the case of its name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.keys.find(&Name::new(key))
    }

    /// All keys and values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.keys.iter()
    }
}

//! The request context: condition keys and their values.

use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Some condition keys, by the hashes of their names: one that is not among them was surely not put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyMask([u64; WORDS]);

const WORDS: usize = 4;

impl KeyMask {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    fn of(name: &Name) -> Self {
        Self::at(name.place(WORDS * 64))
    }

    fn at(at: usize) -> Self {
        Self(std::array::from_fn(|word| match word == at / 64 {
            true => 1 << (at % 64),
            false => 0,
        }))
    }

    pub(super) fn may_have(&self, name: &Name) -> bool {
        self.meets(Self::of(name))
    }

    pub(super) fn may_have_named(&self, key: &str) -> bool {
        self.meets(Self::at(Name::place_of(key, WORDS * 64)))
    }

    fn meets(&self, other: Self) -> bool {
        let mut both = self.0.iter().zip(other.0);
        both.any(|(held, one)| held & one != 0)
    }
}

/// Condition keys that policies asked for, as far as it was seen.
#[derive(Debug, Default)]
pub struct AskedKeys([AtomicU64; WORDS]);

impl AskedKeys {
    /// Those of now.
    #[must_use]
    pub fn now(&self) -> KeyMask {
        let mut words = self.0.iter().map(|word| word.load(Ordering::Relaxed));
        KeyMask(std::array::from_fn(|_| words.next().unwrap_or_default()))
    }

    /// These too.
    pub fn add(&self, keys: KeyMask) {
        for (word, more) in self.0.iter().zip(keys.0) {
            word.fetch_or(more, Ordering::Relaxed);
        }
    }
}

/// What is known of the keys that were left out of a context.
#[derive(Debug)]
pub(super) struct LeftOut {
    /// Any key that is not among these.
    kept: KeyMask,
    /// Those of them that somebody asked for.
    missed: AskedKeys,
}

impl LeftOut {
    pub(super) fn all_but(kept: KeyMask) -> Self {
        Self {
            kept,
            missed: AskedKeys::default(),
        }
    }

    fn note(&self, name: &Name) {
        if !self.kept.may_have(name) {
            self.missed.add(KeyMask::of(name));
        }
    }
}

impl Clone for LeftOut {
    fn clone(&self) -> Self {
        let missed = AskedKeys::default();
        missed.add(self.missed.now());
        Self {
            kept: self.kept,
            missed,
        }
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
    /// Of a context that does not have all keys.
    left_out: Option<LeftOut>,
}

impl Context {
    pub(super) fn new(shared: Option<Arc<Keys>>, keys: Keys, left_out: Option<LeftOut>) -> Self {
        Self {
            shared,
            keys,
            left_out,
        }
    }

    /// The keys that were asked for although they had been left out: they may have had a value.
    #[must_use]
    pub fn missed(&self) -> KeyMask {
        let left_out = self.left_out.as_ref();
        left_out.map_or_else(KeyMask::default, |it| it.missed.now())
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
        Self::new(None, pairs.into_iter().map(named).collect(), None)
    }

    #[inline]
    pub(crate) fn find(&self, key: &Name) -> Option<&ContextValue> {
        match self.shared.as_ref().and_then(|shared| shared.find(key)) {
            Some(shared) => shared.as_ref(),
            None => match self.keys.find(key) {
                Some(own) => own.as_ref(),
                None => {
                    if let Some(left_out) = &self.left_out {
                        left_out.note(key);
                    }
                    None
                }
            },
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
        if let Some(left_out) = &self.left_out {
            left_out.missed.add(KeyMask([u64::MAX; WORDS]));
        }
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

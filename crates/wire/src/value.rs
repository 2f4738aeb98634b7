//! The tree that requests are read into and responses are written from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::Bytes;
use jiff::Timestamp;

/// A value of an API: one member, or a whole input or output.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value. A member that is null is not written.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or not a number at all.
    Float(f64),
    /// Text.
    String(String),
    /// Bytes. Base64 in JSON and XML bodies; the codecs encode and decode it.
    Blob(Bytes),
    /// An instant.
    Timestamp(Timestamp),
    /// Values in order.
    List(Vec<Self>),
    /// The members of a structure by their API names, or the entries of a map.
    Map(Map),
}

/// Up to so many entries, names are compared one by one.
const FEW: usize = 24;

/// Named values in order, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    entries: Vec<(Cow<'static, str>, Value)>,
}

impl Map {
    /// No entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// No entries, with room for some.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
        }
    }

    /// Adds an entry, or replaces the value of the entry with this name.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    /// [`Map::insert`] for building a map in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// [`Map::with`] when there is a value.
    #[must_use]
    pub fn with_some(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Value>>,
    ) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Takes out the entry of this name.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(known, _)| known == name)?;
        Some(self.entries.remove(at).1)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_ref(), value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>> FromIterator<(N, V)> for Map {
    /// Of entries with the same name the last counts, in the place of the first.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let (least, most) = entries.size_hint();
        let mut map = Self::with_capacity(most.unwrap_or(least).min(FEW));
        let mut rest = entries.map(|(name, value)| (name.into(), value.into()));
        for (name, value) in rest.by_ref().take(FEW) {
            map.insert(name, value);
        }
        map.extend_found(rest);
        map
    }
}

impl Map {
    /// [`insert`](Self::insert) for many entries: they are not compared with each other one by one.
    fn extend_found(&mut self, entries: impl Iterator<Item = (Cow<'static, str>, Value)>) {
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            return;
        }
        let held = self.entries.iter().enumerate();
        let mut places: HashMap<Cow<'static, str>, usize> =
            held.map(|(at, (name, _))| (name.clone(), at)).collect();
        for (name, value) in entries {
            match places.entry(name) {
                Entry::Occupied(place) => {
                    if let Some((_, old)) = self.entries.get_mut(*place.get()) {
                        *old = value;
                    }
                }
                Entry::Vacant(place) => {
                    self.entries.push((place.key().clone(), value));
                    place.insert(self.entries.len() - 1);
                }
            }
        }
    }
}

impl IntoIterator for Map {
    type Item = (Cow<'static, str>, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// The getters of a map also stand on a value that is one; on another value they find nothing.
impl Value {
    /// An empty map, to be filled with [`Value::with`].
    #[must_use]
    pub const fn map() -> Self {
        Self::Map(Map::new())
    }

    /// Whether this is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The whole number, if this is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The truth value, if this is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self {
            Some(*truth)
        } else {
            None
        }
    }

    /// The number, if this is one of either kind.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a caller that asks for a float wants one"
    )]
    pub const fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Int(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// The instant, if this is one.
    #[must_use]
    pub const fn as_timestamp(&self) -> Option<Timestamp> {
        if let Self::Timestamp(instant) = self {
            Some(*instant)
        } else {
            None
        }
    }

    /// The bytes, if this is a blob.
    #[must_use]
    pub const fn as_blob(&self) -> Option<&Bytes> {
        if let Self::Blob(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    /// The values, if this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(values) = self {
            Some(values)
        } else {
            None
        }
    }

    /// The entries, if this is a structure or a map.
    #[must_use]
    pub const fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// The member of this name, unless it is absent or null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_map()?.get(name).filter(|value| !value.is_null())
    }

    /// The member's text.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The member's whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_int()
    }

    /// The member's truth value.
    #[must_use]
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// The member's instant.
    #[must_use]
    pub fn timestamp(&self, name: &str) -> Option<Timestamp> {
        self.get(name)?.as_timestamp()
    }

    /// The member's bytes.
    #[must_use]
    pub fn blob(&self, name: &str) -> Option<&Bytes> {
        self.get(name)?.as_blob()
    }

    /// The member's values; empty when it is absent.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Self] {
        self.get(name).and_then(Self::as_list).unwrap_or_default()
    }

    /// The value at a path of member names and list numbers (from 0) with dots between:
    /// `VpcConfig.Subnets.0`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |value, part| match value {
            Self::List(values) => values.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        })
    }

    /// Adds or replaces a member; a value that is no map becomes one.
    #[must_use]
    pub fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) -> Self {
        let map = if let Self::Map(map) = self {
            map
        } else {
            Map::new()
        };
        Self::Map(map.with(name, value))
    }

    /// [`Value::with`] when there is a value.
    #[must_use]
    pub fn with_some(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Self>>,
    ) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

macro_rules! into_value {
    ($($from:ty => |$value:ident| $to:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        })*
    };
}

into_value! {
    bool => |value| Self::Bool(value),
    i64 => |value| Self::Int(value),
    i32 => |value| Self::Int(value.into()),
    u32 => |value| Self::Int(value.into()),
    u16 => |value| Self::Int(value.into()),
    f64 => |value| Self::Float(value),
    &str => |value| Self::String(value.to_owned()),
    String => |value| Self::String(value),
    Cow<'_, str> => |value| Self::String(value.into_owned()),
    Bytes => |value| Self::Blob(value),
    Timestamp => |value| Self::Timestamp(value),
    Map => |value| Self::Map(value),
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>> FromIterator<V> for Value {
    /// A list.
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

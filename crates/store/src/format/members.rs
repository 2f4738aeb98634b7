//! What a type reads, asked of the type itself: it is given made-up values, and what it asks for is noted.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What stands for every text; it passes for a time.
const TEXT: &str = "2026-01-02T03:04:05Z";
/// How deep is looked, should a type contain itself.
const DEEPEST: usize = 16;
/// How often it is asked. Each time other variants are given, and other members first: behind a text
/// that was not to a type's taste it asks for nothing more.
const ROUNDS: u64 = 256;

/// The paths to the members and variants that `T` reads: `policies.inline`, `owner|user.name`.
pub(super) fn of<T: DeserializeOwned>() -> BTreeSet<String> {
    let notes = RefCell::default();
    for round in 0..ROUNDS {
        let probe = Probe {
            notes: &notes,
            path: String::new(),
            depth: 0,
            round,
        };
        // What becomes of the values does not matter.
        drop(T::deserialize(probe));
    }
    notes.into_inner()
}

struct Probe<'n> {
    notes: &'n RefCell<BTreeSet<String>>,
    path: String,
    depth: usize,
    round: u64,
}

impl Probe<'_> {
    fn note(&self, mark: &str, names: &[&str]) {
        let mut notes = self.notes.borrow_mut();
        notes.extend(names.iter().map(|name| self.join(mark, name)));
    }

    fn join(&self, mark: &str, name: &str) -> String {
        if self.path.is_empty() && mark == "." {
            name.to_owned()
        } else {
            format!("{}{mark}{name}", self.path)
        }
    }

    /// Which of `count` has its turn: by the round and the path (FNV-1a), not by the round alone, so that what
    /// lies in one another meets in all ways.
    fn turn(&self, count: usize) -> usize {
        let round = self.round.to_le_bytes();
        let bytes = self.path.bytes().chain(round);
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        // The low bits of such a hash depend on too few of the bits before.
        usize::try_from((hash >> 32) % count).unwrap_or(0)
    }

    fn at(&self, mark: &str, name: &str) -> Self {
        Self {
            path: self.join(mark, name),
            depth: self.depth + 1,
            ..*self
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_u64(1)
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_str(TEXT)
        }
    )*};
}

macro_rules! units {
    ($($method:ident($($name:ty)?))*) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $name,)? visitor: V) -> Result<V::Value, Error> {
            visitor.visit_unit()
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64);
    texts!(deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_byte_buf deserialize_identifier);
    units!(deserialize_any() deserialize_unit() deserialize_unit_struct(&'static str)
        deserialize_ignored_any());

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(true)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_tuple(1, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let left = length;
        visitor.visit_seq(Items { of: self, left })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Members {
            left: vec![("*", TEXT)],
            of: self,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note(".", members);
        let mut left: Vec<_> = members.iter().map(|name| (*name, *name)).collect();
        if !left.is_empty() {
            let first = self.turn(left.len());
            left.rotate_left(first);
        }
        visitor.visit_map(Members { left, of: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note("|", variants);
        let name = variants.get(self.turn(variants.len()));
        let name = *name.ok_or_else(|| Error::custom("no variants"))?;
        visitor.visit_enum(Variant { name, of: self })
    }
}

struct Items<'n> {
    of: Probe<'n>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.left == 0 || self.of.depth == DEEPEST {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.of.at("[]", "")).map(Some)
    }
}

/// The members that are still to be given, the last first: how they stand in paths, and their keys.
struct Members<'n> {
    of: Probe<'n>,
    left: Vec<(&'static str, &'static str)>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.left.last() {
            Some((_, key)) if self.of.depth < DEEPEST => {
                let key: StrDeserializer<'_, Error> = key.into_deserializer();
                seed.deserialize(key).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, _) = self.left.pop().unwrap_or_default();
        seed.deserialize(self.of.at(".", name))
    }
}

struct Variant<'n> {
    of: Probe<'n>,
    name: &'static str,
}

impl<'de, 'n> EnumAccess<'de> for Variant<'n> {
    type Error = Error;
    type Variant = Probe<'n>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Probe<'n>), Error> {
        let name: StrDeserializer<'_, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.of.at("|", self.name)))
    }
}

impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_struct("", members, visitor)
    }
}

//! The blob's sections, and searching them.
//!
//! `xtask/src/catalog/blob.rs` writes what this module reads. All numbers are little-endian.
//!
//! | section | content |
//! |---|---|
//! | word ends | u16 for each word: where it ends in the next section |
//! | words | their text, one after the other |
//! | key offsets | u16 for each condition key, in the order of their lower-case names |
//! | keys | for each: its type (bits 0-3) and whether multivalued (bit 4), its name |
//! | patterns | u16 for each key with a placeholder: its number |
//! | key set offsets | u16 for each set of condition keys |
//! | key sets | for each: a count, the keys' numbers |
//! | service offsets | u32 for each service, in the order of their prefixes |
//! | services | see `service.rs` |

use super::global;
use super::key::ConditionKey;
use super::read::{Reader, u16_at, u32_at};
use super::service::{Action, Service};
use super::text::Text;

/// What every blob of this format begins with.
const MAGIC: &[u8; 8] = b"PALIAM\0\x01";

/// One set of tables: the embedded one, or any other of the same format.
#[derive(Debug)]
pub struct Tables {
    pub(super) word_ends: &'static [u8],
    pub(super) words: &'static str,
    key_offsets: &'static [u8],
    keys: &'static [u8],
    patterns: &'static [u8],
    key_set_offsets: &'static [u8],
    key_sets: &'static [u8],
    service_offsets: &'static [u8],
    services: &'static [u8],
}

/// Splits the next section off: its length, then its bytes.
const fn section(bytes: &'static [u8]) -> Option<(&'static [u8], &'static [u8])> {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return None;
    };
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// Takes the next section off `$bytes`, or leaves the function.
macro_rules! next_section {
    ($bytes:ident) => {
        match section($bytes) {
            Some((taken, rest)) => {
                $bytes = rest;
                taken
            }
            None => return None,
        }
    };
}

impl Tables {
    /// Finds the sections. Nothing else is looked at; what lies in them is checked as it is read.
    ///
    /// `None` when this is no blob of this format.
    #[must_use]
    pub const fn open(bytes: &'static [u8]) -> Option<Self> {
        let Some((magic, mut bytes)) = bytes.split_first_chunk() else {
            return None;
        };
        if u64::from_le_bytes(*magic) != u64::from_le_bytes(*MAGIC) {
            return None;
        }
        let word_ends = next_section!(bytes);
        let Ok(words) = str::from_utf8(next_section!(bytes)) else {
            return None;
        };
        let tables = Self {
            word_ends,
            words,
            key_offsets: next_section!(bytes),
            keys: next_section!(bytes),
            patterns: next_section!(bytes),
            key_set_offsets: next_section!(bytes),
            key_sets: next_section!(bytes),
            service_offsets: next_section!(bytes),
            services: next_section!(bytes),
        };
        if bytes.is_empty() { Some(tables) } else { None }
    }

    /// All services, by prefix.
    pub fn services(&'static self) -> impl Iterator<Item = Service> {
        (0..self.service_offsets.len() / 4).filter_map(move |index| self.nth_service(index))
    }

    /// The service with this prefix.
    #[must_use]
    pub fn service(&'static self, prefix: &str) -> Option<Service> {
        search(self.service_offsets.len() / 4, |index| {
            let service = self.nth_service(index)?;
            let order = Text::plain(service.prefix()).cmp_ignore_case(prefix);
            Some((order, service))
        })
    }

    /// The action with this name, with its service's prefix.
    #[must_use]
    pub fn action(&'static self, name: &str) -> Option<Action> {
        let (prefix, name) = name.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// The condition key that a name means.
    #[must_use]
    pub fn condition_key(&'static self, name: &str) -> Option<ConditionKey> {
        let exact = search(self.key_offsets.len() / 2, |index| {
            let key = self.nth_key(index)?;
            Some((key.name().cmp_ignore_case(name), key))
        });
        let pattern = || {
            let numbers = 0..self.patterns.len() / 2;
            numbers
                .filter_map(|index| self.nth_key(u16_at(self.patterns, index)?))
                .find(|key| key.name().covers(name))
        };
        exact.or_else(|| global::key(name)).or_else(pattern)
    }

    /// Every condition key that a service lists, by name.
    pub fn condition_keys(&'static self) -> impl Iterator<Item = ConditionKey> {
        (0..self.key_offsets.len() / 2).filter_map(move |index| self.nth_key(index))
    }

    fn nth_service(&'static self, index: usize) -> Option<Service> {
        let start = u32_at(self.service_offsets, index)?;
        Service::read(self, Reader::at(self.services, start)?)
    }

    fn nth_key(&'static self, index: usize) -> Option<ConditionKey> {
        let mut at = Reader::at(self.keys, u16_at(self.key_offsets, index)?)?;
        let form = at.byte()?;
        ConditionKey::read(form, Text::coded(self, at.block()?))
    }

    /// The condition keys of a set; none when there is no such set.
    pub(super) fn key_set(&'static self, set: usize) -> KeySet {
        let found = || {
            let mut at = Reader::at(self.key_sets, u16_at(self.key_set_offsets, set)?)?;
            let left = at.number()?;
            Some(KeySet {
                tables: self,
                at,
                left,
            })
        };
        found().unwrap_or(KeySet {
            tables: self,
            at: Reader(&[]),
            left: 0,
        })
    }
}

/// The condition keys of one set.
#[derive(Debug, Clone)]
pub(super) struct KeySet {
    tables: &'static Tables,
    at: Reader,
    left: usize,
}

impl Iterator for KeySet {
    type Item = ConditionKey;

    fn next(&mut self) -> Option<ConditionKey> {
        self.left = self.left.checked_sub(1)?;
        self.tables.nth_key(self.at.number()?)
    }
}

/// Binary search among `count` things, of which `probe` gives the order and the thing.
pub(super) fn search<T>(
    count: usize,
    probe: impl Fn(usize) -> Option<(std::cmp::Ordering, T)>,
) -> Option<T> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match probe(middle)? {
            (std::cmp::Ordering::Equal, found) => return Some(found),
            (std::cmp::Ordering::Less, _) => low = middle.saturating_add(1),
            (std::cmp::Ordering::Greater, _) => high = middle,
        }
    }
    None
}

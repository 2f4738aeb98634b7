//! A hash that is quick where nobody chooses the keys to collide: tables live for one question, and what collides costs a
//! comparison.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A table with the quick hash.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// Multiplies and turns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Mix {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.add(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.add(word.unsigned_abs() as u64);
    }
}

/// Values that are kept once each, by number.
#[derive(Clone, Debug)]
pub(crate) struct Interned<T> {
    items: Vec<T>,
    /// By hash; where two have the same, the later has the next that is free.
    numbers: Table<u64, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            numbers: Table::default(),
        }
    }
}

impl<T: Hash + Eq> Interned<T> {
    /// The number of a value.
    pub(crate) fn add(&mut self, item: T) -> u32 {
        let mut mix = Mix::default();
        item.hash(&mut mix);
        let mut hash = mix.finish();
        while let Some(known) = self.numbers.get(&hash) {
            if self.items.get(*known as usize) == Some(&item) {
                return *known;
            }
            hash = hash.wrapping_add(1);
        }
        let number = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.numbers.insert(hash, number);
        self.items.push(item);
        number
    }

    /// The value of a number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.items.get(number as usize)
    }

    /// All of them, by number.
    pub(crate) fn all(&self) -> &[T] {
        &self.items
    }
}

//! Names that compare ignoring case, and a table of them that is searched without allocating.

use smol_str::SmolStr;

/// A name with its hash, made once when a policy is compiled or a request is built, or when the program is compiled.
///
/// Condition keys and actions compare ignoring ASCII case (IAM User Guide, "Condition", "Action").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    text: SmolStr,
    hash: u64,
}

impl Name {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            hash: hash(text),
            text: text.into(),
        }
    }

    pub(crate) fn of(text: String) -> Self {
        Self {
            hash: hash(&text),
            text: text.into(),
        }
    }

    pub(crate) const fn fixed(text: &'static str) -> Self {
        Self {
            hash: hash(text),
            text: SmolStr::new_static(text),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// A number below `size`, a power of two: the same for equal names.
    pub(crate) fn place(&self, size: usize) -> usize {
        slot_of(self.hash, size)
    }

    /// The same of a name as a text.
    pub(crate) fn place_of(text: &str, size: usize) -> usize {
        slot_of(hash(text), size)
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.hash == other.hash && self.text.eq_ignore_ascii_case(&other.text)
    }
}

/// A hash of the text without its case, eight bytes at a time. Tables are small, so that crafted collisions cost a short scan at
/// most.
const fn hash(text: &str) -> u64 {
    let mut state = text.len() as u64;
    let mut rest = text.as_bytes();
    while let Some((eight, behind)) = rest.split_first_chunk() {
        state = mixed(state, u64::from_le_bytes(*eight));
        rest = behind;
    }
    let mut last = 0;
    while let Some((byte, behind)) = rest.split_first() {
        last = (last << 8) | *byte as u64;
        rest = behind;
    }
    mixed(state, last)
}

/// The bit that is the case of a letter is set in all bytes, which makes some that are no letters the same too. All bytes
/// reach the upper end of the product, and from there its lower.
const fn mixed(state: u64, eight: u64) -> u64 {
    let caseless = eight | 0x2020_2020_2020_2020;
    let product = (state ^ caseless).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product.swap_bytes()
}

/// A table from names to values, in the order in which they were put in.
#[derive(Clone, Debug)]
pub(crate) struct NameTable<V> {
    entries: Vec<(Name, V)>,
    /// Open addressing: zero is free, else an index into `entries` plus one. The length is a power of two, and at least
    /// twice that of `entries`.
    slots: Box<[u32]>,
}

impl<V> Default for NameTable<V> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            slots: Box::default(),
        }
    }
}

impl<V> FromIterator<(Name, V)> for NameTable<V> {
    /// Of two equal names the last counts.
    fn from_iter<I: IntoIterator<Item = (Name, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let mut table = Self::with_room(pairs.size_hint().0);
        for (name, value) in pairs {
            table.put(name, value);
        }
        table
    }
}

impl<V> NameTable<V> {
    /// An empty table into which so many names can be put before it has to grow.
    pub(crate) fn with_room(count: usize) -> Self {
        Self {
            entries: Vec::with_capacity(count),
            slots: free_slots(count),
        }
    }

    #[inline]
    pub(crate) fn find(&self, name: &Name) -> Option<&V> {
        let size = self.slots.len();
        let mut at = slot_of(name.hash, size);
        loop {
            let number = *self.slots.get(at)? as usize;
            let (known, value) = self.entries.get(number.checked_sub(1)?)?;
            if known.same(name) {
                return Some(value);
            }
            at = (at + 1) & (size - 1);
        }
    }

    /// Puts a value in, in place of that of the same name.
    pub(crate) fn put(&mut self, name: Name, value: V) {
        match self.place(&name) {
            Some((_, held)) => *held = value,
            None => self.add(name, value),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    fn place(&mut self, name: &Name) -> Option<&mut (Name, V)> {
        let size = self.slots.len();
        let mut at = slot_of(name.hash, size);
        loop {
            let entry = (*self.slots.get(at)? as usize).checked_sub(1)?;
            if self.entries.get(entry)?.0.same(name) {
                return self.entries.get_mut(entry);
            }
            at = (at + 1) & (size - 1);
        }
    }

    /// Adds a name that is not there.
    fn add(&mut self, name: Name, value: V) {
        let hash = name.hash;
        self.entries.push((name, value));
        if self.entries.len() * 2 <= self.slots.len() {
            take_slot(&mut self.slots, hash, self.entries.len());
        } else {
            self.slots = free_slots(self.entries.len() * 2);
            for (number, (name, _)) in (1..).zip(&self.entries) {
                take_slot(&mut self.slots, name.hash, number);
            }
        }
    }
}

/// Slots for so many names.
fn free_slots(count: usize) -> Box<[u32]> {
    vec![0; (count * 2).next_power_of_two().max(8)].into_boxed_slice()
}

/// Puts the number of an entry into the first free slot for its name.
fn take_slot(slots: &mut [u32], hash: u64, number: usize) {
    let size = slots.len();
    let mut at = slot_of(hash, size);
    while slots.get(at).is_some_and(|slot| *slot != 0) {
        at = (at + 1) & (size - 1);
    }
    if let (Some(slot), Ok(number)) = (slots.get_mut(at), u32::try_from(number)) {
        *slot = number;
    }
}

fn slot_of(hash: u64, size: usize) -> usize {
    let folded = hash ^ (hash >> 32);
    usize::try_from(folded & (size as u64).wrapping_sub(1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_ignoring_case_and_never_invented() {
        let table: NameTable<u32> = (0..100)
            .map(|n| (Name::new(&format!("aws:Key{n}")), n))
            .collect();
        for n in 0..100 {
            assert_eq!(table.find(&Name::new(&format!("AWS:kEY{n}"))), Some(&n));
            assert_eq!(table.find(&Name::new(&format!("AWS:k\u{5}Y{n}"))), None);
        }
        assert_eq!(table.find(&Name::new("aws:Key100")), None);
        assert_eq!(
            NameTable::<u32>::default().find(&Name::new("aws:Key1")),
            None
        );
    }

    #[test]
    fn a_name_put_in_again_keeps_its_place() {
        let mut table = NameTable::default();
        for n in 0..40 {
            table.put(Name::new(&format!("k{}", n % 20)), n);
            table.put(Name::fixed("K7"), 7);
        }
        assert_eq!(table.find(&Name::fixed("k7")), Some(&7));
        assert_eq!(table.find(&Name::fixed("k19")), Some(&39));
        let names: Vec<&str> = table.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 20);
        assert_eq!(names[..3], ["k0", "K7", "k1"]);
    }
}

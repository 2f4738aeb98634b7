//! Names that compare ignoring case, and a table of them that is searched without allocating.

/// A name with its hash, made once when a policy is compiled or a request is built.
///
/// Condition keys and actions compare ignoring ASCII case (IAM User Guide, "Condition", "Action").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    text: Box<str>,
    hash: u64,
}

impl Name {
    pub(crate) fn new(text: &str) -> Self {
        Self::of(text.into())
    }

    pub(crate) fn of(text: Box<str>) -> Self {
        Self {
            hash: hash(&text),
            text,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.hash == other.hash && self.text.eq_ignore_ascii_case(&other.text)
    }
}

/// FNV-1a over the ASCII-lower-cased text. Tables are small, so that crafted collisions cost a short scan at most.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A table from names to values, in the order in which they were put in.
#[derive(Clone, Debug)]
pub(crate) struct NameTable<V> {
    entries: Vec<(Name, V)>,
    /// Open addressing: zero is free, else an index into `entries` plus one. The length is a power of two.
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
    /// The names must differ; of two equal ones the first is found.
    fn from_iter<I: IntoIterator<Item = (Name, V)>>(pairs: I) -> Self {
        let entries: Vec<(Name, V)> = pairs.into_iter().collect();
        let size = (entries.len() * 2).next_power_of_two().max(8);
        let mut slots = vec![0_u32; size].into_boxed_slice();
        for (number, (name, _)) in (1_u32..).zip(&entries) {
            let mut at = slot_of(name.hash, size);
            while slots.get(at).is_some_and(|slot| *slot != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = number;
            }
        }
        Self { entries, slots }
    }
}

impl<V> NameTable<V> {
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.entries.iter().map(|(name, value)| (name, value))
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
        }
        assert_eq!(table.find(&Name::new("aws:Key100")), None);
        assert_eq!(
            NameTable::<u32>::default().find(&Name::new("aws:Key1")),
            None
        );
    }
}

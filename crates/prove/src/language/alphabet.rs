//! The characters of a question, grouped so that no pattern of it tells two of a group apart.

use std::collections::BTreeMap;

use super::Set;

/// How many groups a question may have.
const MOST: usize = 128;

/// A set of groups, one bit each.
pub(crate) type Mask = u128;

/// The groups of characters that some sets tell apart, each by one character that stands for it. Those that read well come
/// first.
pub(crate) struct Alphabet {
    symbols: Vec<char>,
}

impl Alphabet {
    /// The alphabet of a question that uses these sets. `None` when it would have more than 128 groups.
    pub(crate) fn new<'a>(sets: impl Iterator<Item = &'a Set> + Clone) -> Option<Self> {
        // Between two neighbouring bounds no set changes its mind.
        let mut bounds = vec![0];
        for set in sets.clone() {
            set.bounds(&mut bounds);
        }
        bounds.sort_unstable();
        bounds.dedup();
        let mut distinct: Vec<&Set> = Vec::new();
        for set in sets {
            if !distinct.contains(&set) {
                distinct.push(set);
            }
        }
        let mut groups: BTreeMap<Vec<bool>, (u32, char)> = BTreeMap::new();
        for (at, low) in bounds.iter().enumerate() {
            let end = bounds
                .get(at + 1)
                .copied()
                .unwrap_or(u32::from(char::MAX) + 1);
            let Some(best) = most_readable(*low, end) else {
                continue;
            };
            let memberships = distinct.iter().map(|set| set.contains(best.1)).collect();
            let held = groups.entry(memberships).or_insert(best);
            *held = best.min(*held);
        }
        if groups.len() > MOST {
            return None;
        }
        let mut symbols: Vec<(u32, char)> = groups.into_values().collect();
        symbols.sort_unstable();
        Some(Self {
            symbols: symbols.into_iter().map(|(_, symbol)| symbol).collect(),
        })
    }

    /// The characters that stand for the groups.
    pub(crate) fn symbols(&self) -> &[char] {
        &self.symbols
    }

    /// The groups within a set.
    pub(crate) fn mask(&self, set: &Set) -> Mask {
        let numbered = self.symbols.iter().enumerate();
        numbered
            .filter(|(_, symbol)| set.contains(**symbol))
            .fold(0, |mask, (at, _)| mask | 1 << at)
    }

    /// All groups.
    pub(crate) fn all(&self) -> Mask {
        match self.symbols.len() {
            MOST => Mask::MAX,
            len => (1 << len) - 1,
        }
    }

    /// The character that stands for the first group of a mask.
    pub(crate) fn first(&self, mask: Mask) -> Option<char> {
        self.symbols.get(mask.trailing_zeros() as usize).copied()
    }
}

/// The character of `low..end` that reads best, with its rank; `None` when there is none.
fn most_readable(low: u32, end: u32) -> Option<(u32, char)> {
    const PREFERRED: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.=@+,/: !#$%&'()*;<>?[]^`{|}~\"\\";
    let preferred = (0..).zip(PREFERRED.chars());
    let mut within = preferred.filter(|(_, c)| (low..end).contains(&u32::from(*c)));
    within.next().or_else(|| {
        let first = (low..end).find_map(char::from_u32)?;
        Some((u32::from(first) + 1_000, first))
    })
}

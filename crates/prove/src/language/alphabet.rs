//! The characters of a question, grouped so that no pattern of it tells two of a group apart.

use super::Set;
use std::sync::LazyLock;

/// How many groups a question may have.
const MOST: usize = 128;

/// A set of groups, one bit each.
pub(crate) type Mask = u128;

/// The groups of characters that some sets tell apart, each by one character that stands for it. Those that read well come
/// first.
pub(crate) struct Alphabet {
    symbols: Vec<char>,
    /// The number of each symbol of ASCII.
    ascii: [u8; 128],
}

/// Stands for no symbol.
const NONE: u8 = u8::MAX;

impl Alphabet {
    /// The alphabet of a question that uses these sets. `None` when it would have more than 128 groups, or more than 128
    /// different sets that are not one character.
    pub(crate) fn new<'a>(sets: impl Iterator<Item = &'a Set>) -> Option<Self> {
        let mut singles = Singles::default();
        let mut wide: Vec<&Set> = Vec::new();
        for set in sets {
            match set {
                Set::One(c) => singles.add(*c),
                Set::Any => {}
                set if wide.last() == Some(&set) || wide.contains(&set) => {}
                set => wide.push(set),
            }
        }
        if wide.len() > MOST {
            return None;
        }
        let ranks: &[u8; 128] = &RANKS;
        let mut symbols: Vec<(u8, char)> = singles.iter().map(|c| (rank(c, ranks), c)).collect();
        // Between two neighbouring bounds no set changes its mind.
        let mut bounds = vec![0, u32::from(char::MAX) + 1];
        singles
            .iter()
            .for_each(|c| bounds.extend([u32::from(c), u32::from(c) + 1]));
        wide.iter().for_each(|set| set.bounds(&mut bounds));
        bounds.sort_unstable();
        bounds.dedup();
        let mut groups: Vec<(Mask, (u8, char))> = Vec::new();
        for pair in bounds.windows(2) {
            let [low, end] = pair else {
                continue;
            };
            if char::from_u32(*low).is_some_and(|c| singles.holds(c)) {
                continue;
            }
            let Some(best) = most_readable(*low, *end, ranks) else {
                continue;
            };
            let numbered = wide.iter().enumerate();
            let of = numbered.filter(|(_, set)| set.contains(best.1));
            let memberships = of.fold(0, |mask: Mask, (at, _)| mask | 1 << at);
            match groups.iter_mut().find(|(known, _)| *known == memberships) {
                Some((_, held)) => *held = best.min(*held),
                None => groups.push((memberships, best)),
            }
        }
        symbols.extend(groups.into_iter().map(|(_, best)| best));
        if symbols.len() > MOST {
            return None;
        }
        symbols.sort_unstable();
        let mut ascii = [NONE; 128];
        for (number, (_, symbol)) in (0..).zip(&symbols) {
            if let Some(slot) = ascii.get_mut(*symbol as usize) {
                *slot = number;
            }
        }
        Some(Self {
            symbols: symbols.into_iter().map(|(_, symbol)| symbol).collect(),
            ascii,
        })
    }

    /// The characters that stand for the groups.
    pub(crate) fn symbols(&self) -> &[char] {
        &self.symbols
    }

    /// The groups within a set. It is one of those that the alphabet was made of.
    pub(crate) fn mask(&self, set: &Set) -> Mask {
        match set {
            Set::Any => self.all(),
            Set::One(c) => match self.ascii.get(*c as usize) {
                Some(number) if *number != NONE => 1 << number,
                _ => self.mask_of(|symbol| symbol == *c),
            },
            set => self.mask_of(|symbol| set.contains(symbol)),
        }
    }

    fn mask_of(&self, holds: impl Fn(char) -> bool) -> Mask {
        let numbered = self.symbols.iter().enumerate();
        numbered
            .filter(|(_, symbol)| holds(**symbol))
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

/// Characters, each once.
#[derive(Default)]
struct Singles {
    ascii: u128,
    others: Vec<char>,
}

impl Singles {
    fn add(&mut self, c: char) {
        if c.is_ascii() {
            self.ascii |= 1 << u32::from(c);
        } else if !self.others.contains(&c) {
            self.others.push(c);
        }
    }

    fn holds(&self, c: char) -> bool {
        match c.is_ascii() {
            true => self.ascii & 1 << u32::from(c) != 0,
            false => self.others.contains(&c),
        }
    }

    fn iter(&self) -> impl Iterator<Item = char> {
        let mut left = self.ascii;
        let ascii = std::iter::from_fn(move || {
            let at = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            char::from_u32(at)
        });
        ascii.chain(self.others.iter().copied())
    }
}

/// The characters of ASCII, the best to read first.
const PREFERRED: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.=@+,/: !#$%&'()*;<>?[]^`{|}~\"\\";

/// The place of each character of ASCII among those that read well; control characters come last.
static RANKS: LazyLock<[u8; 128]> = LazyLock::new(|| {
    let mut ranks = [NONE; 128];
    for (rank, c) in (0..).zip(PREFERRED.chars()) {
        if let Some(slot) = ranks.get_mut(c as usize) {
            *slot = rank;
        }
    }
    ranks
});

/// How well a character reads: a smaller number is better. Of those that read equally well, the first is better.
fn rank(c: char, ranks: &[u8; 128]) -> u8 {
    ranks.get(c as usize).copied().unwrap_or(NONE)
}

/// The character of `low..end` that reads best, with its rank; `None` when there is none.
fn most_readable(low: u32, end: u32, ranks: &[u8; 128]) -> Option<(u8, char)> {
    let ascii = (low..end.min(128)).filter_map(char::from_u32);
    let best = ascii.map(|c| (rank(c, ranks), c)).min();
    best.or_else(|| {
        let first = (low..end).find_map(char::from_u32)?;
        Some((rank(first, ranks), first))
    })
}

#[cfg(test)]
mod tests;

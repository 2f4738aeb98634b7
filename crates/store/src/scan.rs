//! Which records of a kind, and in which order.

use std::ops::Bound;

use crate::Key;
use crate::key::push_escaped;

/// A range of keys, to be read in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    prefix: Vec<u8>,
    from: Vec<u8>,
    after: Option<Key>,
    descending: bool,
    limit: usize,
}

/// The encoded range of a scan: ascending bounds, direction and limit.
pub(crate) struct Range {
    /// The first key that belongs to the range.
    pub(crate) lower: Vec<u8>,
    /// The first key beyond the range; `None` when it is open.
    pub(crate) upper: Option<Vec<u8>>,
    pub(crate) descending: bool,
    pub(crate) limit: usize,
}

/// Where an ordered map is to be read.
pub(crate) type Bounds<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

impl Scan {
    /// Every record whose key begins with the parts of `prefix`, without limit.
    pub fn under(prefix: &Key) -> Scan {
        let prefix = prefix.as_bytes().to_vec();
        Scan {
            from: prefix.clone(),
            prefix,
            after: None,
            descending: false,
            limit: usize::MAX,
        }
    }

    /// Every record whose key begins with the parts of `prefix` and whose next part begins with
    /// `stem`: a listing of names by prefix.
    pub fn stem(prefix: &Key, stem: &str) -> Scan {
        let mut bytes = prefix.as_bytes().to_vec();
        push_escaped(&mut bytes, stem);
        Scan {
            from: bytes.clone(),
            prefix: bytes,
            after: None,
            descending: false,
            limit: usize::MAX,
        }
    }

    /// Only what comes after `key` in the order of the scan. `key` need not exist.
    #[must_use]
    pub fn after(mut self, key: &Key) -> Scan {
        self.after = Some(key.clone());
        self
    }

    /// Only what comes, in ascending order, after every key under `prefix` whose next part begins
    /// with `stem`: how a listing by delimiter leaps over a common prefix.
    #[must_use]
    pub fn past_stem(mut self, prefix: &Key, stem: &str) -> Scan {
        let mut bytes = prefix.as_bytes().to_vec();
        push_escaped(&mut bytes, stem);
        if let Some(next) = successor(bytes) {
            self.from = self.from.max(next);
        }
        self
    }

    /// At most `limit` records.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Scan {
        self.limit = limit;
        self
    }

    /// From the greatest key to the least.
    #[must_use]
    pub fn descending(mut self) -> Scan {
        self.descending = true;
        self
    }

    pub(crate) fn range(&self) -> Range {
        let mut range = Range {
            lower: self.from.clone(),
            upper: successor(self.prefix.clone()),
            descending: self.descending,
            limit: self.limit,
        };
        if let Some(after) = &self.after {
            let mut after = after.as_bytes().to_vec();
            if self.descending {
                range.upper = Some(range.upper.map_or(after.clone(), |upper| upper.min(after)));
            } else {
                after.push(0);
                range.lower = range.lower.max(after);
            }
        }
        range
    }
}

impl Range {
    /// The same range within a greater space, where every key begins with `base`.
    pub(crate) fn below(self, base: &[u8]) -> Range {
        let lift = |key: Vec<u8>| [base, key.as_slice()].concat();
        let upper = match self.upper {
            Some(upper) => Some(lift(upper)),
            None => successor(base.to_vec()),
        };
        Range {
            lower: lift(self.lower),
            upper,
            ..self
        }
    }

    /// As bounds for an ordered map; `None` when no key can be inside.
    pub(crate) fn bounds(&self) -> Option<Bounds<'_>> {
        let upper = match &self.upper {
            Some(upper) if *upper <= self.lower => return None,
            Some(upper) => Bound::Excluded(upper.as_slice()),
            None => Bound::Unbounded,
        };
        Some((Bound::Included(self.lower.as_slice()), upper))
    }
}

/// The least byte string greater than every one that begins with `bytes`; `None` when there is
/// none.
pub(crate) fn successor(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = bytes.pop() {
        if let Some(next) = last.checked_add(1) {
            bytes.push(next);
            return Some(bytes);
        }
    }
    None
}

//! Patterns that are followed together, and pairs of variables in them.

use std::collections::BTreeMap;

use super::super::Piece;
use crate::language::{Set, Step};

/// A pattern that the text matches.
pub(super) struct Side {
    pub(super) pieces: Vec<Piece>,
}

impl Side {
    pub(super) fn new(pieces: &[Piece]) -> Self {
        Self {
            pieces: pieces.to_vec(),
        }
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = &Set> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Step(step) => Some(Step::set(step)),
            Piece::Text(_) => None,
        })
    }

    /// The classes that it holds, with repetitions.
    pub(super) fn texts(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(class) => Some(*class),
            Piece::Step(_) => None,
        })
    }
}

/// A place where a pattern holds a text: the number of the pattern and that of the piece.
pub(super) type Occurrence = (usize, usize);

/// Two places that hold the same text, or texts that differ.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) left: Occurrence,
    pub(super) right: Occurrence,
    pub(super) differ: bool,
}

/// The places that hold each class.
pub(super) fn occurrences(sides: &[Side]) -> BTreeMap<usize, Vec<Occurrence>> {
    let mut occurrences: BTreeMap<usize, Vec<Occurrence>> = BTreeMap::new();
    for (number, side) in sides.iter().enumerate() {
        for (at, piece) in side.pieces.iter().enumerate() {
            if let Piece::Text(class) = piece {
                occurrences.entry(*class).or_default().push((number, at));
            }
        }
    }
    occurrences
}

/// Every repetition, and those of `differing` of which both texts are held.
pub(super) fn pairs(sides: &[Side], differing: &[(usize, usize)]) -> Vec<Pair> {
    let occurrences = occurrences(sides);
    let mut pairs = Vec::new();
    for places in occurrences.values() {
        for (left, right) in places.iter().zip(places.iter().skip(1)) {
            pairs.push(Pair {
                left: *left,
                right: *right,
                differ: false,
            });
        }
    }
    let first = |class: &usize| occurrences.get(class).and_then(|places| places.first());
    for (a, b) in differing {
        if let (Some(left), Some(right)) = (first(a), first(b)) {
            pairs.push(Pair {
                left: *left,
                right: *right,
                differ: true,
            });
        }
    }
    pairs
}

/// How far the two lengths of a pair may be apart.
const APART: i64 = 300;

/// What is known of a pair after some characters. `None` is a dead end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) enum Track {
    /// Always in step so far.
    #[default]
    InStep,
    /// One of the two took a character that the other did not.
    OutOfStep,
    /// The left one is so much longer so far.
    Longer(i64),
    /// A character of one was remembered; the other comes to the same place after so many more.
    Waiting {
        /// Whether it is the right one that comes.
        right: bool,
        more: i64,
        symbol: u128,
    },
    /// The two differ in one place.
    Differ,
}

/// What becomes of a track.
pub(super) struct Next {
    pub(super) tracks: Vec<Track>,
    /// Whether some were left out because their lengths are too far apart.
    pub(super) capped: bool,
}

impl Track {
    /// How a pair begins.
    pub(super) fn start(pair: &Pair, apart: bool, together: bool) -> Self {
        match if pair.differ { apart } else { !together } {
            true => Self::Longer(0),
            false => Self::InStep,
        }
    }

    /// Follows a character that the left one takes or not, and the right one.
    pub(super) fn follow(self, pair: &Pair, (left, right): (bool, bool), symbol: u128) -> Next {
        let one = |track| Next {
            tracks: vec![track],
            capped: false,
        };
        let none = || Next {
            tracks: Vec::new(),
            capped: false,
        };
        match self {
            Self::InStep if left == right => one(self),
            Self::InStep if pair.differ => one(Self::OutOfStep),
            Self::InStep => none(),
            Self::OutOfStep | Self::Differ => one(self),
            Self::Longer(by) => longer(by, pair.differ, (left, right), symbol),
            Self::Waiting {
                right: waits_for_right,
                more,
                symbol: remembered,
            } => match if waits_for_right { right } else { left } {
                false => one(self),
                true if more > 0 => one(Self::Waiting {
                    right: waits_for_right,
                    more: more - 1,
                    symbol: remembered,
                }),
                true if symbol != remembered => one(Self::Differ),
                true => none(),
            },
        }
    }

    /// Whether the pair is as it must be, as far as the track tells.
    pub(super) fn accepts(self, pair: &Pair) -> bool {
        match self {
            Self::InStep => !pair.differ,
            Self::OutOfStep | Self::Differ => true,
            Self::Longer(by) => (by != 0) == pair.differ,
            Self::Waiting { .. } => false,
        }
    }

    /// Whether the pair may yet come to differ by the characters that are chosen.
    pub(super) fn is_open(self, pair: &Pair) -> bool {
        pair.differ && matches!(self, Self::Longer(_) | Self::Waiting { .. })
    }
}

fn longer(by: i64, differ: bool, (left, right): (bool, bool), symbol: u128) -> Next {
    let after = by + i64::from(left) - i64::from(right);
    let mut tracks = Vec::new();
    let capped = after.abs() > APART;
    if !capped {
        tracks.push(Track::Longer(after));
    }
    // Remember this character of the one that is ahead. Where both are equally far, and both take it, they agree in it.
    if differ && left && by >= 0 && (by > 0 || !right) {
        tracks.push(Track::Waiting {
            right: true,
            more: by - i64::from(right),
            symbol,
        });
    }
    if differ && right && by <= 0 && (by < 0 || !left) {
        tracks.push(Track::Waiting {
            right: false,
            more: -by - i64::from(left),
            symbol,
        });
    }
    Next { tracks, capped }
}

#[cfg(test)]
mod tests;

//! Tracks beside the values that they follow.

use super::super::super::Piece;
use super::{APART, Next, Pair, Side, Track, occurrences, pairs};
use crate::language::{Set, Step};

fn pair(differ: bool) -> Pair {
    Pair {
        left: (0, 0),
        right: (1, 0),
        differ,
    }
}

/// A text of up to four letters, each of which the left place takes or not, and the right one.
type Read = Vec<((bool, bool), u128)>;

fn reads() -> Vec<Read> {
    let mut all: Vec<Read> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..4 {
        let last = all[from..].to_vec();
        from = all.len();
        for read in last {
            for takes in [(false, false), (true, false), (false, true), (true, true)] {
                for symbol in [1, 2] {
                    all.push([read.as_slice(), &[(takes, symbol)]].concat());
                }
            }
        }
    }
    all
}

fn values(read: &Read) -> (Vec<u128>, Vec<u128>) {
    let of = |taken: fn((bool, bool)) -> bool| {
        let own = read.iter().filter(|(takes, _)| taken(*takes));
        own.map(|(_, symbol)| *symbol).collect()
    };
    (of(|takes| takes.0), of(|takes| takes.1))
}

fn ends(pair: &Pair, apart: bool, together: bool, read: &Read) -> Vec<Track> {
    let mut tracks = vec![Track::start(pair, apart, together)];
    for (takes, symbol) in read {
        let next = |track: &Track| {
            let Next { tracks, capped } = track.follow(pair, *takes, *symbol);
            assert!(!capped);
            tracks
        };
        tracks = tracks.iter().flat_map(next).collect();
    }
    tracks
}

/// Two values differ if and only if their lengths do or some letter does.
#[test]
fn length_and_letter_tell_whether_values_differ() {
    let differing = pair(true);
    for read in reads() {
        let (left, right) = values(&read);
        for together in [false, true] {
            let tracks = ends(&differing, true, together, &read);
            let accepted = tracks.iter().any(|track| track.accepts(&differing));
            assert_eq!(accepted, left != right, "{read:?}");
        }
    }
}

#[test]
fn values_that_are_never_out_of_step_are_equal() {
    let differing = pair(true);
    let equal = pair(false);
    for read in reads() {
        let (left, right) = values(&read);
        let in_step = read.iter().all(|((left, right), _)| left == right);
        for other in [false, true] {
            let tracks = ends(&differing, false, other, &read);
            assert_eq!(tracks.len(), 1);
            assert_eq!(tracks[0].accepts(&differing), !in_step, "{read:?}");
            let tracks = ends(&equal, other, true, &read);
            assert_eq!(tracks.len(), usize::from(in_step), "{read:?}");
            assert!(tracks.iter().all(|track| track.accepts(&equal)));
            let tracks = ends(&equal, other, false, &read);
            let accepted = tracks.iter().any(|track| track.accepts(&equal));
            assert_eq!(accepted, left.len() == right.len(), "{read:?}");
            assert_eq!(tracks.len(), 1);
        }
    }
}

#[test]
fn lengths_are_followed_as_far_as_they_are_counted() {
    let equal = pair(false);
    let follow = |by, takes| Track::Longer(by).follow(&equal, takes, 1);
    let near = follow(APART - 1, (true, false));
    assert_eq!(
        (near.tracks, near.capped),
        (vec![Track::Longer(APART)], false)
    );
    let far = follow(APART, (true, false));
    assert_eq!((far.tracks, far.capped), (Vec::new(), true));
    let far = follow(-APART, (false, true));
    assert_eq!((far.tracks, far.capped), (Vec::new(), true));
    let back = follow(-APART, (true, false));
    assert_eq!(
        (back.tracks, back.capped),
        (vec![Track::Longer(1 - APART)], false)
    );
}

#[test]
fn what_may_yet_differ_is_open() {
    let waiting = Track::Waiting {
        right: true,
        more: 0,
        symbol: 1,
    };
    for (track, open) in [
        (Track::InStep, false),
        (Track::OutOfStep, false),
        (Track::Longer(0), true),
        (waiting, true),
        (Track::Differ, false),
    ] {
        assert_eq!(track.is_open(&pair(true)), open, "{track:?}");
        assert!(!track.is_open(&pair(false)), "{track:?}");
    }
}

#[test]
fn pairs_are_what_stands_twice_and_what_differs_where_both_stand() {
    let step = || Piece::Step(Step::One(Set::Any));
    let sides = [
        Side::new(&[Piece::Text(4), step(), Piece::Text(5)]),
        Side::new(&[step(), Piece::Text(4), Piece::Text(4)]),
    ];
    assert_eq!(occurrences(&sides)[&4], [(0, 0), (1, 1), (1, 2)]);
    assert_eq!(sides[0].texts().collect::<Vec<_>>(), [4, 5]);
    assert_eq!(sides[1].sets().count(), 1);
    let found = pairs(&sides, &[(4, 5), (5, 6), (6, 4)]);
    let found: Vec<_> = found.iter().map(|p| (p.left, p.right, p.differ)).collect();
    assert_eq!(
        found,
        [
            ((0, 0), (1, 1), false),
            ((1, 1), (1, 2), false),
            ((0, 0), (0, 2), true)
        ]
    );
}

//! Cutting patterns, by hand.

use super::super::Piece;
use super::super::tests::pieces;
use super::{Excludes, Meet, Merged, Outcome, align, meet};
use crate::language::{Set, Step};

/// No value of a text holds a slash.
const NO_SLASH: Excludes<'_> = &|_, c| c == '/';

fn merged(left: &str, right: &str) -> Option<Merged> {
    let of = |left: &str, right: &str| align(&pieces(left), &pieces(right), NO_SLASH);
    match of(left, right) {
        Outcome::Merged(merged) => Some(merged),
        Outcome::Clash | Outcome::Unclear => None,
    }
}

fn joined(left: &str, right: &str) -> (Vec<Piece>, Vec<(usize, Vec<Piece>)>) {
    let merged = merged(left, right).unwrap();
    assert!(merged.tails.is_none(), "{left} {right}");
    (merged.pattern, merged.bindings)
}

fn clashes(left: &str, right: &str) -> bool {
    let of = |left: &str, right: &str| {
        matches!(
            align(&pieces(left), &pieces(right), NO_SLASH),
            Outcome::Clash
        )
    };
    assert_eq!(of(left, right), of(right, left), "{left} {right}");
    of(left, right)
}

fn unclear(left: &str, right: &str) -> bool {
    let outcome = align(&pieces(left), &pieces(right), NO_SLASH);
    matches!(outcome, Outcome::Unclear)
}

#[test]
fn what_meets_is_what_both_sets_hold() {
    let range = Set::ranges(vec![('a', 'z')]);
    let upper = Set::ranges(vec![('A', 'Z')]);
    let digits = Set::ranges(vec![('0', '9')]);
    let met = |a: &Set, b: &Set| {
        let of = |a: &Set, b: &Set| match meet(a, b) {
            Meet::Nothing => Some(None),
            Meet::Set(set) => Some(Some(set)),
            Meet::Unclear => None,
        };
        assert_eq!(of(a, b), of(b, a));
        of(a, b)
    };
    assert_eq!(met(&range, &range), Some(Some(range.clone())));
    assert_eq!(met(&Set::Any, &range), Some(Some(range.clone())));
    assert_eq!(met(&Set::One('a'), &range), Some(Some(Set::One('a'))));
    assert_eq!(met(&Set::One('A'), &range), Some(None));
    let either = Set::EitherCase('b');
    assert_eq!(met(&either, &range), Some(Some(Set::One('b'))));
    assert_eq!(met(&either, &upper), Some(Some(Set::One('B'))));
    assert_eq!(met(&either, &digits), Some(None));
    assert_eq!(met(&either, &Set::Except('b')), Some(Some(Set::One('B'))));
    let other_case = meet(&either, &Set::EitherCase('B'));
    assert!(matches!(other_case, Meet::Set(set) if set == either));
    assert_eq!(met(&either, &Set::Except('x')), Some(Some(either.clone())));
    assert_eq!(met(&range, &digits), None);
}

#[test]
fn a_variable_that_ends_at_a_delimiter_is_what_stands_there() {
    let (pattern, bindings) = joined("u/{1}/x", "u/ab/x");
    assert_eq!(pattern, pieces("u/{1}/x"));
    assert_eq!(bindings, [(1, pieces("ab"))]);
    let (pattern, bindings) = joined("u/{1}/*", "u/{2}/*");
    assert_eq!(pattern, pieces("u/{1}/*"));
    assert_eq!(bindings, [(1, pieces("{2}"))]);
    let (pattern, bindings) = joined("a{1}", "ab*{2}");
    assert_eq!(
        (pattern, bindings),
        (pieces("a{1}"), vec![(1, pieces("b*{2}"))])
    );
    let (pattern, bindings) = joined("{1}a", "{1}?");
    assert_eq!((pattern, bindings), (pieces("{1}a"), Vec::new()));
    // A text of the other may stand there where it holds no delimiter either, and nothing that holds one.
    assert_eq!(joined("{1}/a", "b{2}c/a").1, [(1, pieces("b{2}c"))]);
    assert!(unclear("{1}/a", "b*{2}c/a"));
    assert!(unclear("{1}a{2}", "{3}a{4}"));
    assert!(clashes("{1}/a", "bc") && clashes("{1}/a", "b/c"));
}

#[test]
fn an_end_is_met_by_what_may_be_empty() {
    assert_eq!(joined("a", "a*{1}").1, [(1, Vec::new())]);
    assert_eq!(joined("a*{1}", "a").1, [(1, Vec::new())]);
    assert!(clashes("a", "ab") && clashes("a", "a*b") && clashes("a", "b"));
    assert_eq!(joined("a*", "ab{1}").0, pieces("ab{1}"));
    assert_eq!(joined("ab{1}", "a*").0, pieces("ab{1}"));
}

#[test]
fn a_run_that_ends_at_the_first_colon_is_a_segment() {
    // `_` is a run of everything but colons.
    let (pattern, bindings) = joined("_:{1}", "ab:{1}");
    assert_eq!((pattern, bindings), (pieces("ab:{1}"), Vec::new()));
    assert_eq!(joined("ab:{1}", "_:{1}").0, pieces("ab:{1}"));
    assert_eq!(joined("_:x", "_b:x").0, pieces("_b:x"));
    assert!(clashes("_:x", "ab") && clashes("_:x", "ab:y"));
    // What holds colons is no segment.
    assert!(merged("_:x", "a{1}:x").is_none() && merged("_:{1}", "a*:{2}").is_none());
    let no_colon: Excludes<'_> = &|_, c| c == ':';
    let Outcome::Merged(merged) = align(&pieces("_:x"), &pieces("a{1}:x"), no_colon) else {
        panic!("not cut");
    };
    assert_eq!(merged.pattern, pieces("a{1}:x"));
    assert_eq!(merged.bindings, [(1, pieces("_"))]);
    // The run stops at a character that is not of its set, which is not its ending.
    let letters = Piece::Step(Step::Run(Set::ranges(vec![('a', 'z')])));
    let left = [vec![letters], pieces(":x")].concat();
    let other = align(&left, &pieces("aB:x"), NO_SLASH);
    assert!(matches!(other, Outcome::Clash));
    let same = align(&left, &pieces("ab:x"), NO_SLASH);
    assert!(matches!(same, Outcome::Merged(merged) if merged.pattern == pieces("ab:x")));
}

#[test]
fn plain_ends_that_cannot_be_cut_are_left_to_a_text_of_its_own() {
    let merged = merged("{1}/a*b", "{1}/*c*").unwrap();
    assert_eq!(merged.pattern, pieces("{1}/"));
    let (left, right) = merged.tails.unwrap();
    assert_eq!((left.steps.len(), right.steps.len()), (3, 3));
    assert!(left.matches("ab") && right.matches("c"));
}

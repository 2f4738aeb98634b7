//! Both ways of matching, beside each other and where one takes over from the other.

use super::super::{Pattern, Set, Step};
use super::{follow, follow_few, takes};

fn one(c: char) -> Step {
    Step::One(Set::One(c))
}

fn maybe(c: char) -> Step {
    Step::Maybe(Set::One(c))
}

fn run(c: char) -> Step {
    Step::Run(Set::One(c))
}

#[test]
fn both_ways_take_the_same_texts() {
    let cases: [(&[Step], &[&str], &[&str]); 8] = [
        (&[], &[""], &["a"]),
        (&[one('a')], &["a"], &["", "b", "aa"]),
        (&[maybe('a')], &["", "a"], &["b", "aa", "ab"]),
        (&[run('a')], &["", "a", "aaa"], &["b", "ab", "aab"]),
        (
            &[run('a'), one('b'), maybe('a')],
            &["b", "ab", "aab", "ba", "aba"],
            &["", "a", "aa", "bb", "baa", "abb"],
        ),
        (
            &[maybe('a'), maybe('b'), run('a'), one('a')],
            &["a", "aa", "ba", "aba", "abaaa", "baa"],
            &["", "b", "ab", "bb", "abb", "bba", "abab"],
        ),
        (
            &[Step::Run(Set::Any), one('a'), Step::Run(Set::Any)],
            &["a", "ba", "ab", "bab", "aaa"],
            &["", "b", "bbb"],
        ),
        (
            &[run('a'), run('b'), run('a')],
            &["", "a", "b", "aba", "aabbaa", "ba"],
            &["bab", "abab", "c"],
        ),
    ];
    for (steps, taken, refused) in cases {
        let pattern = Pattern {
            steps: steps.to_vec(),
        };
        for (texts, wanted) in [(taken, true), (refused, false)] {
            for text in texts {
                assert_eq!(follow(steps, text.chars()), wanted, "{text} by {steps:?}");
                assert_eq!(
                    follow_few(steps, text.chars()),
                    wanted,
                    "{text} by {steps:?}"
                );
                assert_eq!(pattern.matches(text), wanted, "{text} by {steps:?}");
            }
        }
    }
}

#[test]
fn patterns_of_any_length_are_followed() {
    for length in [126, 127, 128, 129, 200] {
        let steps = vec![maybe('a'); length];
        assert!(takes(&steps, "a".repeat(length).chars()), "{length}");
        assert!(takes(&steps, "".chars()), "{length}");
        assert!(!takes(&steps, "a".repeat(length + 1).chars()), "{length}");
        assert!(!takes(&steps, "ab".chars()), "{length}");
    }
}

#[test]
fn a_pattern_takes_the_whole_text_behind_its_fixed_beginning() {
    let pattern = Pattern::glob("ab?*");
    let (fixed, open) = pattern.fixed_prefix();
    assert_eq!((fixed.len(), open.len()), (3, 1));
    assert!(pattern.matches("abc") && pattern.matches("abcd"));
    assert!(!pattern.matches("ab") && !pattern.matches("acb") && !pattern.matches(""));
    let literal = Pattern::literal("ab");
    assert_eq!(literal.fixed_prefix(), (literal.steps.as_slice(), &[][..]));
    assert!(literal.matches("ab"));
    assert!(!literal.matches("abc") && !literal.matches("a") && !literal.matches("ac"));
    let ending = Pattern::glob("a*b");
    assert!(ending.matches("ab") && ending.matches("acb") && !ending.matches("acbc"));
}

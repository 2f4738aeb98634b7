//! The check of answers, by hand.

use std::borrow::Cow;

use super::super::{Equation, Language, Piece, System};
use super::matches;
use crate::language::{Pattern, Set, Step};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn steps_take_a_whole_text() {
    let glob = |pattern: &str, text: &str| matches(&Pattern::glob(pattern).steps, text);
    assert!(glob("", "") && glob("a", "a") && glob("a*", "a") && glob("*a?", "aab"));
    assert!(!glob("", "a") && !glob("a", "") && !glob("a", "b") && !glob("a", "aa"));
    assert!(!glob("a*b", "abc") && !glob("?", "") && glob("**", "") && glob("*a*", "bab"));
    let maybe = [
        Step::Maybe(Set::One('a')),
        Step::Run(Set::One('b')),
        Step::Maybe(Set::One('a')),
    ];
    for text in ["", "a", "b", "aa", "aba", "abb", "ba"] {
        assert!(matches(&maybe, text), "{text}");
    }
    for text in ["aaa", "bab", "aab", "c"] {
        assert!(!matches(&maybe, text), "{text}");
    }
}

#[test]
fn every_part_of_a_system_is_checked() {
    let glob = |text| Cow::Owned(Pattern::glob(text));
    let system = System {
        texts: vec![
            Language {
                all: vec![vec![glob("a*"), glob("b*")], vec![glob("*/*")]],
                none: vec![glob("*x"), glob("*y")],
            },
            Language::default(),
        ],
        equations: vec![
            Equation {
                text: 0,
                pattern: vec![
                    Piece::Step(Step::One(Set::Any)),
                    Piece::Text(1),
                    Piece::Step(Step::Run(Set::Any)),
                ],
                holds: true,
            },
            Equation {
                text: 0,
                pattern: vec![Piece::Step(Step::Run(Set::Any)), Piece::Text(1)],
                holds: false,
            },
        ],
        differ: vec![vec![(0, 0), (0, 1)]],
    };
    assert!(system.holds(&texts(&["a/b", "/"])));
    assert!(system.holds(&texts(&["b/b", "/"])));
    assert!(system.holds(&texts(&["b/b", "/", "more"])));
    for (wrong, why) in [
        (&["c/b", "/"][..], "no pattern of the first group"),
        (&["abb", "b"], "no pattern of the second group"),
        (&["a/x", "/"], "an excluded pattern"),
        (&["a/y", "/"], "the other excluded pattern"),
        (&["a/b", "c"], "an equation"),
        (&["a/b", "b"], "a negated equation"),
        (&["a/b"], "a text is missing"),
        (&[], "all are missing"),
    ] {
        assert!(!system.holds(&texts(wrong)), "{why}");
    }
    let same = System {
        equations: Vec::new(),
        ..system.clone()
    };
    assert!(!same.holds(&texts(&["a/b", "a/b"])));
    assert!(same.holds(&texts(&["a/b", "c"])));
    let groups = System {
        differ: vec![vec![(0, 1)], vec![(0, 0)]],
        ..same
    };
    assert!(!groups.holds(&texts(&["a/b", "c"])));
}

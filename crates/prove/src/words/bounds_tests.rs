//! What is left open, what a search costs, and texts that are patterns of others.

use std::borrow::Cow;

use super::tests::{Dice, anything, checked, differs_from, identity, matches, texts};
use super::{Answer, Equation, Language, Reason, System};
use crate::language::{Pattern, Set};

/// So many of these worlds stay open, and so many steps decide the others: neither may grow unnoticed.
#[test]
fn few_worlds_stay_open_and_none_costs_much() {
    let mut dice = Dice(0x5DEE_CE66_D1CE_4E5B);
    let (mut open, mut steps) = (0, 0);
    for _ in 0..1_500 {
        let (system, _) = dice.world();
        let mut left = 200_000;
        open += usize::from(matches!(system.solve_within(&mut left), Answer::Unknown(_)));
        steps += 200_000 - left;
    }
    assert!(open <= 61 && steps <= 15_060, "{open} open, {steps} steps");
}

/// What can be cut is decided by cutting it: a handful of steps, however long the values may be.
#[test]
fn what_can_be_cut_takes_no_search() {
    let system = |first: &str, second: &str| System {
        texts: vec![anything(), identity(), identity(), anything()],
        equations: vec![matches(0, first), matches(0, second)],
        differ: vec![vec![(1, 2)]],
    };
    for (first, second) in [
        ("u/{1}/*", "u/{2}/*"),
        ("u/{1}/a*", "u/{2}/*b"),
        ("arn:_:s:_:{1}", "arn:aws:s:_:{2}"),
        ("arn:aws:s:x:u/{1}", "arn:_:s:_:u/{2}"),
        ("x/{1}", "y/{2}"),
        // Two runs behind each other are one.
        ("u/{1}/**", "u/{2}/{3}"),
    ] {
        assert_eq!(
            system(first, second).solve(2),
            Answer::None,
            "{first} {second}"
        );
    }
}

/// How many steps a system takes that has no answer.
fn steps_to_none(system: &System<'_>) -> usize {
    let mut left = 1_000;
    assert_eq!(system.solve_within(&mut left), Answer::None);
    1_000 - left
}

/// What a language says of a text, and a text of which it leaves only one, is used before anything is searched.
#[test]
fn what_is_known_of_texts_is_cut_too() {
    let system = |language: &str, equations: Vec<Equation>| System {
        texts: vec![
            Language::of(Pattern::glob(language)),
            identity(),
            identity(),
        ],
        equations,
        differ: Vec::new(),
    };
    let bound = system(
        "u/bob/*",
        vec![matches(0, "u/{1}/*"), differs_from(1, "bob")],
    );
    let mut only = system("*", vec![matches(0, "{1}/{2}/*"), matches(0, "bob/x*")]);
    only.texts[1] = Language::of(Pattern::literal("bob/y"));
    let equal = system("*", vec![matches(1, "{2}"), differs_from(1, "{2}")]);
    let mut two = system("u/*", vec![matches(0, "u/{1}/*"), matches(0, "{2}*")]);
    two.texts[0].none = vec![Cow::Owned(Pattern::glob("v*"))];
    two.differ = vec![vec![(1, 1)]];
    let steps = [&bound, &only, &equal, &two].map(steps_to_none);
    assert_eq!(steps, [4, 1, 1, 1]);
}

#[test]
fn texts_that_are_one_are_of_both_languages() {
    let system = System {
        texts: vec![
            Language::of(Pattern::glob("a*")),
            Language {
                all: vec![vec![Cow::Owned(Pattern::glob("*b"))]],
                none: vec![Cow::Owned(Pattern::glob("ab"))],
            },
            Language::of(Pattern::glob("a*")),
        ],
        equations: vec![matches(0, "{1}"), matches(2, "{0}")],
        differ: Vec::new(),
    };
    let answer = checked(&system);
    assert_eq!(texts(&answer)[0], texts(&answer)[1]);
}

/// No text holds itself and a character more, whatever else it holds.
#[test]
fn nothing_is_longer_than_itself() {
    let system = |pattern: &str| System {
        texts: vec![anything(), anything()],
        equations: vec![matches(0, pattern)],
        differ: Vec::new(),
    };
    assert_eq!(checked(&system("{0}{1}a")), Answer::None);
    assert_eq!(checked(&system("*{0}?")), Answer::None);
    assert_eq!(checked(&system("{0}*{0}")), Answer::Unknown(Reason::Cycle));
}

#[test]
fn no_steps_give_no_answer() {
    let system = System {
        texts: vec![anything()],
        ..System::default()
    };
    assert_eq!(system.solve(0), Answer::Unknown(Reason::Budget));
    assert_eq!(system.solve(1), Answer::Unknown(Reason::Budget));
    assert!(matches!(system.solve(10), Answer::Texts(_)));
    let searched = System {
        texts: vec![anything(), identity(), identity()],
        equations: vec![matches(0, "u/{1}*"), matches(0, "u/{2}/*")],
        differ: vec![vec![(1, 2)]],
    };
    assert_eq!(searched.solve(6), Answer::Unknown(Reason::Budget));
    assert!(matches!(searched.solve(1_000), Answer::Texts(_)));
}

/// A text that is nothing but a pattern is written out where another pattern holds it.
#[test]
fn a_text_that_spells_another_is_written_out() {
    let system = |last: &str| System {
        texts: vec![anything(), anything(), identity(), identity()],
        equations: vec![matches(1, "x{2}y"), matches(0, "{1}*"), matches(0, last)],
        differ: vec![vec![(2, 3)]],
    };
    let found = checked(&system("x{3}/*"));
    let found = texts(&found);
    assert_eq!(found[1], format!("x{}y", found[2]));
    assert!(found[0].starts_with(found[1]));
    assert_eq!(checked(&system("z{3}/*")), Answer::None);
    let mut deeper = system("x{3}/*");
    deeper.texts.push(anything());
    deeper.equations.push(matches(4, "<{1}>"));
    let found = checked(&deeper);
    let found = texts(&found);
    assert_eq!(found[4], format!("<{}>", found[1]));
}

/// What cannot be empty is spelled by one character of its set.
#[test]
fn a_pattern_is_spelled_where_nothing_else_is_known() {
    let system = System {
        texts: vec![anything(), Language::of(Pattern::literal("v")), identity()],
        equations: vec![matches(0, "a?*{2}_"), differs_from(0, "aa*")],
        differ: Vec::new(),
    };
    let found = checked(&system);
    assert!(texts(&found)[0].starts_with('a'));
    let free = System {
        texts: vec![anything(), identity()],
        equations: vec![matches(0, "b?*{1}")],
        differ: Vec::new(),
    };
    assert_eq!(texts(&checked(&free)), ["baaa", "aa"]);
}

/// Texts of one pattern that hold different values may be equal; then the values are denied.
#[test]
fn spelled_texts_that_must_differ_differ() {
    let system = |values: &str| {
        let value = || Language::of(Pattern::repeated(&ranges(values), 1, Some(1)));
        System {
            texts: vec![anything(), anything(), value(), value()],
            equations: vec![matches(0, "p{2}"), matches(1, "p{3}")],
            differ: vec![vec![(0, 1)]],
        }
    };
    let found = checked(&system("ab"));
    let found = texts(&found);
    assert_ne!(found[0], found[1]);
}

fn ranges(characters: &str) -> Set {
    Set::ranges(characters.chars().map(|c| (c, c)).collect::<Vec<_>>())
}

/// A value that stands twice is one value, also where the places cannot be cut.
#[test]
fn values_that_stand_twice_are_kept_together_and_differ_from_others() {
    let value = |most| Language::of(Pattern::repeated(&ranges("ab"), 1, Some(most)));
    let system = |first: &str, second: &str, most| System {
        texts: vec![anything(), value(most), value(most)],
        equations: vec![matches(0, first), matches(0, second)],
        differ: vec![vec![(1, 2)]],
    };
    for (first, second) in [
        ("{1}{1}*", "{2}a*"),
        ("{1}b{1}", "*{2}a"),
        ("?{1}{1}", "{2}*{2}"),
    ] {
        let found = checked(&system(first, second, 2));
        assert!(matches!(found, Answer::Texts(_)), "{first} {second}");
    }
    // The first text of which the places are as long as each other does not hold one value in both.
    let found = checked(&system("*{1}*", "{2}{1}bb", 3));
    assert!(matches!(found, Answer::Texts(_)), "{found:?}");
}

/// Where no text is out of step, that decides: lengths, which may grow without end where nothing comes of it, are not asked.
#[test]
fn what_is_never_out_of_step_is_not_measured() {
    let value = || Language::of(Pattern::repeated(&ranges("ab"), 0, None));
    let system = System {
        texts: vec![Language::of(Pattern::glob("*a")), value(), value()],
        equations: vec![matches(0, "{1}?*$"), matches(0, "{2}?")],
        differ: vec![vec![(1, 2)]],
    };
    assert_eq!(checked(&system), Answer::None);
}

/// Lengths are followed up to a bound: beyond it nothing is ruled out.
#[test]
fn lengths_that_grow_too_far_apart_decide_nothing() {
    let value = || Language::of(Pattern::repeated(&ranges("ab"), 0, None));
    let system = System {
        texts: vec![anything(), value(), value()],
        equations: vec![matches(0, "{1}a{2}"), matches(0, "{2}b{1}")],
        differ: Vec::new(),
    };
    assert_eq!(system.solve(2_000_000), Answer::Unknown(Reason::Unbounded));
}

#[test]
fn languages_say_what_they_are() {
    assert!(Language::default().is_everything());
    let mut language = Language::of(Pattern::glob("a?b"));
    assert!(!language.is_everything() && !language.excludes('a') && !language.excludes('x'));
    let without = Language::of(Pattern::literal("ab"));
    assert!(without.excludes('c') && !without.excludes('b'));
    language.all.push(vec![Cow::Owned(Pattern::literal("a"))]);
    assert!(language.excludes('x') && !language.excludes('a'));
    let none = Language {
        all: Vec::new(),
        none: vec![Cow::Owned(Pattern::literal("a"))],
    };
    assert!(!none.is_everything() && !none.excludes('a'));
}

#[test]
fn each_reason_is_said_in_words_of_its_own() {
    let reasons = [
        (Reason::Budget, "too many states"),
        (Reason::Alphabet, "kinds of characters"),
        (Reason::Repeated, "several patterns"),
        (Reason::Negated, "must not match"),
        (Reason::Cycle, "compared with"),
        (Reason::Unbounded, "any length"),
    ];
    for (reason, said) in reasons {
        assert!(reason.to_string().contains(said), "{reason}");
    }
}

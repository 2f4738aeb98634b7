//! What a search costs, and that its states hold as many places as there are.

use super::super::tests::Dice;
use super::super::{Alphabet, Pattern, Set, Step};
use super::{Answer, Question, Search, ones, set, split};

/// A pattern behind so many characters that no other begins with.
fn behind(count: usize, pattern: &Pattern) -> Pattern {
    let front = vec![Step::One(Set::One('q')); count];
    Pattern {
        steps: [front, pattern.steps.clone()].concat(),
    }
}

/// The places of these take several words of a state.
#[test]
fn long_patterns_are_answered_as_their_ends_are() {
    let mut dice = Dice(0x0DDB_1A5E_5BAD_5EED);
    let (mut found, mut empty) = (0, 0);
    for count in [62, 63, 64, 65, 130].into_iter().cycle().take(300) {
        let all: Vec<Vec<Pattern>> = (0..=dice.roll(2)).map(|_| dice.patterns(3)).collect();
        let none = match dice.roll(3) {
            0 => Vec::new(),
            _ => dice.patterns(4),
        };
        let ask = |all: &[Vec<Pattern>], none: &[Pattern]| {
            let all = all.iter().map(|group| group.iter().collect()).collect();
            let none = none.iter().collect();
            Question { all, none }.shortest(100_000)
        };
        let long = |patterns: &Vec<Pattern>| -> Vec<Pattern> {
            patterns.iter().map(|p| behind(count, p)).collect()
        };
        let long_all: Vec<Vec<Pattern>> = all.iter().map(long).collect();
        match (ask(&all, &none), ask(&long_all, &long(&none))) {
            (Answer::Text(short), Answer::Text(text)) => {
                found += 1;
                assert_eq!(text, format!("{}{short}", "q".repeat(count)));
            }
            (Answer::Empty, Answer::Empty) => empty += 1,
            other => panic!("{other:?} for {all:?} without {none:?}"),
        }
    }
    assert!(found > 50 && empty > 20, "{found} {empty}");
}

/// Each state but the first takes one of the budget, and a search that comes to more has no answer. What every answer begins
/// with takes none.
#[test]
fn a_search_takes_what_its_states_cost() {
    let [three, other] = ["?bc", "*"].map(Pattern::glob);
    let question = Question {
        all: vec![vec![&three], vec![&other]],
        none: Vec::new(),
    };
    assert_eq!(question.shortest(1), Answer::Unknown);
    assert_eq!(question.shortest(2), Answer::Text("abc".to_owned()));
    let begun = Pattern::glob("arn:?");
    let begun = Question {
        all: vec![vec![&other], vec![&begun]],
        none: Vec::new(),
    };
    assert_eq!(begun.shortest(0), Answer::Text("arn:a".to_owned()));
    let [some, not] = ["x*y", "x*"].map(Pattern::glob);
    let closed = Question {
        all: vec![vec![&some]],
        none: vec![&not],
    };
    let mut left = 10;
    assert_eq!(closed.answer_within(&mut left), Answer::Empty);
    assert_eq!(left, 9);
    // What is seen at once takes one, too.
    assert_eq!(
        question.answer_within(&mut left),
        Answer::Text("abc".to_owned())
    );
    assert_eq!(left, 8);
    let mut none = 0;
    question.answer_within(&mut none);
    assert_eq!(none, 0);
    let [a, b] = ["*a*", "*b*"].map(Pattern::glob);
    let either = Question {
        all: vec![vec![&a], vec![&b]],
        none: Vec::new(),
    };
    let mut left = 10;
    assert_eq!(either.search(&mut left), Answer::Text("ab".to_owned()));
    assert_eq!(left, 8);
}

/// A state goes on with the first symbol of each kind, and with none that some group does not take.
#[test]
fn of_each_kind_of_character_one_is_tried() {
    let [left, right, not] = ["a*", "?b", "*:"].map(Pattern::glob);
    let question = Question {
        all: vec![vec![&left], vec![&right]],
        none: vec![&not],
    };
    let steps = [&left, &right, &not].into_iter().flat_map(|p| &p.steps);
    let alphabet = Alphabet::new(steps.map(Step::set)).unwrap();
    let search = Search::new(&question, &alphabet);
    let tried = |state: &super::State| -> String {
        let mut kinds = vec![99];
        search.choices(state, &mut kinds);
        kinds
            .iter()
            .map(|kind| alphabet.first(*kind).unwrap())
            .collect()
    };
    let start = search.start().unwrap();
    assert_eq!(tried(&start), "a");
    let mask = |c| alphabet.mask(&Set::One(c));
    let mut distinct = vec![mask('a'), alphabet.all(), u128::MAX, mask(':')];
    distinct.sort_unstable();
    let mut told = search.distinctions(&start);
    assert!(told.is_sorted());
    distinct.retain(|mask| told.contains(mask));
    told.dedup();
    assert_eq!(told, distinct);
    assert!(told.contains(&mask('a')) && told.contains(&mask(':')));
    let second = search.step(&start, mask('a')).unwrap();
    assert_eq!(tried(&second), "b");
    assert!(search.step(&start, mask('b')).is_none());
    let last = search.step(&second, mask('b')).unwrap();
    assert!(search.accepts(&last) && !search.accepts(&second));
    assert_eq!(tried(&last), "");
    let free = Question {
        all: Vec::new(),
        none: vec![&not],
    };
    let search = Search::new(&free, &alphabet);
    let start = search.start().unwrap();
    let mut kinds = Vec::new();
    search.choices(&start, &mut kinds);
    assert_eq!(kinds, [1, mask(':')]);
    // What excludes everything is not even begun.
    let everything = Pattern::glob("*");
    let shut = Question {
        all: vec![vec![&everything]],
        none: vec![&everything],
    };
    assert!(Search::new(&shut, &alphabet).start().is_none());
}

#[test]
fn a_kind_is_split_by_sets_that_hold_a_part_of_it() {
    let mut kinds = vec![0b1111];
    split(&mut kinds, 0b1_1111);
    split(&mut kinds, 0b1_0000);
    assert_eq!(kinds, [0b1111]);
    split(&mut kinds, 0b0011);
    assert_eq!(kinds, [0b0011, 0b1100]);
    split(&mut kinds, 0b0110);
    assert_eq!(kinds, [0b0010, 0b0100, 0b0001, 0b1000]);
}

#[test]
fn places_are_bits_of_words() {
    let mut words = [0; 3];
    let places = [0, 1, 63, 64, 100, 127, 128, 191];
    for at in places {
        assert!(set(&mut words, at), "{at}");
        assert!(!set(&mut words, at), "{at}");
    }
    assert!(!set(&mut words, 192));
    assert!(ones(&words).eq(places));
}

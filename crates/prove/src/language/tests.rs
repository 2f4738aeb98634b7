//! The search beside brute force in small worlds.

use super::{Answer, Pattern, Question, Set, Step};

const LETTERS: [char; 4] = ['a', 'B', ':', 'b'];

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    fn set(&mut self) -> Set {
        let letter = LETTERS[self.roll(4)];
        match self.roll(8) {
            0..=3 => Set::One(letter),
            4 => Set::EitherCase(letter),
            5 => Set::Except(letter),
            6 => Set::ranges(vec![('a', 'a'), (':', 'B')]),
            _ => Set::Any,
        }
    }

    fn pattern(&mut self) -> Pattern {
        let steps = (0..self.roll(5)).map(|_| match self.roll(4) {
            0 | 1 => Step::One(self.set()),
            2 => Step::Maybe(self.set()),
            _ => Step::Run(if self.roll(2) == 0 {
                Set::Any
            } else {
                self.set()
            }),
        });
        Pattern {
            steps: steps.collect(),
        }
    }

    pub(super) fn patterns(&mut self, most: usize) -> Vec<Pattern> {
        (0..=self.roll(most)).map(|_| self.pattern()).collect()
    }
}

/// Straight from the definition.
fn matches(steps: &[Step], text: &[char]) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        return text.is_empty();
    };
    let one = |rest: &[Step]| match text.split_first() {
        Some((c, text)) => first.set().contains(*c) && matches(rest, text),
        None => false,
    };
    match first {
        Step::One(_) => one(rest),
        Step::Maybe(_) => matches(rest, text) || one(rest),
        Step::Run(_) => matches(rest, text) || one(steps),
    }
}

fn holds(all: &[Vec<Pattern>], none: &[Pattern], text: &[char]) -> bool {
    let matched = |pattern: &Pattern| matches(&pattern.steps, text);
    all.iter().all(|group| group.iter().any(matched)) && !none.iter().any(matched)
}

/// Every text of at most four characters, the shortest first. `x` stands for every letter that no pattern names, `A` for
/// the other case.
fn texts() -> Vec<Vec<char>> {
    let mut all: Vec<Vec<char>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..4 {
        let last: Vec<Vec<char>> = all[from..].to_vec();
        from = all.len();
        for text in last {
            all.extend(['a', 'A', 'b', 'B', ':', 'x'].map(|c| [text.as_slice(), &[c]].concat()));
        }
    }
    all
}

#[test]
fn the_search_agrees_with_brute_force() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let texts = texts();
    let (mut found, mut empty) = (0, 0);
    for _ in 0..1_500 {
        let all: Vec<Vec<Pattern>> = (0..dice.roll(3)).map(|_| dice.patterns(2)).collect();
        let none = match dice.roll(3) {
            0 => Vec::new(),
            _ => dice.patterns(3),
        };
        let question = Question {
            all: all.iter().map(|group| group.iter().collect()).collect(),
            none: none.iter().collect(),
        };
        let shortest = texts.iter().find(|text| holds(&all, &none, text));
        match question.shortest(100_000) {
            Answer::Text(text) => {
                found += 1;
                let letters: Vec<char> = text.chars().collect();
                assert!(holds(&all, &none, &letters), "{text} for {question:?}");
                if letters.len() <= 4 {
                    assert_eq!(shortest.map(Vec::len), Some(letters.len()), "{question:?}");
                }
                assert!(question.holds(&text), "{text} for {question:?}");
                match question.answer(100_000) {
                    Answer::Text(text) => {
                        let letters: Vec<char> = text.chars().collect();
                        assert!(holds(&all, &none, &letters), "{text} for {question:?}");
                    }
                    other => panic!("{other:?} for {question:?}"),
                }
            }
            Answer::Empty => {
                empty += 1;
                assert_eq!(shortest, None, "{question:?}");
                assert_eq!(question.answer(100_000), Answer::Empty, "{question:?}");
            }
            Answer::Unknown => panic!("{question:?}"),
        }
    }
    assert!(found > 100 && empty > 100, "{found} {empty}");
}

/// What is plain takes no search: a search of no states at all answers it.
#[test]
fn what_is_plain_takes_no_states() {
    let globs = [
        "a*",
        "b*",
        "*a",
        "*b",
        "a",
        "ab",
        "a:*:c",
        "a:b:*",
        "?*",
        "arn:*:x:*",
        "arn:*:y:*",
    ]
    .map(Pattern::glob);
    let [
        a,
        b,
        ending_a,
        ending_b,
        only_a,
        ab,
        left,
        right,
        some,
        x,
        y,
    ] = &globs;
    let ask = |all: &[&[&Pattern]], none: &[&Pattern]| {
        let all = all.iter().map(|group| group.to_vec()).collect();
        let none = none.to_vec();
        Question { all, none }.answer(0)
    };
    let text = |text: &str| Answer::Text(text.to_owned());
    // One of a few texts, the shortest that does.
    assert_eq!(ask(&[&[ab, only_a], &[a]], &[]), text("a"));
    assert_eq!(ask(&[&[ab, only_a]], &[only_a]), text("ab"));
    assert_eq!(ask(&[&[ab, only_a], &[b]], &[]), Answer::Empty);
    // Beginnings and ends that are never the same, and so between colons.
    assert_eq!(ask(&[&[a], &[b]], &[]), Answer::Empty);
    assert_eq!(ask(&[&[ending_a], &[ending_b]], &[]), Answer::Empty);
    assert_eq!(ask(&[&[left], &[right]], &[]), Answer::Unknown);
    let segment = |c| Pattern {
        steps: [
            Step::Run(Set::Except(':')),
            Step::One(Set::One(':')),
            Step::One(Set::One(c)),
            Step::Run(Set::Any),
        ]
        .to_vec(),
    };
    assert_eq!(
        ask(&[&[&segment('x')], &[&segment('y')]], &[]),
        Answer::Empty
    );
    assert_ne!(
        ask(&[&[&segment('x')], &[&segment('x')]], &[]),
        Answer::Empty
    );
    // A plain text between colons that the other does not take there.
    let before = |head: Vec<Step>| Pattern {
        steps: [head, vec![Step::One(Set::One(':')), Step::Run(Set::Any)]].concat(),
    };
    let plain = before(Pattern::literal("ab").steps);
    let other = before(vec![Step::Run(Set::One('x'))]);
    assert_eq!(ask(&[&[&plain], &[&other]], &[]), Answer::Empty);
    assert_eq!(ask(&[&[&other], &[&plain]], &[]), Answer::Empty);
    assert!(plain.clashes(&other) && !plain.clashes(&plain));
    let taken = before(vec![Step::Run(Set::ranges(vec![('a', 'b')]))]);
    assert_ne!(ask(&[&[&plain], &[&taken]], &[]), Answer::Empty);
    // A text at hand.
    assert_eq!(ask(&[], &[]), text(""));
    assert_eq!(ask(&[&[some]], &[]), text("a"));
    assert_eq!(ask(&[&[some]], &[only_a]), text("aa"));
    // One that cannot be does not decide where another can.
    assert_eq!(ask(&[&[a, b], &[b]], &[]), text("b"));
    assert_eq!(ask(&[&[x], &[y]], &[]), Answer::Unknown);
}

//! The search beside brute force in small worlds.

use super::{Answer, Pattern, Question, Set, Step};

const LETTERS: [char; 4] = ['a', 'B', ':', 'b'];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
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
            6 => Set::Ranges(vec![('a', 'a'), (':', 'B')]),
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

    fn patterns(&mut self, most: usize) -> Vec<Pattern> {
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

/// The length of the shortest text of at most five characters that is an answer.
fn shortest(all: &[Vec<Pattern>], none: &[Pattern]) -> Option<usize> {
    let mut texts: Vec<Vec<char>> = vec![Vec::new()];
    for length in 0..=5 {
        if texts.iter().any(|text| holds(all, none, text)) {
            return Some(length);
        }
        // `x` stands for every letter that no pattern names, `A` for the other case.
        let longer = |text: &Vec<char>| {
            ['a', 'A', 'b', 'B', ':', 'x', ';', '@'].map(|c| [text.as_slice(), &[c]].concat())
        };
        texts = texts.iter().flat_map(longer).collect();
    }
    None
}

#[test]
fn the_search_agrees_with_brute_force() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut found, mut empty) = (0, 0);
    for _ in 0..3_000 {
        let all: Vec<Vec<Pattern>> = (0..dice.roll(3)).map(|_| dice.patterns(2)).collect();
        let none = match dice.roll(3) {
            0 => Vec::new(),
            _ => dice.patterns(3),
        };
        let question = Question {
            all: all.iter().map(|group| group.iter().collect()).collect(),
            none: none.iter().collect(),
        };
        match question.answer(100_000) {
            Answer::Text(text) => {
                found += 1;
                let letters: Vec<char> = text.chars().collect();
                assert!(holds(&all, &none, &letters), "{text} for {question:?}");
                if letters.len() <= 5 {
                    assert_eq!(shortest(&all, &none), Some(letters.len()), "{question:?}");
                }
            }
            Answer::Empty => {
                empty += 1;
                assert_eq!(shortest(&all, &none), None, "{question:?}");
            }
            Answer::Unknown => panic!("{question:?}"),
        }
    }
    assert!(found > 500 && empty > 500, "{found} {empty}");
}

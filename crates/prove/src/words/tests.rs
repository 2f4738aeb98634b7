//! The equations beside brute force in small worlds, and the shapes that real policies have.

use std::borrow::Cow;

use super::{Answer, Equation, Language, Piece, Reason, System};
use crate::language::{self, Pattern, Question, Set, Step};

const BUDGET: usize = 200_000;

/// A pattern in which `*` is any run, `_` one without a colon and `{0}` the text of that number.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        pieces.push(match c {
            '*' => Piece::Step(Step::Run(Set::Any)),
            '?' => Piece::Step(Step::One(Set::Any)),
            '_' => Piece::Step(Step::Run(Set::Except(':'))),
            '{' => {
                let number: String = rest.by_ref().take_while(|c| *c != '}').collect();
                Piece::Text(number.parse().unwrap())
            }
            c => Piece::Step(Step::One(Set::One(c))),
        });
    }
    pieces
}

pub(super) fn matches(text: usize, pattern: &str) -> Equation {
    Equation {
        text,
        pattern: pieces(pattern),
        holds: true,
    }
}

pub(super) fn differs_from(text: usize, pattern: &str) -> Equation {
    Equation {
        holds: false,
        ..matches(text, pattern)
    }
}

/// Names as source identities may be: 2 to 64 letters, digits and `_+=,.@-`.
pub(super) fn identity() -> Language<'static> {
    let ranges = [
        ('0', '9'),
        ('A', 'Z'),
        ('a', 'z'),
        ('_', '_'),
        ('+', '+'),
        (',', '.'),
        ('=', '='),
        ('@', '@'),
    ];
    Language::of(Pattern::repeated(
        &Set::ranges(ranges.to_vec()),
        2,
        Some(64),
    ))
}

pub(super) fn anything() -> Language<'static> {
    Language::default()
}

/// A resource (0), who asks (1) and who owns it (2), which differ.
fn isolation(facts: bool, policy: &str, owner: &str) -> Answer {
    let name = if facts { identity } else { anything };
    let system = System {
        texts: vec![anything(), name(), name()],
        equations: vec![matches(0, policy), matches(0, owner)],
        differ: vec![vec![(1, 2)]],
    };
    checked(&system)
}

pub(super) fn checked(system: &System<'_>) -> Answer {
    let answer = system.solve(BUDGET);
    if let Answer::Texts(texts) = &answer {
        assert!(system.holds(texts), "{texts:?} for {system:?}");
        assert_eq!(texts.len(), system.texts.len());
    }
    answer
}

pub(super) fn texts(answer: &Answer) -> Vec<&str> {
    match answer {
        Answer::Texts(texts) => texts.iter().map(String::as_str).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prefix_that_ends_in_a_delimiter_keeps_tenants_apart() {
    assert_eq!(
        isolation(true, "b/users/{1}/*", "b/users/{2}/*"),
        Answer::None
    );
    // Not the bounds but the letters are what makes it so.
    let open = isolation(false, "b/users/{1}/*", "b/users/{2}/*");
    assert_ne!(open, Answer::None);
}

#[test]
fn a_prefix_without_a_delimiter_does_not() {
    let answer = isolation(true, "b/users/{1}*", "b/users/{2}/*");
    assert_eq!(texts(&answer), ["b/users/aaa/", "aa", "aaa"]);
}

#[test]
fn a_pattern_in_front_of_the_variable_is_searched() {
    let policy = "user-profile/*/{1}";
    assert_eq!(isolation(true, policy, "user-profile/*/{2}"), Answer::None);
    let answer = isolation(false, policy, "user-profile/*/{2}");
    assert_ne!(answer, Answer::None);
}

#[test]
fn two_parts_are_kept_apart_by_a_character_that_neither_holds() {
    let letters = Set::ranges(vec![('a', 'z'), ('0', '9'), ('-', '-')]);
    let name = || Language::of(Pattern::repeated(&letters, 1, Some(63)));
    let question = |policy: &str, owner: &str| {
        let system = System {
            texts: vec![anything(), name(), name(), name(), name()],
            equations: vec![matches(0, policy), matches(0, owner)],
            differ: vec![vec![(1, 3), (2, 4)]],
        };
        checked(&system)
    };
    assert_eq!(question("p/{1}/{2}", "p/{3}/{4}"), Answer::None);
    let found = question("p/{1}-{2}", "p/{3}-{4}");
    assert!(matches!(found, Answer::Texts(_)), "{found:?}");
}

#[test]
fn segments_of_an_arn_are_cut_at_its_colons() {
    let policy = "arn:aws:sagemaker:us-east-1:1:user-profile/{1}";
    let owner = "arn:_:sagemaker:_:_:user-profile/{2}";
    assert_eq!(isolation(true, policy, owner), Answer::None);
    assert_eq!(isolation(true, owner, policy), Answer::None);
    assert_eq!(isolation(true, "arn:aws:s3:::{1}", owner), Answer::None);
    let other = isolation(true, policy, "arn:_:sagemaker:_:_:user-profile/*");
    assert!(matches!(other, Answer::Texts(_)));
}

/// A first misaligned text with equal values must not hide one where they differ.
#[test]
fn the_first_text_that_is_out_of_step_does_not_decide() {
    let letters = Set::ranges(vec![('a', 'b'), ('/', '/')]);
    let short = || Language::of(Pattern::repeated(&letters, 0, Some(3)));
    let system = System {
        texts: vec![anything(), short(), short()],
        equations: vec![matches(0, "b{1}a*"), matches(0, "ba{2}/")],
        differ: vec![vec![(1, 2)]],
    };
    assert!(matches!(checked(&system), Answer::Texts(_)));
}

/// Values of one length differ in a letter; the first is read before the second, or the other way round.
#[test]
fn values_of_one_length_may_differ_in_a_letter() {
    for set in [Set::ranges(vec![('a', 'b')]), Set::Except('/')] {
        let two = || Language::of(Pattern::repeated(&set, 2, Some(2)));
        for (first, second) in [("{1}*", "?{2}"), ("?{1}", "{2}*")] {
            let system = System {
                texts: vec![anything(), two(), two()],
                equations: vec![matches(0, first), matches(0, second)],
                differ: vec![vec![(1, 2)]],
            };
            assert!(
                matches!(checked(&system), Answer::Texts(_)),
                "{first} {second}"
            );
        }
    }
    let one = || Language::of(Pattern::repeated(&Set::One('a'), 2, Some(2)));
    let system = System {
        texts: vec![anything(), one(), one()],
        equations: vec![matches(0, "{1}*"), matches(0, "?{2}")],
        differ: vec![vec![(1, 2)]],
    };
    assert_eq!(checked(&system), Answer::None);
}

#[test]
fn a_value_that_may_hold_the_delimiter_is_not_cut_at_it() {
    let name = |set: &str| {
        let ranges = set.chars().map(|c| (c, c)).collect();
        Language::of(Pattern::repeated(&Set::ranges(ranges), 1, Some(3)))
    };
    let system = System {
        texts: vec![anything(), name("a"), name("a/")],
        equations: vec![matches(0, "{1}/*"), matches(0, "{2}/*")],
        differ: vec![vec![(1, 2)]],
    };
    assert!(matches!(checked(&system), Answer::Texts(_)));
}

#[test]
fn a_pattern_fails_by_its_form_too() {
    let forms = vec![vec![
        Cow::Owned(Pattern::literal("a/")),
        Cow::Owned(Pattern::literal("bbb")),
    ]];
    let system = System {
        texts: vec![
            Language {
                all: forms,
                none: Vec::new(),
            },
            Language::of(Pattern::repeated(&Set::One('a'), 1, Some(1))),
        ],
        equations: vec![differs_from(0, "{1}/*")],
        differ: Vec::new(),
    };
    assert_eq!(texts(&checked(&system)), ["bbb", "a"]);
}

#[test]
fn one_value_in_two_texts_is_one_value() {
    let system = |tag: &str| System {
        texts: vec![anything(), identity(), identity(), anything()],
        equations: vec![
            matches(0, "users/{1}*"),
            matches(0, "users/{2}/*"),
            matches(3, tag),
            matches(3, "{2}"),
        ],
        differ: vec![vec![(1, 2)]],
    };
    assert_eq!(checked(&system("{1}")), Answer::None);
    assert!(matches!(checked(&system("*")), Answer::Texts(_)));
}

#[test]
fn a_pattern_that_must_not_match_is_split_at_its_variables() {
    let mut system = System {
        texts: vec![anything(), identity(), identity()],
        equations: vec![
            matches(0, "users/{1}/*"),
            differs_from(0, "users/{1}/private/*"),
        ],
        differ: Vec::new(),
    };
    assert!(matches!(checked(&system), Answer::Texts(_)));
    system.equations.push(matches(0, "users/{2}/private/*"));
    assert_eq!(checked(&system), Answer::None);
    system.equations.push(differs_from(0, "{2}*"));
    assert_eq!(checked(&system), Answer::None);
}

#[test]
fn a_pattern_that_cannot_be_split_is_not_guessed() {
    let system = System {
        texts: vec![
            Language::of(Pattern::repeated(&Set::One('a'), 0, None)),
            Language::of(Pattern::repeated(&Set::One('a'), 1, None)),
        ],
        equations: vec![differs_from(0, "{1}*"), matches(0, "{1}*")],
        differ: Vec::new(),
    };
    assert_eq!(checked(&system), Answer::Unknown(Reason::Negated));
}

#[test]
fn values_that_must_differ_are_found_where_there_are_enough() {
    let bit = || {
        Language::of(Pattern::repeated(
            &Set::ranges(vec![('0', '1')]),
            1,
            Some(1),
        ))
    };
    let mut system = System {
        texts: vec![bit(), bit(), bit()],
        equations: Vec::new(),
        differ: vec![vec![(0, 1)], vec![(1, 2)]],
    };
    let answer = checked(&system);
    assert_eq!(texts(&answer).len(), 3);
    system.differ.push(vec![(0, 2)]);
    assert_eq!(checked(&system), Answer::None);
    system.texts.pop();
    system.differ = vec![vec![(0, 0)]];
    assert_eq!(checked(&system), Answer::None);
}

#[test]
fn a_text_that_is_part_of_itself_is_no_loop() {
    let system = |pattern: &str| System {
        texts: vec![anything(), anything()],
        equations: vec![matches(0, pattern)],
        differ: Vec::new(),
    };
    assert!(matches!(checked(&system("*{0}*")), Answer::Texts(_)));
    assert_eq!(checked(&system("a{0}")), Answer::None);
    assert_eq!(checked(&system("{0}{1}")), Answer::Unknown(Reason::Cycle));
    let mut around = system("{1}a*");
    around.equations.push(matches(1, "{0}*"));
    assert!(!matches!(checked(&around), Answer::None | Answer::Texts(_)));
}

pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    fn letter(&mut self) -> char {
        ['a', 'b', '/'][self.roll(3)]
    }

    fn steps(&mut self, most: usize) -> Vec<Piece> {
        let steps = (0..self.roll(most + 1)).map(|_| match self.roll(8) {
            0 => Step::Run(Set::Any),
            1 => Step::Run(Set::Except('/')),
            2 => Step::One(Set::Any),
            3 => Step::Maybe(Set::One(self.letter())),
            _ => Step::One(Set::One(self.letter())),
        });
        steps.map(Piece::Step).collect()
    }

    fn pattern(&mut self, variables: &[usize]) -> Vec<Piece> {
        if self.roll(2) == 0 {
            // As people write them: parts with slashes between.
            let texts: &[&str] = &[
                "a{}/*", "a{}*", "{}/{}", "{}/{}/*", "{}/a*", "a{}", "*/{}", "{}a/{}", "?{}", "{}*",
            ];
            let mut text = texts[self.roll(texts.len())].to_owned();
            while let Some(at) = text.find("{}") {
                let variable = variables[self.roll(variables.len())];
                text.replace_range(at..at + 2, &format!("{{{variable}}}"));
            }
            return pieces(&text);
        }
        let mut pattern = self.steps(2);
        for _ in 0..=self.roll(2) {
            pattern.push(Piece::Text(variables[self.roll(variables.len())]));
            pattern.extend(self.steps(2));
        }
        pattern
    }

    fn domain(&mut self) -> Set {
        match self.roll(4) {
            0 => Set::ranges(vec![('a', 'b')]),
            1 => Set::ranges(vec![('a', 'a'), ('/', '/')]),
            2 => Set::One('a'),
            _ => Set::ranges(vec![('a', 'b'), ('/', '/')]),
        }
    }

    /// Texts 0 and 1 match patterns of the variables behind them.
    pub(super) fn world(&mut self) -> (System<'static>, Vec<Vec<String>>) {
        let count = 2 + self.roll(2);
        let mut texts = vec![self.own(), self.own()];
        let mut values = Vec::new();
        for _ in 0..count {
            let (set, least) = (self.domain(), self.roll(2));
            let most = if count > 2 { 2 } else { 1 + self.roll(3) };
            let language = Language::of(Pattern::repeated(&set, least, Some(most.max(least))));
            values.push(all_values(&language, most));
            texts.push(language);
        }
        let variables: Vec<usize> = (2..2 + count).collect();
        let mut equations = Vec::new();
        for _ in 0..1 + self.roll(3) {
            equations.push(Equation {
                text: usize::from(self.roll(4) == 0),
                pattern: self.pattern(&variables),
                holds: self.roll(6) > 0,
            });
        }
        let pair = |dice: &mut Self| (2 + dice.roll(count), 2 + dice.roll(count));
        let groups = self.roll(3);
        let group = |dice: &mut Self| (0..=dice.roll(2)).map(|_| pair(dice)).collect();
        let differ = (0..groups).map(|_| group(self)).collect();
        (
            System {
                texts,
                equations,
                differ,
            },
            values,
        )
    }

    fn own(&mut self) -> Language<'static> {
        let plain = |dice: &mut Self| {
            let mut steps = dice.steps(2);
            steps.push(Piece::Step(Step::Run(Set::Any)));
            Cow::Owned(super::split::plain(&steps).unwrap())
        };
        let mut language = Language::default();
        if self.roll(3) == 0 {
            language.all = vec![(0..=self.roll(2)).map(|_| plain(self)).collect()];
        }
        if self.roll(3) == 0 {
            language.none = vec![plain(self)];
        }
        language
    }
}

fn all_values(language: &Language<'_>, most: usize) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut last = values.clone();
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|text| ['a', 'b', '/'].map(|c| format!("{text}{c}")))
            .collect();
        values.extend(last.clone());
    }
    let alone = System {
        texts: vec![language.clone()],
        ..System::default()
    };
    values.retain(|value| alone.holds(std::slice::from_ref(value)));
    values
}

/// Whether there are texts 0 and 1 for these values of the others, whatever their length.
fn fits(system: &System<'_>, values: &[&String]) -> bool {
    let value = |text: usize| values[text - 2].as_str();
    let differ = |group: &Vec<(usize, usize)>| group.iter().any(|(a, b)| value(*a) != value(*b));
    if !system.differ.iter().all(differ) {
        return false;
    }
    (0..2).all(|text| {
        let spelled = |equation: &&Equation| {
            let steps = equation.pattern.iter().flat_map(|piece| match piece {
                Piece::Step(step) => vec![step.clone()],
                Piece::Text(text) => Pattern::literal(value(*text)).steps,
            });
            Pattern {
                steps: steps.collect(),
            }
        };
        let own = |holds: bool| {
            let own = system.equations.iter();
            let own = own.filter(move |equation| equation.text == text && equation.holds == holds);
            own.collect::<Vec<_>>()
                .iter()
                .map(spelled)
                .collect::<Vec<_>>()
        };
        let (must, must_not) = (own(true), own(false));
        let language = &system.texts[text];
        let mut all: Vec<Vec<&Pattern>> = must.iter().map(|pattern| vec![pattern]).collect();
        all.extend(
            language
                .all
                .iter()
                .map(|group| group.iter().map(Cow::as_ref).collect()),
        );
        let none = must_not
            .iter()
            .chain(language.none.iter().map(Cow::as_ref))
            .collect();
        match (Question { all, none }).answer(BUDGET) {
            language::Answer::Text(_) => true,
            language::Answer::Empty => false,
            language::Answer::Unknown => panic!("{system:?}"),
        }
    })
}

fn any_fits<'v>(
    system: &System<'_>,
    values: &'v [Vec<String>],
    chosen: &mut Vec<&'v String>,
) -> bool {
    let Some(own) = values.get(chosen.len()) else {
        return fits(system, chosen);
    };
    own.iter().any(|value| {
        chosen.push(value);
        let found = any_fits(system, values, chosen);
        chosen.pop();
        found
    })
}

/// How many random systems are tried: some thousands, or as many as `WORLDS` says.
fn worlds() -> usize {
    let given = std::env::var("WORLDS").ok();
    given.map_or(3_000, |count| count.parse().unwrap())
}

#[test]
fn the_answers_agree_with_brute_force() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut found, mut none, mut unknown) = (0, 0, 0);
    let count = worlds();
    for _ in 0..count {
        let (system, values) = dice.world();
        match checked(&system) {
            Answer::Texts(_) => found += 1,
            Answer::None => {
                none += 1;
                assert!(!any_fits(&system, &values, &mut Vec::new()), "{system:?}");
            }
            Answer::Unknown(_) => unknown += 1,
        }
    }
    println!("{count} systems: {found} with an answer, {none} without, {unknown} not decided");
    assert!(found > count / 5 && none > count / 5, "{found} {none}");
    assert!(unknown < count / 20, "{unknown} of {count}");
}

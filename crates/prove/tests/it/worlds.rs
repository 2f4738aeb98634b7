//! Small worlds: random policies over few letters, in which every request is tried.
//!
//! `PALISADE_WORLDS=1000000 cargo test --release -p palisade-prove --test it worlds` tries as many.

use crate::certificates::Certificates;
use crate::dice::Dice;
use policy::{
    Action, ContextValue, Document, NamedPolicy, PolicySet, PolicyType, Principal, Request,
    Resource,
};
use prove::{Facts, Verdict, alone, no_new_access};

const KEYS: [&str; 2] = ["k:a", "k:b"];
const CALLER: &str = "arn:aws:iam::111122223333:role/example";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Address,
    Binary,
}

const KINDS: [Kind; 9] = [
    Kind::Text,
    Kind::Text,
    Kind::Text,
    Kind::Arn,
    Kind::Number,
    Kind::Date,
    Kind::Bool,
    Kind::Address,
    Kind::Binary,
];

impl Kind {
    fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
            ],
            Self::Arn => &["ArnLike", "ArnNotLike", "ArnEquals", "StringLike"],
            Self::Number => &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            Self::Date => &[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateGreaterThanEquals",
            ],
            Self::Bool => &["Bool"],
            Self::Address => &["IpAddress", "NotIpAddress"],
            Self::Binary => &["BinaryEquals"],
        }
    }

    /// Values that policies name; the last two of texts only where wildcards or variables count.
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "a",
                "b",
                "ab",
                "A",
                "",
                "a/",
                "/",
                "a:b",
                "a*",
                "*a",
                "?",
                "a?",
                "*",
                "*/*",
                "${k:b}",
                "${k:a}",
                "a${k:b}",
                "${k:b}/*",
                "${k:b, 'a'}",
                "*${k:b}",
                "${k:b}b*",
                "${*}",
                "${k:a}${k:b}",
            ],
            Self::Arn => &[
                "arn:p:s:r:c:a",
                "arn:p:s:*:c:*",
                "arn:p:*:r:c:a",
                "arn:p:s:r:?:a",
                "arn:p:s:${k:b}:c:a",
                "arn:p:s:r:c:${k:b}",
                "arn:p:s:*:c:${k:b}*",
                "*",
                "${k:b}",
            ],
            Self::Number => &["1", "2", "1.5", "1.0"],
            Self::Date => &["2020-01-01", "2020-01-01T00:00:01Z", "1577836800"],
            Self::Bool => &["true", "false", "${k:b}"],
            Self::Address => &["1.0.0.0/31", "1.0.0.0", "0.0.0.0/0", "::/0", "::1"],
            Self::Binary => &["YQ==", "YWI=", ""],
        }
    }

    /// Values that requests carry.
    fn requested(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "", "a", "b", "A", "/", ":", "ab", "ba", "a/", "a:b", "aa", "a*", "*", "a/b", "b/",
                "abb", "bb",
            ],
            Self::Arn => &[
                "arn:p:s:r:c:a",
                "arn:p:s:a:c:a",
                "arn:p:s:r:b:a",
                "arn:p:s:r:c:b",
                "arn:p:s::c:",
                "a",
                "arn:p:s:r:c:a:b",
                "arn:p:q:r:c:a",
                "arn:p:s:a:b:c:a",
            ],
            Self::Number => &["0", "1", "1.0", "1.25", "1.5", "2", "3", "x", "", "01"],
            Self::Date => &[
                "2019-12-31",
                "2020-01-01",
                "2020",
                "1577836800.0",
                "1577836801",
                "2021",
                "x",
                "",
            ],
            Self::Bool => &["true", "false", "TRUE", "x", "", "a"],
            Self::Address => &["1.0.0.0", "1.0.0.1", "1.0.0.2", "::1", "::2", "x"],
            Self::Binary => &["a", "YQ==", "ab", "YWI=", "", "x"],
        }
    }
}

/// One world: two policies, and the values that its requests have.
pub(crate) struct World {
    pub(crate) old: String,
    pub(crate) new: String,
    values: [Vec<Option<ContextValue>>; 2],
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let kinds = [
            dice.pick(&KINDS),
            dice.pick(&[Kind::Text, Kind::Text, Kind::Bool]),
        ];
        let count = 1 + dice.roll(3);
        let old: Vec<String> = (0..count).map(|_| statement(&mut dice, kinds)).collect();
        let new = changed(&mut dice, &old, kinds);
        let version = |dice: &mut Dice| match dice.once_in(8) {
            true => "2008-10-17",
            false => "2012-10-17",
        };
        let document = |version: &str, statements: &[String]| {
            let statements = statements.join(",");
            format!(r#"{{"Version":"{version}","Statement":[{statements}]}}"#)
        };
        Self {
            old: document(version(&mut dice), &old),
            new: document(version(&mut dice), &new),
            values: kinds.map(|kind| values(&mut dice, kind)),
        }
    }

    /// Calls `each` with every request of the world.
    fn requests(&self, each: &mut impl FnMut(Request)) {
        let caller = Principal::parse(CALLER).unwrap();
        let resources = [
            "*",
            "arn:p:s:::a",
            "arn:p:s:::b",
            "arn:p:s:::a/b",
            "arn:p:s:::aa",
        ];
        for action in ["s:a", "s:b", "s:aa"] {
            for resource in resources {
                for first in &self.values[0] {
                    for second in &self.values[1] {
                        let mut builder = Request::builder(
                            caller.clone(),
                            Action::parse(action).unwrap(),
                            Resource::parse(resource).unwrap(),
                        );
                        for (key, value) in KEYS.iter().zip([first, second]) {
                            if let Some(value) = value {
                                builder = builder.set(*key, value.clone());
                            }
                        }
                        each(builder.build());
                    }
                }
            }
        }
    }
}

fn changed(dice: &mut Dice, old: &[String], kinds: [Kind; 2]) -> Vec<String> {
    let mut new = old.to_vec();
    match dice.roll(5) {
        0 => new.push(statement(dice, kinds)),
        1 => {
            new.remove(dice.roll(old.len()));
        }
        2 => new = vec![statement(dice, kinds)],
        3 => {
            let at = dice.roll(old.len());
            new[at] = statement(dice, kinds);
        }
        _ => {
            let at = dice.roll(old.len());
            let swaps = [
                ("StringEquals", "StringLike"),
                ("a*", "a"),
                ("ForAllValues", "ForAnyValue"),
                ("Equals\"", "EqualsIfExists\""),
                ("s:*", "s:a"),
                ("NotEquals", "Equals"),
                ("ArnLike", "ArnEquals"),
                ("${k:b}/", "${k:b}"),
                ("Resource\"", "NotResource\""),
            ];
            let (from, to) = dice.pick(&swaps);
            new[at] = if dice.once_in(2) {
                old[at].replace(from, to)
            } else {
                old[at].replace(to, from)
            };
        }
    }
    new.retain(|text| parses(text));
    if new.is_empty() {
        new = old.to_vec();
    }
    new
}

fn parses(statement: &str) -> bool {
    ["2008-10-17", "2012-10-17"].iter().all(|version| {
        let text = format!(r#"{{"Version":"{version}","Statement":{statement}}}"#);
        Document::parse(&text, PolicyType::Identity).is_ok()
    })
}

fn statement(dice: &mut Dice, kinds: [Kind; 2]) -> String {
    loop {
        let effect = if dice.roll(3) == 0 { "Deny" } else { "Allow" };
        let action = dice.pick(&["s:a", "s:b", "s:*", "s:a*", "s:?"]);
        let not_action = if dice.once_in(10) { "Not" } else { "" };
        let resources = [
            "*",
            "*",
            "arn:p:s:::a",
            "arn:p:s:::a*",
            "arn:p:s:::*/*",
            "arn:p:s:::${k:b}",
            "arn:p:s:::${k:b}*",
            "arn:p:s:::a/${k:b}",
            "arn:p:s:::${k:b, 'a'}",
            "arn:p:s:::?",
        ];
        let resource = dice.pick(&resources);
        let not_resource = if dice.once_in(8) { "Not" } else { "" };
        let conditions: Vec<String> = (0..dice.roll(3)).map(|_| condition(dice, kinds)).collect();
        let mut unique = conditions.clone();
        unique.dedup_by_key(|text| text.split(':').next().map(str::to_owned));
        let text = format!(
            r#"{{"Effect":"{effect}","{not_action}Action":"{action}","{not_resource}Resource":"{resource}","Condition":{{{}}}}}"#,
            unique.join(",")
        );
        if parses(&text) {
            return text;
        }
    }
}

fn condition(dice: &mut Dice, kinds: [Kind; 2]) -> String {
    let at = dice.roll(2);
    if dice.once_in(8) {
        let absent = dice.pick(&["true", "false"]);
        return format!(r#""Null":{{"{}":"{absent}"}}"#, KEYS[at]);
    }
    let kind = if dice.once_in(8) {
        dice.pick(&KINDS)
    } else {
        kinds[at]
    };
    let operator = dice.pick(kind.operators());
    let qualifier = match dice.roll(8) {
        0 => "ForAllValues:",
        1 => "ForAnyValue:",
        _ => "",
    };
    let if_exists = if dice.once_in(5) { "IfExists" } else { "" };
    let count = if dice.once_in(12) {
        0
    } else {
        1 + dice.roll(2)
    };
    let values: Vec<String> = (0..count)
        .map(|_| format!("\"{}\"", dice.pick(kind.values())))
        .collect();
    format!(
        r#""{qualifier}{operator}{if_exists}":{{"{}":[{}]}}"#,
        KEYS[at],
        values.join(",")
    )
}

fn values(dice: &mut Dice, kind: Kind) -> Vec<Option<ContextValue>> {
    let mut all: Vec<Option<ContextValue>> = vec![None];
    all.extend(kind.requested().iter().map(|text| Some((*text).into())));
    for _ in 0..3 {
        let count = dice.roll(3);
        let list = (0..count).map(|_| dice.pick(kind.requested()).to_owned());
        all.push(Some(list.collect::<Vec<String>>().into()));
    }
    let other = if kind == Kind::Text { "1" } else { "a" };
    all.push(Some(other.into()));
    all
}

pub(crate) fn parsed(text: &str, policy_type: PolicyType) -> NamedPolicy {
    let document = Document::parse(text, policy_type).unwrap_or_else(|e| panic!("{e}\n{text}"));
    NamedPolicy::new("policy", document)
}

pub(crate) fn compiled(text: &str, policy_type: PolicyType) -> PolicySet {
    PolicySet::compile([parsed(text, policy_type)])
}

/// How many worlds came out how: proved, violated, unknown.
fn try_worlds(seeds: impl Iterator<Item = u64>) -> [usize; 3] {
    let mut counts = [0; 3];
    let mut checked = Certificates::default();
    for seed in seeds {
        let world = World::new(seed);
        let [old, new] = [&world.old, &world.new].map(|text| compiled(text, PolicyType::Identity));
        let [old, new] = [&old, &new].map(|set| alone(set, PolicyType::Identity, None));
        let question = no_new_access(old, new);
        match question.answer(&Facts::none()) {
            Verdict::Violated(_) => counts[1] += 1,
            Verdict::Unknown { reason } => {
                if std::env::var_os("PALISADE_SHOW").is_some() {
                    println!("{seed}: {reason}\n old {}\n new {}", world.old, world.new);
                }
                assert!(
                    !reason.contains("engine"),
                    "{seed}: {reason}\n{}\n{}",
                    world.old,
                    world.new
                );
                counts[2] += 1;
            }
            Verdict::Proved(_) => {
                counts[0] += 1;
                // Checking takes longer than finding; many more are checked where many more are tried.
                if seed % 4 == 0 {
                    checked.check(
                        &question,
                        &Facts::none(),
                        &format!("seed {seed}\n old {}\n new {}", world.old, world.new),
                    );
                }
                world.requests(&mut |request| {
                    assert!(
                        !question.is_violated_by(&request),
                        "seed {seed}: proved, but {request:?}\n old {}\n new {}",
                        world.old,
                        world.new
                    );
                });
            }
        }
    }
    checked.done(1_000);
    counts
}

#[test]
fn no_request_of_a_small_world_contradicts_a_proof() {
    let wanted = std::env::var("PALISADE_WORLDS")
        .ok()
        .and_then(|n| n.parse().ok());
    let count: u64 = wanted.unwrap_or(10_000);
    let first: u64 = std::env::var("PALISADE_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let [proved, violated, unknown] = try_worlds(first..first + count);
    println!("{proved} proved, {violated} violated, {unknown} unknown");
    if count >= 1_000 {
        assert!(proved * 10 > count as usize && violated * 10 > count as usize);
        assert!(
            unknown * 100 < count as usize,
            "{unknown} of {count} unknown"
        );
    }
}

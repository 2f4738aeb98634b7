//! Requests that are changed bit by bit towards what must not be allowed.

use crate::dice::Dice;
use policy::explain::{Applies, statements};
use policy::{Action, ContextValue, Effect, Principal, Request, Resource};
use prove::{Owner, Question};
use serde_json::Value;
use std::collections::BTreeMap;

/// What policies name.
#[derive(Default)]
pub(super) struct Vocabulary {
    resources: Vec<String>,
    actions: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

impl Vocabulary {
    pub(super) fn read(&mut self, statement: &Value) {
        for (name, value) in statement.as_object().unwrap() {
            match name.as_str() {
                "Action" | "NotAction" => self.actions.extend(texts(value)),
                "Resource" | "NotResource" => self.resources.extend(texts(value)),
                "Condition" => {
                    for keys in value.as_object().unwrap().values() {
                        for (key, values) in keys.as_object().unwrap() {
                            let own = self.values.entry(key.clone()).or_default();
                            own.extend(texts(values));
                        }
                    }
                }
                _ => {}
            }
        }
        let all = statement.to_string();
        for part in all.split("${").skip(1) {
            let key = part.split(['}', ',']).next().unwrap();
            if key.len() > 1 {
                self.values.entry(key.to_owned()).or_default();
            }
        }
    }
}

/// A request that is worked on.
#[derive(Clone)]
struct Draft {
    caller: usize,
    action: String,
    resource: String,
    values: BTreeMap<String, Vec<String>>,
    single: bool,
}

const CALLERS: [&str; 12] = [
    "arn:aws:sts::111111111111:assumed-role/r/s",
    "arn:aws:sts::111111111111:assumed-role/q/s",
    "arn:aws:sts::222222222222:assumed-role/r/s",
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::111111111111:user/p/u",
    "arn:aws:iam::222222222222:user/a",
    "arn:aws:iam::333333333333:user/d",
    "arn:aws:iam::111111111111:root",
    "arn:aws:sts::111111111111:federated-user/f",
    "s.amazonaws.com",
    "f.example",
    "",
];

fn caller(number: usize) -> Principal {
    match CALLERS[number] {
        "" => Principal::Anonymous,
        "f.example" => Principal::Federated {
            provider: "f.example".into(),
        },
        service if !service.starts_with("arn:") => Principal::service(service),
        arn => Principal::parse(arn).unwrap(),
    }
}

impl Draft {
    fn value(&self, key: &str) -> Option<String> {
        match self.values.get(key)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// A text that a policy's text might match in this request.
    fn fill(&self, text: &str, dice: &mut Dice) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((variable, behind)) =
                rest.strip_prefix("${").and_then(|r| r.split_once('}'))
            {
                let (key, default) = variable.split_once(", ").unwrap_or((variable, "''"));
                match key {
                    "*" | "?" | "$" => filled.push_str(key),
                    "aws:PrincipalAccount" => filled.push_str("111111111111"),
                    key => {
                        let value = self.value(key);
                        filled
                            .push_str(&value.unwrap_or_else(|| default.trim_matches('\'').into()));
                    }
                }
                rest = behind;
                continue;
            }
            match c {
                '*' => filled.push_str(dice.pick(&["", "", "a", "/", ":", "a/b", "-", "x", "1"])),
                '?' => filled.push_str(dice.pick(&["a", "/", ":", "*", "?"])),
                c => filled.push(c),
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        self.perturbed(filled, dice)
    }

    fn perturbed(&self, mut text: String, dice: &mut Dice) -> String {
        match dice.roll(14) {
            0 => text.push_str(dice.pick(&["a", "/", ":", "*", "0", "-x-", "b"])),
            1 => drop(text.pop()),
            2 => text = text.to_uppercase(),
            3 => text = text.to_lowercase(),
            4 => text.insert_str(0, dice.pick(&["a", "/", "0", "-", "x-"])),
            5 => {
                let all: Vec<String> = self.values.values().flatten().cloned().collect();
                if !all.is_empty() {
                    text = dice.pick(&all);
                }
            }
            _ => {}
        }
        text
    }

    fn any(key: &str, dice: &mut Dice) -> String {
        let all: &[&str] = match key {
            "k:n" => &[
                "0",
                "1",
                "1.0",
                "01",
                "7",
                "9.5",
                "10",
                "10.5",
                "11",
                "-1",
                "-2",
                "1e1",
                "x",
                "",
                "0.000000000000000001",
            ],
            "k:d" => &[
                "2019",
                "2020",
                "2020-01-01",
                "1577836800",
                "1577836801",
                "2021-06-01T00:00:00Z",
                "x",
                "1577836799.5",
            ],
            "k:b" => &["true", "false", "TRUE", "False", "1", ""],
            "k:i" => &[
                "10.0.0.1",
                "10.128.0.0",
                "10.127.255.255",
                "11.0.0.0",
                "2001:db8::1",
                "2001:db8::2",
                "::1",
                "x",
                "::ffff:10.0.0.1",
            ],
            "k:s" => &[
                "a",
                "b",
                "A",
                "ab",
                "",
                "a/b",
                "a*",
                "x-a-b",
                "*",
                "$a",
                "a?",
                "d",
                "arn:aws:s3:::b/a/x",
                "arn:aws:s3::a:x",
                "arn:aws:iam::1:role/a",
                "YQ==",
                "arn:aws:s::1:x",
                "\u{212a}",
                "\u{130}",
                "i\u{307}",
                "stra\u{df}e",
            ],
            _ => &[
                "a",
                "b",
                "ab",
                "",
                "a/b",
                "d",
                "A",
                "aa",
                "a-",
                "-a",
                ":",
                "111111111111",
                "r",
                "u",
                "true",
                "arn:aws:s3:::x",
                "\u{130}",
                "K",
            ],
        };
        dice.pick(all).to_owned()
    }

    fn change(&mut self, words: &Vocabulary, dice: &mut Dice) {
        let keys: Vec<&String> = words.values.keys().collect();
        match dice.roll(8) {
            0 => self.caller = dice.roll(CALLERS.len()),
            1 => self.action = self.fill(&dice.pick(&words.actions), dice),
            2 | 3 => self.resource = self.fill(&dice.pick(&words.resources), dice),
            _ if keys.is_empty() => {}
            _ => {
                let key = dice.pick(&keys);
                let named = &words.values[key];
                let mut value = |draft: &Self| match named.is_empty() || dice.once_in(3) {
                    true => Self::any(key, dice),
                    false => {
                        let text = dice.pick(named);
                        draft.fill(&text, dice)
                    }
                };
                let one = value(self);
                let two = value(self);
                let values = match dice.roll(8) {
                    0 => None,
                    1 => Some(vec![one, two]),
                    _ => Some(vec![one]),
                };
                match values {
                    Some(values) => drop(self.values.insert(key.clone(), values)),
                    None => drop(self.values.remove(key)),
                }
                self.single = !dice.once_in(6);
            }
        }
    }

    fn request(&self, owner: Owner) -> Option<Request> {
        let caller = caller(self.caller);
        let owner = match owner {
            Owner::OfCaller => caller.account(),
            Owner::Account(account) => Some(account),
            Owner::Stranger => policy::AccountId::parse("999999999999"),
        };
        let mut builder = Request::builder(
            caller,
            Action::parse(&self.action).ok()?,
            Resource::parse(&self.resource).ok()?,
        );
        if let Some(owner) = owner {
            builder = builder.resource_account(owner);
        }
        for (key, values) in &self.values {
            if key.starts_with("aws:") {
                continue;
            }
            builder = match values.as_slice() {
                [one] if self.single => builder.set(key, one.as_str()),
                all => builder.set(key, ContextValue::from(all.to_vec())),
            };
        }
        Some(builder.build())
    }
}

/// How near a request is to being allowed by the one side and not by the other.
fn nearness(question: &Question<'_>, request: &Request) -> i64 {
    let policies = &question.allowed.policies;
    let traces = statements(policies, request);
    let denied = traces
        .iter()
        .filter(|t| t.statement.effect.value == Effect::Deny && t.applies != Applies::No)
        .count();
    let lacking = traces
        .iter()
        .filter(|t| t.statement.effect.value == Effect::Allow)
        .map(|t| t.mismatches.len() + usize::from(t.applies == Applies::Unknown))
        .min()
        .unwrap_or(9);
    if !policy::decide(policies, request).is_allow() {
        return -(i64::try_from(denied + lacking).unwrap_or(99));
    }
    let others = question.denied.map_or(0, |stage| {
        let traces = statements(&stage.policies, request);
        let allows = traces
            .iter()
            .filter(|t| t.statement.effect.value == Effect::Allow && t.applies == Applies::Yes);
        allows.count()
    });
    100 - i64::try_from(others).unwrap_or(0)
}

/// Looks for a request that violates a question; how many of those tried the policies in question allow.
pub(super) fn climb(
    question: &Question<'_>,
    owner: Owner,
    words: &Vocabulary,
    dice: &mut Dice,
) -> Result<usize, Box<Request>> {
    let mut near = 0;
    for _ in 0..4 {
        let mut best = Draft {
            caller: dice.roll(3),
            action: "s:get".into(),
            resource: "arn:aws:s:::b/a/x".into(),
            values: BTreeMap::new(),
            single: true,
        };
        let mut reached = i64::MIN;
        for _ in 0..120 {
            let mut next = best.clone();
            for _ in 0..=dice.roll(3) {
                next.change(words, dice);
            }
            let Some(request) = next.request(owner) else {
                continue;
            };
            if question.is_violated_by(&request) {
                return Err(Box::new(request));
            }
            let score = nearness(question, &request);
            near += usize::from(score > 50);
            if score >= reached {
                (best, reached) = (next, score);
            }
        }
    }
    Ok(near)
}

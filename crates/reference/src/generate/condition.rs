//! Random conditions for a request.

use super::Random;
use super::policy::blur;
use super::request::{Flavour, KEYS, Request};
use crate::Json;

const TEXT: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];

/// The operators that read values of a kind.
fn operators(flavour: Flavour) -> &'static [&'static str] {
    match flavour {
        Flavour::Text => &TEXT,
        Flavour::Number => &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        Flavour::Date => &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        Flavour::Ip => &["IpAddress", "NotIpAddress"],
        Flavour::Bool => &["Bool"],
        Flavour::Arn => &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        Flavour::Binary => &["BinaryEquals"],
    }
}

/// Values that a policy may hold for an operator of a kind, beside those of requests.
fn more_values(flavour: Flavour) -> &'static [&'static str] {
    match flavour {
        Flavour::Text => &["*", "?", "a*", "*b", "x"],
        Flavour::Number => &["2", "-0.5"],
        Flavour::Date => &["2022-01-01", "0"],
        Flavour::Ip => &[
            "10.0.0.0/8",
            "10.0.0.0/31",
            "0.0.0.0/0",
            "::/0",
            "2001:db8::/47",
            "10.0.0.7/29",
        ],
        Flavour::Bool => &["true"],
        Flavour::Arn => &[
            "*",
            "arn:aws:s3:::b/*",
            "arn:aws:sagemaker:*:111122223333:*",
            "arn:*:*:*:*:*",
        ],
        Flavour::Binary => &["Qw==", ""],
    }
}

/// A block of one or two operators.
pub(super) fn block(random: &mut Random, request: &Request, variables: bool) -> Json {
    let mut block = Json::Object(Vec::new());
    for _ in 0..1 + random.below(2) {
        let mut keys = Json::Object(Vec::new());
        let (first, flavour) = key(random, request);
        let (operator, read) = operator(random, flavour);
        let values = values(random, request, first, read, operator, variables);
        keys.set(&spelling(random, first), values);
        let (second, _) = key(random, request);
        if second != first && random.chance(15) {
            let values = self::values(random, request, second, read, operator, variables);
            keys.set(second, values);
        }
        let name = decorated(random, operator, request, first);
        block.set(&name, keys);
    }
    block
}

/// A key, mostly one that the request has.
fn key(random: &mut Random, request: &Request) -> (&'static str, Flavour) {
    let mut found = ("k:a", Flavour::Text);
    for _ in 0..3 {
        let at = random.below(KEYS.len());
        found = KEYS.get(at).copied().unwrap_or(found);
        if request.context.iter().any(|(key, ..)| *key == found.0) {
            break;
        }
    }
    found
}

/// Key names compare ignoring case.
fn spelling(random: &mut Random, key: &str) -> String {
    if random.chance(8) {
        key.to_uppercase()
    } else {
        key.to_owned()
    }
}

/// An operator, mostly one for the kind of value; with the kind it reads.
fn operator(random: &mut Random, flavour: Flavour) -> (&'static str, Flavour) {
    match random.below(20) {
        0 | 1 => ("Null", Flavour::Bool),
        2 | 3 => (random.pick(&TEXT), Flavour::Text),
        4 => {
            let (_, other) = KEYS
                .get(random.below(KEYS.len()))
                .copied()
                .unwrap_or(("", flavour));
            (random.pick(operators(other)), other)
        }
        _ => (random.pick(operators(flavour)), flavour),
    }
}

/// The operator with a qualifier and `IfExists`, as befits the key, mostly.
fn decorated(random: &mut Random, operator: &str, request: &Request, key: &str) -> String {
    if operator == "Null" {
        return operator.to_owned();
    }
    let several = key == "aws:TagKeys"
        || request
            .context
            .iter()
            .any(|(name, _, several)| *name == key && *several);
    let qualifier = if random.chance(if several { 85 } else { 15 }) {
        random.pick(&["ForAllValues:", "ForAnyValue:"])
    } else {
        ""
    };
    let if_exists = if random.chance(20) { "IfExists" } else { "" };
    format!("{qualifier}{operator}{if_exists}")
}

fn values(
    random: &mut Random,
    request: &Request,
    key: &str,
    flavour: Flavour,
    operator: &str,
    variables: bool,
) -> Json {
    let count = if random.chance(4) {
        0
    } else {
        1 + random.below(2)
    };
    let held: Vec<&str> = request
        .context
        .iter()
        .filter(|(name, ..)| *name == key)
        .flat_map(|(_, values, _)| values.iter().map(String::as_str))
        .collect();
    let one = |random: &mut Random| {
        if operator == "Null" {
            return random.pick(&["true", "false"]).to_owned();
        }
        let own = random.pick(&held);
        let readable =
            flavour.values().contains(&own) && !(flavour == Flavour::Binary && own.len() < 4);
        let text = match random.below(10) {
            0..5 if readable => own,
            5 | 6 => random.pick(more_values(flavour)),
            _ if flavour == Flavour::Binary => random.pick(&["QQ==", "Qg=="]),
            _ => random.pick(flavour.values()),
        };
        match flavour {
            Flavour::Text if random.chance(30) => with_variable(random, request, text, variables),
            Flavour::Text if operator.ends_with("Like") && random.chance(40) => blur(random, text),
            Flavour::Arn if text != "*" && random.chance(60) => {
                arn(random, request, text, variables)
            }
            Flavour::Bool if variables && random.chance(10) => "${k:a, 'true'}".to_owned(),
            _ => text.to_owned(),
        }
    };
    let texts = (0..count).map(|_| one(random)).collect();
    random.single_or_list(texts)
}

/// An ARN with wildcards and variables in its parts.
fn arn(random: &mut Random, request: &Request, text: &str, variables: bool) -> String {
    let mut parts: Vec<String> = text.splitn(6, ':').map(str::to_owned).collect();
    for part in parts.iter_mut().skip(1) {
        match random.below(10) {
            0 | 1 => *part = blur(random, part),
            2 => *part = with_variable(random, request, part, variables),
            _ => {}
        }
    }
    parts.join(":")
}

/// The text with a variable: in place of a run that is the variable's value, if there is one.
/// In the language of 2008 the same text stands for itself.
pub(super) fn with_variable(
    random: &mut Random,
    request: &Request,
    text: &str,
    variables: bool,
) -> String {
    let fitting: Vec<(&str, &str)> = request
        .singles()
        .filter(|(_, value)| !value.is_empty() && text.contains(value))
        .collect();
    let at = random.below(fitting.len());
    let fits = fitting.get(at).filter(|_| random.chance(75));
    match (fits, random.below(8)) {
        (Some((key, value)), _) => {
            text.replacen(value, &format!("${{{}}}", spelling(random, key)), 1)
        }
        (None, 0) => format!("{text}${{*}}"),
        (None, 1) => format!("${{k:a, '{}'}}", random.pick(&["a", "", "*", "ab"])),
        (None, 2) => text.replace('*', "${*}"),
        (None, 3) => format!("${{aws:TagKeys}}{text}"),
        (None, 4) => format!("{text}${{k:b, ''}}"),
        (None, 5) if !variables => format!("{text}${{"),
        (None, 6) => format!("${{k:none}}{text}"),
        _ => "${aws:SourceIdentity}".to_owned(),
    }
}

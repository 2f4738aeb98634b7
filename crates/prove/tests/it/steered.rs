//! Policies of unusual parts, and requests that are steered towards what a proof says cannot be.
//!
//! Small worlds try everything over few letters. Here policies say what is seldom said, and each proof is attacked by a
//! climb: a request made of what the policies name is changed bit by bit, and a change is kept that brings it nearer to being
//! allowed by what must not allow it. `PALISADE_WORLDS=100000` tries as many policies.

mod climb;

use crate::dice::Dice;
use crate::worlds::parsed;
use climb::{Vocabulary, climb};
use policy::{Policies, PolicySet, PolicyType, Resource};
use prove::{Facts, Owner, Stage, Verdict, no_new_access, not_granted};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Conditions that are seldom written; `O` stands for an operator's qualifier, `I` for `IfExists`.
const CONDITIONS: [&str; 75] = [
    r#"{"OStringEqualsI":{"k:s":["a","${k:t}"]}}"#,
    r#"{"OStringEqualsI":{"k:s":"${k:t, 'd'}"}}"#,
    r#"{"OStringNotEqualsI":{"k:s":["${k:t}","b"]}}"#,
    r#"{"OStringNotEqualsI":{"k:s":"${k:t, ''}"}}"#,
    r#"{"OStringEqualsI":{"k:s":"${*}"}}"#,
    r#"{"OStringLikeI":{"k:s":"a${*}"}}"#,
    r#"{"OStringLikeI":{"k:s":"a${?}*"}}"#,
    r#"{"OStringNotLikeI":{"k:s":"${$}*"}}"#,
    r#"{"OStringLikeI":{"k:s":"${k:t}*"}}"#,
    r#"{"OStringNotLikeI":{"k:s":"${k:t}*"}}"#,
    r#"{"OStringLikeI":{"k:s":"*${k:t}"}}"#,
    r#"{"OStringLikeI":{"k:s":"x-${k:t}-*"}}"#,
    r#"{"OStringNotLikeI":{"k:s":"x-${k:t}-*"}}"#,
    r#"{"OStringLikeI":{"k:s":"*${k:t}*"}}"#,
    r#"{"OStringNotLikeI":{"k:s":"*${k:t}*"}}"#,
    r#"{"OStringLikeI":{"k:s":"${k:s}*"}}"#,
    r#"{"OStringLikeI":{"k:s":"${k:t}/${k:u}"}}"#,
    r#"{"OStringNotLikeI":{"k:s":"${k:t}/${k:u}"}}"#,
    r#"{"OStringEqualsI":{"k:s":"${k:t}${k:u}"}}"#,
    r#"{"OStringLikeI":{"k:t":"?*"}}"#,
    r#"{"OStringNotLikeI":{"k:t":"*/*"}}"#,
    r#"{"OStringNotLikeI":{"k:t":["*-*","*:*"]}}"#,
    r#"{"OStringLikeI":{"k:t":["a*","*b"]}}"#,
    r#"{"OStringEqualsI":{"k:t":"${k:u}"}}"#,
    r#"{"OStringEqualsI":{"k:u":"${k:t}"}}"#,
    r#"{"OStringNotEqualsI":{"k:u":["a","b","${k:s}"]}}"#,
    r#"{"OStringEqualsIgnoreCaseI":{"k:s":"${k:t}"}}"#,
    r#"{"OStringEqualsIgnoreCaseI":{"k:s":["stra\u00dfe","\u0130","k"]}}"#,
    r#"{"OStringNotEqualsIgnoreCaseI":{"k:s":["A","${k:t}"]}}"#,
    r#"{"OStringEqualsI":{"k:s":["A","\u212a","STRASSE","i\u0307"]}}"#,
    r#"{"OStringEqualsI":{"k:t":["\u0130","K"]}}"#,
    r#"{"OStringEqualsI":{"k:t":["",":","a/"]}}"#,
    r#"{"OStringEqualsI":{"k:s":[]}}"#,
    r#"{"OStringNotEqualsI":{"k:s":[]}}"#,
    r#"{"OArnLikeI":{"k:s":"arn:aws:s3:::b/${k:t}/*"}}"#,
    r#"{"OArnNotLikeI":{"k:s":"arn:aws:s3:::b/${k:t}/*"}}"#,
    r#"{"OArnEqualsI":{"k:s":"arn:aws:iam::*:role/?"}}"#,
    r#"{"OArnLikeI":{"k:s":"arn:aws:s3::${k:t}:x*"}}"#,
    r#"{"OArnNotEqualsI":{"k:s":["arn:aws:s3::${k:t}:x*","*"]}}"#,
    r#"{"OArnLikeI":{"k:s":"${k:t}"}}"#,
    r#"{"OArnLikeI":{"k:s":"${k:s}"}}"#,
    r#"{"OStringLikeI":{"k:s":"arn:aws:*:1:*"}}"#,
    r#"{"ONumericLessThanI":{"k:n":"10"}}"#,
    r#"{"ONumericLessThanEqualsI":{"k:n":["9.5","-1"]}}"#,
    r#"{"ONumericGreaterThanI":{"k:n":"1e1"}}"#,
    r#"{"ONumericEqualsI":{"k:n":["007","1.0","-0"]}}"#,
    r#"{"ONumericNotEqualsI":{"k:n":["1","2"]}}"#,
    r#"{"ONumericGreaterThanEqualsI":{"k:n":"0.000000000000000001"}}"#,
    r#"{"OStringEqualsI":{"k:n":["1","01","10","x"]}}"#,
    r#"{"OStringNotEqualsI":{"k:n":["1","7","0"]}}"#,
    r#"{"OStringLikeI":{"k:n":"1*"}}"#,
    r#"{"ODateLessThanI":{"k:d":"2020-01-01T00:00:00Z"}}"#,
    r#"{"ODateGreaterThanEqualsI":{"k:d":["1577836800","2021-01-01"]}}"#,
    r#"{"ODateEqualsI":{"k:d":"2020-01-01T01:00:00+01:00"}}"#,
    r#"{"ODateNotEqualsI":{"k:d":"2020"}}"#,
    r#"{"OStringEqualsI":{"k:d":["2020","1577836800"]}}"#,
    r#"{"OBoolI":{"k:b":"true"}}"#,
    r#"{"OBoolI":{"k:b":"FALSE"}}"#,
    r#"{"OBoolI":{"k:b":"${k:t}"}}"#,
    r#"{"OStringEqualsI":{"k:b":["True","false","1"]}}"#,
    r#"{"OStringNotEqualsI":{"k:b":["true","false"]}}"#,
    r#"{"OIpAddressI":{"k:i":["10.0.0.0/8","2001:db8::/32"]}}"#,
    r#"{"ONotIpAddressI":{"k:i":["10.0.0.0/9","2001:db8::1"]}}"#,
    r#"{"OIpAddressI":{"k:i":"10.128.0.0/9"}}"#,
    r#"{"OIpAddressI":{"k:i":"0.0.0.0/0"}}"#,
    r#"{"ONotIpAddressI":{"k:i":"::/0"}}"#,
    r#"{"OStringLikeI":{"k:i":"10.*"}}"#,
    r#"{"OBinaryEqualsI":{"k:s":["YQ==","QUI="]}}"#,
    r#"{"Null":{"k:s":"true"}}"#,
    r#"{"Null":{"k:s":"false","k:t":"false"}}"#,
    r#"{"Null":{"k:t":["true","false"],"k:n":"false"}}"#,
    r#"{"Null":{"k:i":"false","k:d":"false","k:b":"false"}}"#,
    r#"{"OStringEqualsI":{"aws:PrincipalAccount":["111111111111","${k:t}"]}}"#,
    r#"{"OStringLikeI":{"aws:PrincipalArn":"arn:aws:iam::*:role/${k:t}"}}"#,
    r#"{"OStringEqualsI":{"aws:username":["u","${k:t}"]}}"#,
];

const ACTIONS: [&str; 9] = [
    "s:Get", "s:get*", "s:*", "*", "s:?et", "S:PUT", "s:G*t", "s:P*", "t:*",
];

const RESOURCES: [&str; 16] = [
    "*",
    "*",
    "arn:aws:s:::b/*",
    "arn:aws:s:::b/${k:t}/*",
    "arn:aws:s:::b/${k:t}*",
    "arn:aws:s:::b/${k:t, 'a'}/x",
    "arn:aws:s:::b/*/${k:t}",
    "arn:aws:s:::b/${k:t}/${k:u}/*",
    "arn:aws:s:::b/${k:t}-${k:u}/*",
    "arn:aws:s:*:111111111111:x/?",
    "arn:aws:s:r:*:x/a",
    "arn:AWS:s:R:1:x/A",
    "arn:aws:s:::b/${*}/*",
    "arn:aws:s::${aws:PrincipalAccount}:x",
    "arn:aws:s:::*:${k:t}",
    "arn:aws:s:::b/a/x",
];

const PRINCIPALS: [&str; 8] = [
    r#""*""#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":["222222222222","arn:aws:iam::111111111111:role/r"]}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:user/p/u"}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"}"#,
    r#"{"Service":["s.amazonaws.com","t.amazonaws.com"]}"#,
    r#"{"Federated":"f.example"}"#,
    r#"{"AWS":"AIDAEXAMPLE"}"#,
];

fn statement(dice: &mut Dice, kind: PolicyType) -> Value {
    let mut statement = json!({"Effect": if dice.once_in(3) { "Deny" } else { "Allow" }});
    let own = statement.as_object_mut().unwrap();
    if kind.has_principal() {
        let not = kind != PolicyType::ResourceControl && own["Effect"] == "Deny" && dice.once_in(3);
        let principals = match kind {
            PolicyType::ResourceControl => &PRINCIPALS[..1],
            _ => &PRINCIPALS,
        };
        let principal = serde_json::from_str(dice.pick(principals)).unwrap();
        own.insert(
            if not { "NotPrincipal" } else { "Principal" }.into(),
            principal,
        );
    }
    let list = |dice: &mut Dice, all: &[&str]| -> Value {
        let count = 1 + dice.roll(2);
        (0..count).map(|_| json!(dice.pick(all))).collect()
    };
    let actions = match kind {
        PolicyType::ResourceControl => json!("s:*"),
        _ => list(dice, &ACTIONS),
    };
    let not = kind != PolicyType::ResourceControl && dice.once_in(6);
    own.insert(if not { "NotAction" } else { "Action" }.into(), actions);
    let not = dice.once_in(5);
    let resources = list(dice, &RESOURCES);
    own.insert(
        if not { "NotResource" } else { "Resource" }.into(),
        resources,
    );
    let mut conditions = serde_json::Map::new();
    for _ in 0..dice.roll(4) {
        let qualifier = dice.pick(&["", "", "", "ForAllValues:", "ForAnyValue:"]);
        let exists = dice.pick(&["", "", "IfExists"]);
        let text = dice
            .pick(&CONDITIONS)
            .replace("{\"O", &format!("{{\"{qualifier}"));
        let text = text.replace("I\":{", &format!("{exists}\":{{"));
        let one: Value = serde_json::from_str(&text).unwrap();
        for (operator, keys) in one.as_object().unwrap() {
            let keys = keys.as_object().unwrap().clone();
            let entry = conditions.entry(operator.clone()).or_insert(json!({}));
            entry.as_object_mut().unwrap().extend(keys);
        }
    }
    own.insert("Condition".into(), Value::Object(conditions));
    statement
}

/// A change of one statement.
fn changed(dice: &mut Dice, statements: &mut Vec<Value>, kind: PolicyType) {
    let at = dice.roll(statements.len());
    match dice.roll(6) {
        0 => statements.push(statement(dice, kind)),
        1 if statements.len() > 1 => drop(statements.remove(at)),
        2 => statements[at]["Effect"] = json!("Deny"),
        3 => statements[at] = statement(dice, kind),
        4 => {
            let more = statement(dice, kind)["Condition"].take();
            let own = statements[at]["Condition"].as_object_mut().unwrap();
            own.extend(more.as_object().unwrap().clone());
        }
        _ => {
            let swaps = [
                ("StringLike", "StringEquals"),
                ("IfExists", ""),
                ("ForAnyValue:", "ForAllValues:"),
                ("ForAllValues:", ""),
                ("ArnLike", "StringLike"),
                ("}*", "}/*"),
                ("NotEquals", "Equals"),
                ("NumericLessThan\"", "NumericLessThanEquals\""),
                ("k:t", "k:u"),
                ("NotResource", "Resource"),
            ];
            let (from, to) = dice.pick(&swaps);
            let text = statements[at].to_string();
            let text = match dice.once_in(2) {
                true => text.replace(from, to),
                false if !to.is_empty() => text.replace(to, from),
                false => text,
            };
            statements[at] = serde_json::from_str(&text).unwrap();
        }
    }
}

/// The statements of the layers that there are.
type Layers = BTreeMap<&'static str, (PolicyType, Vec<Value>)>;

fn layers(dice: &mut Dice) -> Layers {
    let mut layers = Layers::new();
    for (name, kind, sides) in [
        ("identity", PolicyType::Identity, 1),
        ("boundary", PolicyType::Boundary, 5),
        ("session", PolicyType::Session, 6),
        ("resource", PolicyType::Resource, 3),
        ("scp", PolicyType::ServiceControl, 6),
        ("rcp", PolicyType::ResourceControl, 6),
    ] {
        if dice.once_in(sides) {
            let count = 1 + dice.roll(3);
            let statements = (0..count).map(|_| statement(dice, kind)).collect();
            layers.insert(name, (kind, statements));
        }
    }
    layers
}

struct Side {
    sets: BTreeMap<&'static str, PolicySet>,
    owner: Owner,
}

impl Side {
    fn new(layers: &Layers, owner: Owner) -> Option<Self> {
        let mut sets = BTreeMap::new();
        for (name, (kind, statements)) in layers {
            let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            policy::Document::parse(&text, *kind).ok()?;
            sets.insert(*name, PolicySet::compile([parsed(&text, *kind)]));
        }
        Some(Self { sets, owner })
    }

    fn stage(&self) -> Stage<'_> {
        let level = |name| self.sets.get(name).map_or(&[][..], std::slice::from_ref);
        Stage {
            policies: Policies {
                identity: self.sets.get("identity"),
                boundary: self.sets.get("boundary"),
                session: self.sets.get("session"),
                resource: self.sets.get("resource"),
                service_control: level("scp"),
                resource_control: level("rcp"),
                ..Policies::default()
            },
            resource_type: PolicyType::Resource,
            owner: self.owner,
        }
    }
}

fn shown(layers: &Layers) -> String {
    let line = |(name, (_, statements)): (&&str, &(PolicyType, Vec<Value>))| {
        format!("{name}: {}\n", json!(statements))
    };
    layers.iter().map(line).collect()
}

#[test]
fn no_steered_request_contradicts_a_proof() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let count = number("PALISADE_WORLDS").unwrap_or(600);
    let first = number("PALISADE_SEED").unwrap_or(1);
    let (mut proved, mut violated, mut near, mut found) = (0, 0, 0, 0);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for seed in first..first + count {
        let mut dice = Dice::new(seed ^ 0x57ee_4ed0);
        let mut own = layers(&mut dice);
        let owner = dice.pick(&[
            Owner::OfCaller,
            Owner::Stranger,
            Owner::Account(policy::AccountId::parse("111111111111").unwrap()),
        ]);
        let old_layers = own.clone();
        let names: Vec<&str> = own.keys().copied().collect();
        let name = dice.pick(&names);
        if let Some((kind, statements)) = own.get_mut(name) {
            changed(&mut dice, statements, *kind);
        }
        let (Some(old), Some(new)) = (Side::new(&old_layers, owner), Side::new(&own, owner)) else {
            continue;
        };
        let mut words = Vocabulary::default();
        let all = old_layers.values().chain(own.values());
        all.flat_map(|(_, statements)| statements)
            .for_each(|statement| words.read(statement));
        let mut meant = statement(&mut dice, PolicyType::Identity);
        meant["Effect"] = json!("Allow");
        words.read(&meant);
        let target = json!({"Version": "2012-10-17", "Statement": meant}).to_string();
        let Ok(document) = policy::Document::parse(&target, PolicyType::Identity) else {
            continue;
        };
        let target = PolicySet::compile([policy::NamedPolicy::new("target", document)]);
        let questions = [
            ("new access", no_new_access(old.stage(), new.stage())),
            ("old access", no_new_access(new.stage(), old.stage())),
            ("granted", not_granted(new.stage(), &target)),
        ];
        for (asked, question) in questions {
            match question.answer(&Facts::none()) {
                Verdict::Proved(_) => {
                    proved += 1;
                    match climb(&question, owner, &words, &mut dice) {
                        Ok(more) => near += more,
                        Err(request) => panic!(
                            "seed {seed}, {asked}: proved, but {} {} {} {:?}\n{}\n{}\n{meant}\n{owner:?}",
                            request.principal().display_name(),
                            request.action().as_str(),
                            match request.resource() {
                                Resource::Arn(arn) => arn.as_str(),
                                Resource::Any => "*",
                            },
                            request.context(),
                            shown(&old_layers),
                            shown(&own)
                        ),
                    }
                }
                Verdict::Violated(_) => {
                    violated += 1;
                    // How good the climb is: what it finds where there is something to be found.
                    found += usize::from(climb(&question, owner, &words, &mut dice).is_err());
                }
                Verdict::Unknown { reason } => {
                    assert!(
                        !reason.contains("engine"),
                        "{seed}: {reason}\n{old_layers:#?}\n{own:#?}"
                    );
                    *unknown.entry(reason).or_default() += 1;
                }
            }
        }
    }
    println!(
        "{proved} proved, {violated} violated (the climb finds {found}), unknown: {unknown:#?}"
    );
    println!("{near} requests that the policies allow contradicted no proof");
    if count >= 500 {
        assert!(
            found * 3 > violated,
            "the climb finds {found} of {violated}"
        );
        assert!(near > 20_000, "{near}");
    }
}

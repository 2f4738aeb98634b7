//! Certificates, which the checker must accept as they are and refuse as soon as they say something else.

use crate::worlds::{World, compiled};
use policy::{PolicySet, PolicyType};
use prove::isolation::{Role, by_name};
use prove::tenancy::Tenancy;
use prove::{Facts, Question, alone, no_new_access, not_granted};
use serde_json::{Value, json};

/// Checks certificates and counts.
#[derive(Default)]
pub(crate) struct Certificates {
    accepted: usize,
    refused: Vec<String>,
}

impl Certificates {
    /// Has the certificate of a proved question checked.
    pub(crate) fn check(&mut self, question: &Question<'_>, facts: &Facts, what: &str) {
        match prove_checker::check(&certificate(question, facts)) {
            Ok(_) => self.accepted += 1,
            Err(refusal) => self.refused.push(format!("{refusal}\n {what}")),
        }
    }

    /// Has the certificates of a proof checked.
    pub(crate) fn check_all(&mut self, proof: &prove::Proof, what: &str) {
        assert!(!proof.certificates.is_empty(), "{what}");
        for certificate in &proof.certificates {
            match prove_checker::check(&serde_json::to_value(certificate).unwrap()) {
                Ok(_) => self.accepted += 1,
                Err(refusal) => self.refused.push(format!("{refusal}\n {what}")),
            }
        }
    }

    /// All were accepted, but for one in so many at the most.
    pub(crate) fn done(&self, one_in: usize) {
        println!(
            "{} certificates accepted, {} refused",
            self.accepted,
            self.refused.len()
        );
        let count = self.accepted + self.refused.len();
        let first = self.refused.first();
        assert!(self.refused.len() <= count / one_in, "{first:#?}");
    }
}

pub(crate) fn certificate(question: &Question<'_>, facts: &Facts) -> Value {
    let certificate = question.certificate(facts);
    serde_json::to_value(certificate.expect("a certificate")).unwrap()
}

fn policy(statements: &str) -> PolicySet {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    compiled(&text, PolicyType::Identity)
}

/// A certificate that rests on a fact, on splits, on a leaf of one field and on one of several.
fn example() -> Value {
    let old = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/${aws:SourceIdentity}*"},
           {"Effect":"Allow","Action":"s3:List*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["a","b"]}}},
           {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
    );
    let new = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/${aws:SourceIdentity}/*"},
           {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"a"}}},
           {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
    );
    let [old, new] = [&old, &new].map(|set| alone(set, PolicyType::Identity, None));
    certificate(&no_new_access(old, new), &Facts::default())
}

#[test]
fn a_certificate_is_accepted_as_it_is() {
    let checked = prove_checker::check(&example()).unwrap();
    assert!(checked.leaves > 2, "{checked:?}");
    assert!(!checked.beyond);
    assert_eq!(checked.policies.len(), 2);
}

/// What equals a text equals it whatever its case; and a value without letters has no case.
#[test]
fn proofs_about_case_are_verified() {
    let ask = |old: [&str; 2], new: [&str; 2]| {
        let [old, new] = [old, new].map(|[operator, value]| {
            policy(&format!(
                r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{"{operator}":{{"aws:ResourceTag/owner":"{value}"}}}}}}"#
            ))
        });
        let [old, new] = [&old, &new].map(|set| alone(set, PolicyType::Identity, None));
        no_new_access(old, new)
            .certificate(&Facts::default())
            .map(|certificate| {
                prove_checker::check(&serde_json::to_value(certificate).unwrap()).is_ok()
            })
    };
    let name = "user/${aws:SourceIdentity}";
    let [exactly, anyhow] = ["StringEquals", "StringEqualsIgnoreCase"];
    assert_eq!(ask([anyhow, name], [exactly, name]), Some(true));
    assert_eq!(
        ask([anyhow, "*/${aws:SourceIdentity}"], [exactly, name]),
        None
    );
    assert_eq!(ask([exactly, name], [anyhow, name]), None);
    let account = "${aws:PrincipalAccount}";
    assert_eq!(ask([exactly, account], [anyhow, account]), Some(true));
}

/// Calls `change` with every value of a JSON document, with those within before those around them.
fn each(value: &mut Value, change: &mut impl FnMut(&mut Value) -> bool) -> bool {
    let inner: Vec<&mut Value> = match value {
        Value::Array(values) => values.iter_mut().collect(),
        Value::Object(values) => values.values_mut().collect(),
        _ => Vec::new(),
    };
    for inner in inner {
        if each(inner, change) {
            return true;
        }
    }
    change(value)
}

/// Every certificate that comes from changing one place where `change` applies.
fn changed(part: &str, change: impl Fn(&mut Value) -> bool) -> Vec<Value> {
    let mut all = Vec::new();
    for nth in 0.. {
        let (mut certificate, mut at) = (example(), 0);
        let hit = each(&mut certificate[part], &mut |value| {
            let before = value.clone();
            if change(value) {
                at += 1;
                if at > nth {
                    return true;
                }
                *value = before;
            }
            false
        });
        if !hit {
            return all;
        }
        all.push(certificate);
    }
    all
}

fn all_refused(what: &str, certificates: &[Value]) {
    assert!(!certificates.is_empty(), "{what}");
    for certificate in certificates {
        let answer = prove_checker::check(certificate);
        assert!(answer.is_err(), "{what}: {}", certificate["tree"]);
    }
}

#[test]
fn a_missing_case_is_refused() {
    let dropped = changed("tree", |value| {
        let cases = value.get_mut("cases").and_then(Value::as_array_mut);
        cases.is_some_and(|cases| cases.pop().is_some())
    });
    all_refused("a case is dropped", &dropped);
}

#[test]
fn a_leaf_that_does_not_hold_is_refused() {
    let emptied = changed("tree", |value| {
        let literals = value.get_mut("literals").and_then(Value::as_array_mut);
        literals.is_some_and(|literals| !std::mem::take(literals).is_empty())
    });
    all_refused("a leaf has no literals", &emptied);
    let other = changed("tree", |value| match value.get("demand") {
        Some(demand) => {
            let opposite = if demand == "true" { "false" } else { "true" };
            value["demand"] = json!(opposite);
            true
        }
        None => false,
    });
    all_refused("a literal is turned around", &other);
    let mut weakened = Vec::new();
    for first in [true, false] {
        weakened.extend(changed("tree", |value| {
            let literals = value.get_mut("literals").and_then(Value::as_array_mut);
            let several = literals.filter(|literals| literals.len() > 1);
            let dropped = several.and_then(|literals| match first {
                true => Some(literals.remove(0)),
                false => literals.pop(),
            });
            dropped.is_some()
        }));
    }
    let refused = weakened
        .iter()
        .filter(|it| prove_checker::check(it).is_err());
    // A leaf may name more than it needs: that `*` names a resource is never false.
    let refused = refused.count();
    assert!(refused > 3, "{refused} of {}", weakened.len());
}

/// The formulas that a tree splits.
fn formulas(tree: &Value) -> Vec<usize> {
    let Some(split) = tree.get("split") else {
        return Vec::new();
    };
    let own = usize::try_from(split["formula"].as_u64().unwrap()).unwrap();
    let cases = split["cases"].as_array().unwrap().iter();
    let inner = cases.flat_map(|case| formulas(&case[1]));
    std::iter::once(own).chain(inner).collect()
}

#[test]
fn another_formula_than_that_of_the_policies_is_refused() {
    let split: Vec<usize> = formulas(&example()["tree"]);
    let mut others = Vec::new();
    for formula in split {
        let mut fewer = example();
        let parts = fewer["nodes"][formula]["any"].as_array_mut().unwrap();
        parts.pop();
        others.push(fewer);
    }
    all_refused("an alternative is gone", &others);
    let others = changed("atoms", |value| match value {
        Value::String(letter) if letter == "b" => {
            *value = json!("c");
            true
        }
        _ => false,
    });
    all_refused("an atom has another letter", &others);
    let mut swapped = example();
    let (allowed, denied) = (
        swapped["question"]["allowed"].take(),
        swapped["question"]["denied"].take(),
    );
    swapped["question"]["allowed"] = denied;
    swapped["question"]["denied"] = allowed;
    all_refused("old and new are swapped", &[swapped]);
    let mut fewer = example();
    fewer["callers"].as_array_mut().unwrap().pop();
    all_refused("a kind of caller is missing", &[fewer]);
    let mut always = example();
    let nodes = always["nodes"].as_array_mut().unwrap();
    nodes.push(json!({"any": []}));
    let last = nodes.len() - 1;
    always["formula"] = json!(last);
    always["tree"] = json!({"split": {"formula": last, "cases": []}});
    all_refused("the formula is never true", &[always]);
}

#[test]
fn a_fact_is_about_its_key_and_needed() {
    let target = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/*/x"}"#,
    );
    let own = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/${aws:SourceIdentity}",
            "Condition":{"StringLike":{"aws:SourceIdentity":"*"}}}"#,
    );
    let stage = alone(&own, PolicyType::Identity, None);
    let good = certificate(&not_granted(stage, &target), &Facts::default());
    let checked = prove_checker::check(&good).unwrap();
    let is_about = |(_, key, _): &(String, String, String)| key == "aws:SourceIdentity";
    assert!(checked.facts.iter().any(is_about), "{checked:?}");
    let (mut without, mut astray) = (good.clone(), good);
    for key in without["keys"].as_array_mut().unwrap() {
        key["facts"] = json!([]);
    }
    all_refused("the facts are gone", &[without]);
    for key in astray["keys"].as_array_mut().unwrap() {
        for fact in key["facts"].as_array_mut().unwrap() {
            fact["key"] = json!("aws:username");
        }
    }
    all_refused("the facts are about another key", &[astray]);
}

/// What is wrong has no certificate: the reasons of one question are no reasons for another.
#[test]
fn no_certificate_is_accepted_for_what_is_violated() {
    let facts = Facts::none();
    let mut tried = 0;
    for seed in 1..400_u64 {
        let [world, other] = [World::new(seed), World::new(seed + 1)];
        let sets = [&world.old, &world.new, &other.new, &other.old];
        let [old, new, wider, elsewhere] = sets.map(|text| compiled(text, PolicyType::Identity));
        let [old, new, wider, elsewhere] =
            [&old, &new, &wider, &elsewhere].map(|set| alone(set, PolicyType::Identity, None));
        let question = no_new_access(old, new);
        if !question.answer(&facts).is_proved() {
            continue;
        }
        let good = certificate(&question, &facts);
        for wrong in [
            no_new_access(new, old),
            no_new_access(old, wider),
            no_new_access(elsewhere, new),
        ] {
            if wrong.answer(&facts).violation().is_none() {
                continue;
            }
            let mut forged = good.clone();
            forged["question"] = prove::certificate::asked(&wrong);
            assert!(prove_checker::check(&forged).is_err(), "seed {seed}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

/// The certificates of what is proved of the isolation of the examples.
fn of_isolation() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for answer in crate::isolation::examples(&Facts::default().certified()) {
        for finding in &answer.findings {
            if let prove::Verdict::Proved(proof) = &finding.verdict {
                let certificates = proof.certificates.iter();
                all.extend(
                    certificates
                        .map(|own| (finding.claim.clone(), serde_json::to_value(own).unwrap())),
                );
            }
        }
    }
    all
}

/// Every claim of isolation that is proved of the access policies of the examples has certificates that hold, and the
/// checker makes the formula of what is another's itself.
#[test]
fn the_examples_of_isolation_are_verified() {
    let all = of_isolation();
    assert!(all.len() > 8, "{}", all.len());
    for (claim, certificate) in &all {
        let checked = prove_checker::check(certificate).unwrap_or_else(|e| panic!("{e}: {claim}"));
        assert!(!checked.beyond, "{claim}");
    }
}

/// A certificate of isolation shows nothing of a wider kind of request than its reasons are about.
#[test]
fn another_tenancy_than_that_of_the_formula_is_refused() {
    let all = of_isolation();
    let mut tried = [0; 7];
    for (claim, certificate) in &all {
        let breach = &certificate["question"]["breach"];
        let with = |change: &dyn Fn(&mut Value)| {
            let mut forged = certificate.clone();
            change(&mut forged["question"]["breach"]);
            forged
        };
        let mut forged: Vec<(usize, Value)> = Vec::new();
        if !breach["theirs"].as_array().unwrap().is_empty() {
            forged.push((0, with(&|breach| breach["theirs"] = json!([]))));
            forged.push((1, with(&|breach| breach["identity"] = json!([]))));
            let other =
                json!([{"resource": [{"text": "arn:aws:s3:::elsewhere/"}, {"owner": 0}, "run"]}]);
            forged.push((2, with(&|breach| breach["theirs"] = other.clone())));
        }
        if breach["actions"].is_array() {
            forged.push((3, with(&|breach| breach["actions"] = Value::Null)));
        }
        if !breach["more"].as_array().unwrap().is_empty() {
            forged.push((4, with(&|breach| breach["more"] = json!([]))));
        }
        let mut owner = certificate.clone();
        let keys = owner["keys"].as_array_mut().unwrap().iter_mut();
        let facts = keys
            .filter(|key| key["free"] == true)
            .flat_map(|key| key["facts"].as_array_mut());
        let mut changed = false;
        for fact in facts.flatten() {
            fact["key"] = json!("aws:username");
            changed = true;
        }
        if changed {
            forged.push((5, owner));
        }
        if let Some(except) = breach["theirs"][0]["tag"]["except"].as_array()
            && !except.is_empty()
        {
            let none = |breach: &mut Value| breach["theirs"][0]["tag"]["except"] = json!([]);
            forged.push((6, with(&none)));
        }
        for (what, forged) in forged {
            let refused = prove_checker::check(&forged).is_err();
            tried[what] += usize::from(refused);
            // What the policies say themselves may be left out: the reasons hold of the wider kind too.
            assert!(
                refused || [3, 4, 6].contains(&what),
                "{what}: {claim}\n{breach}"
            );
        }
    }
    assert!(tried.iter().all(|count| *count > 0), "{tried:?}");
}

/// So has every proof about deputies.
#[test]
fn the_proofs_about_deputies_are_verified() {
    let mut certificates = Certificates::default();
    for report in crate::deputy::reports(&Facts::default().certified()) {
        let parts = report.parts.iter().map(|part| &part.outcome);
        for outcome in parts {
            if let prove::Outcome::Verdict(prove::Verdict::Proved(proof)) = outcome {
                certificates.check_all(proof, &report.question);
            }
        }
    }
    assert!(certificates.accepted > 50, "{}", certificates.accepted);
    certificates.done(usize::MAX);
}

/// Tenants that are told by their names have a certificate each, of what lies under every other name.
#[test]
fn tenants_by_name_are_verified() {
    let toml = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/users/${owner}/*\"\n";
    let tenancy = Tenancy::read("tenancy.toml", toml).unwrap();
    let names = ["ann", "anna", "bob"];
    let sets = names.map(|name| {
        policy(&format!(
            r#"{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/users/{name}/*"}}"#
        ))
    });
    let roles: Vec<Role<'_>> = std::iter::zip(names, &sets)
        .map(|(name, set)| Role {
            name: name.to_owned(),
            stage: alone(set, PolicyType::Identity, None),
            trust: None,
        })
        .collect();
    let answer = by_name(&roles, tenancy, &Facts::default().certified());
    let [finding] = answer.findings.as_slice() else {
        panic!("{answer:?}");
    };
    let prove::Verdict::Proved(proof) = &finding.verdict else {
        panic!("{finding:?}");
    };
    assert_eq!(proof.certificates.len(), names.len());
    for (certificate, name) in proof.certificates.iter().zip(names) {
        let certificate = serde_json::to_value(certificate).unwrap();
        let checked = prove_checker::check(&certificate).unwrap();
        assert!(
            !checked.beyond && checked.claim.contains("/users/"),
            "{checked:?}"
        );
        let text = certificate["question"]["within"][0][0]["text"]
            .as_str()
            .unwrap();
        let other = if name == "bob" { "ann" } else { "bob" };
        let own = text.replace(&format!("/users/{other}/"), &format!("/users/{name}/"));
        assert_ne!(text, own);
        let mut forged = certificate.clone();
        forged["question"]["within"][0][0]["text"] = json!(own);
        assert!(prove_checker::check(&forged).is_err(), "{name}");
    }
}

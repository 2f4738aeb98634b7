//! Laws that verdicts keep with each other, and policies with one thing changed whose verdicts are listed by hand.

use crate::dice::Dice;
use crate::worlds::{World, compiled};
use policy::{PolicySet, PolicyType};
use prove::{Claim, Fact, Facts, Stage, Verdict, alone, no_new_access, not_granted};
use serde_json::{Value, json};

fn stage(set: &PolicySet) -> Stage<'_> {
    alone(set, PolicyType::Identity, None)
}

fn identity(text: &str) -> PolicySet {
    compiled(text, PolicyType::Identity)
}

fn ask(old: &str, new: &str) -> Verdict {
    let [old, new] = [old, new].map(identity);
    no_new_access(stage(&old), stage(&new)).answer(&Facts::none())
}

/// A policy with its statements changed.
fn with(text: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut policy: Value = serde_json::from_str(text).unwrap();
    change(policy["Statement"].as_array_mut().unwrap());
    policy.to_string()
}

#[test]
fn a_policy_allows_nothing_that_it_does_not() {
    for seed in 1..400 {
        let world = World::new(seed);
        for text in [&world.old, &world.new] {
            assert!(ask(text, text).is_proved(), "{seed}: {text}");
        }
    }
}

#[test]
fn fewer_allows_and_more_denies_grant_nothing() {
    for seed in 1..500 {
        let world = World::new(seed);
        let mut dice = Dice::new(seed);
        let fewer = with(&world.old, |statements| {
            let allows = |statement: &Value| statement["Effect"] == "Allow";
            let at = statements.iter().position(allows);
            if let Some(at) = at.filter(|_| statements.len() > 1) {
                statements.remove(at);
            }
        });
        let donor: Value = serde_json::from_str(&world.new).unwrap();
        let more = with(&world.old, |statements| {
            let donors = donor["Statement"].as_array().unwrap();
            let mut deny = dice.pick(donors);
            deny["Effect"] = json!("Deny");
            statements.push(deny);
        });
        for changed in [&fewer, &more] {
            let verdict = ask(&world.old, changed);
            assert!(
                verdict.violation().is_none(),
                "{seed}: {}\n{changed}",
                world.old
            );
        }
    }
}

#[test]
fn allowing_no_more_is_passed_on() {
    let mut held = 0;
    for seed in 1..1_500 {
        let [one, two] = [World::new(seed), World::new(seed)];
        let third = with(&two.new, |statements| {
            if statements.len() > 1 {
                statements.pop();
            }
        });
        if ask(&one.old, &one.new).is_proved() && ask(&two.new, &third).is_proved() {
            held += 1;
            assert!(ask(&one.old, &third).violation().is_none(), "{seed}");
        }
    }
    assert!(held > 200, "{held}");
}

#[test]
fn a_wider_pattern_proves_no_more() {
    for seed in 1..500 {
        let world = World::new(seed);
        let wider = with(&world.new, |statements| {
            for statement in statements.iter_mut().filter(|s| s["Effect"] == "Allow") {
                if let Some(statement) = statement.as_object_mut()
                    && statement.remove("Resource").is_some()
                {
                    statement.insert("Resource".into(), json!("*"));
                }
            }
        });
        if ask(&world.old, &wider).is_proved() {
            let verdict = ask(&world.old, &world.new);
            assert!(
                verdict.violation().is_none(),
                "{seed}: {}\n{}",
                world.old,
                world.new
            );
        }
    }
}

#[test]
fn a_fact_more_violates_nothing() {
    let fact = |key: &str, claim: Claim| Fact {
        id: format!("{key} {claim:?}"),
        key: key.into(),
        claim,
        source: "supposed".into(),
    };
    let letters = || Claim::Texts {
        characters: "ab".into(),
        least: 1,
        most: Some(2),
    };
    let claims = [Claim::Single, Claim::Multivalued, Claim::Present, letters()];
    let mut more_proved = 0;
    for seed in 1..500 {
        let world = World::new(seed);
        let [old, new] = [&world.old, &world.new].map(|text| identity(text));
        let question = no_new_access(stage(&old), stage(&new));
        let before = question.answer(&Facts::none());
        for claim in &claims {
            let mut facts = Facts::none();
            facts.add(fact("k:b", claim.clone()));
            let after = question.answer(&facts);
            let worse = before.is_proved() && after.violation().is_some();
            assert!(!worse, "{seed} {claim:?}: {}\n{}", world.old, world.new);
            more_proved += usize::from(!before.is_proved() && after.is_proved());
        }
    }
    assert!(more_proved > 5, "{more_proved}");
}

#[test]
fn another_name_for_a_tenant_changes_nothing() {
    let policy = |name: &str, other: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/{name}/*"}},
            {{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::b/{other}*"}}]}}"#
        )
    };
    // A prefix stays one, and what is none stays none.
    for (name, other, renamed, other_renamed) in [
        ("ann", "anna", "bo", "bob"),
        ("ann", "ann", "x-1", "x-1"),
        ("ann", "zoe", "q", "w"),
    ] {
        let open = policy(name, "none");
        let verdict = |name: &str, other: &str| {
            ask(
                &policy(name, other),
                &open.replace(r"/ann/", &format!("/{name}/")),
            )
            .name()
        };
        assert_eq!(
            verdict(name, other),
            verdict(renamed, other_renamed),
            "{name} {other}"
        );
    }
}

/// What must not be granted, by a policy with one thing changed.
fn granted(policy: &str, action: &str, resource: &str, condition: &str) -> &'static str {
    let target = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}}}"#
    );
    let [policy, target] = [policy, &target].map(identity);
    not_granted(stage(&policy), &target)
        .answer(&Facts::default())
        .name()
}

fn one(version: &str, body: &str) -> String {
    format!(r#"{{"Version":"{version}","Statement":[{body}]}}"#)
}

#[test]
fn one_change_of_a_policy_is_told() {
    const NEW: &str = "2012-10-17";
    let own = |suffix: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/${{aws:SourceIdentity}}{suffix}"}}"#
        )
    };
    let ann = r#""StringEquals":{"aws:SourceIdentity":"ann"}"#;
    let annas = |policy: &str| granted(policy, "s3:GetObject", "arn:aws:s3:::b/users/anna/x", ann);
    let joined =
        |policy: &str| granted(policy, "s3:GetObject", "arn:aws:s3:::b/users/ann-a/x", ann);
    assert_eq!(annas(&one(NEW, &own("/*"))), "proved");
    // Without the trailing slash, and with `-` in its place.
    assert_eq!(annas(&one(NEW, &own("*"))), "violated");
    assert_eq!(joined(&one(NEW, &own("/*"))), "proved");
    assert_eq!(joined(&one(NEW, &own("-*"))), "violated");
    // Variables are literal text in the old version.
    let literal = "arn:aws:s3:::b/users/ann/x";
    assert_eq!(
        granted(&one(NEW, &own("/*")), "s3:GetObject", literal, ann),
        "violated"
    );
    assert_eq!(
        granted(&one("2008-10-17", &own("/*")), "s3:GetObject", literal, ann),
        "proved"
    );

    let when = |condition: &str| {
        one(
            NEW,
            &format!(
                r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{{condition}}}}}"#
            ),
        )
    };
    let get = |policy: &str, condition: &str| granted(policy, "s3:GetObject", "*", condition);
    let absent = r#""Null":{"aws:SourceArn":"true"}"#;
    let own_arn = "arn:aws:sagemaker:*:123456789012:*";
    let crossing =
        r#""StringEquals":{"aws:SourceArn":"arn:aws:sagemaker::000000000100:123456789012:x"}"#;
    let like =
        |operator: &str, arn: &str| when(&format!(r#""{operator}":{{"aws:SourceArn":"{arn}"}}"#));
    for (policy, condition, verdict) in [
        (like("ArnLike", own_arn), crossing, "proved"),
        // A wildcard of StringLike takes colons.
        (like("StringLike", own_arn), crossing, "violated"),
        (like("ArnLike", own_arn), absent, "proved"),
        (like("ArnLikeIfExists", own_arn), absent, "violated"),
        (when(""), absent, "violated"),
        (
            like("ArnLike", own_arn),
            r#""ArnLike":{"aws:SourceArn":"arn:aws:sagemaker:*:123456789099:*"}"#,
            "proved",
        ),
        (
            like("ArnLike", "arn:aws:sagemaker:*:1234567890*:*"),
            r#""ArnLike":{"aws:SourceArn":"arn:aws:sagemaker:*:123456789099:*"}"#,
            "violated",
        ),
    ] {
        assert_eq!(get(&policy, condition), verdict, "{policy} {condition}");
    }
}

#[test]
fn one_change_of_a_condition_is_told() {
    let when = |effect: &str, condition: &str| {
        format!(
            r#"{{"Effect":"{effect}","Action":"ec2:RunInstances","Resource":"*","Condition":{{{condition}}}}}"#
        )
    };
    let get = |policy: &str, condition: &str| {
        granted(
            &one("2012-10-17", policy),
            "ec2:RunInstances",
            "*",
            condition,
        )
    };
    let team = r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#;
    let no_team = r#""Null":{"aws:PrincipalTag/team":"true"}"#;
    assert_eq!(get(&when("Allow", team), no_team), "proved");
    let if_exists = r#""StringEqualsIfExists":{"aws:PrincipalTag/team":"red"}"#;
    assert_eq!(get(&when("Allow", if_exists), no_team), "violated");
    // A Deny taken away.
    let allow = when("Allow", "");
    let deny = when("Deny", no_team);
    assert_eq!(get(&format!("{allow},{deny}"), no_team), "proved");
    assert_eq!(get(&allow, no_team), "violated");
    // ForAllValues holds where the key is absent, ForAnyValue where one of several values is right.
    let keys =
        |qualifier: &str| format!(r#""{qualifier}:StringEquals":{{"aws:TagKeys":["a","b"]}}"#);
    let no_keys = r#""Null":{"aws:TagKeys":"true"}"#;
    let other = r#""ForAnyValue:StringEquals":{"aws:TagKeys":"c"}"#;
    assert_eq!(get(&when("Allow", &keys("ForAnyValue")), no_keys), "proved");
    assert_eq!(
        get(&when("Allow", &keys("ForAllValues")), no_keys),
        "violated"
    );
    assert_eq!(get(&when("Allow", &keys("ForAllValues")), other), "proved");
    assert_eq!(get(&when("Allow", &keys("ForAnyValue")), other), "violated");
    // The guard against a missing key, and without it.
    let guarded = format!(
        r#"{},"Null":{{"aws:TagKeys":"false"}}"#,
        keys("ForAllValues")
    );
    assert_eq!(get(&when("Allow", &guarded), no_keys), "proved");
}

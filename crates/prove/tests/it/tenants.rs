//! Small worlds with tenants: random policies that all share, in which every tenant asks for everything that is another's.
//!
//! `PALISADE_WORLDS=1000000 cargo test --release -p palisade-prove --test it tenants` tries as many.

use crate::dice::Dice;
use crate::worlds::compiled;
use policy::{Action, PolicyType, Principal, Request, Resource, decide};
use prove::isolation::{Answer, Memory, Obligation, Role, answer};
use prove::tenancy::Tenancy;
use prove::{Facts, alone};

const TENANTS: [&str; 9] = ["a", "b", "aa", "ab", "a/", "a/b", "", "A", "*"];
const INNER: [&str; 6] = ["", "a", "b", "/", "b/", "a/b"];
const TEMPLATES: [&str; 6] = [
    "${owner}/*",
    "${owner}*",
    "${owner}",
    "u/${owner}/*",
    "*/${owner}",
    "a${owner}/*",
];

/// Texts of resources in policies; `SI` is the caller's name.
const RESOURCES: [&str; 14] = [
    "SI/*", "SI*", "SI", "u/SI/*", "u/SI*", "*/SI", "aSI/*", "aSI*", "*", "a/*", "u/*", "b",
    "*SI*", "?/*",
];

const CONDITIONS: [&str; 9] = [
    "",
    "",
    "",
    r#""StringEquals":{"aws:SourceIdentity":"a"}"#,
    r#""StringNotLike":{"aws:SourceIdentity":"*/*"}"#,
    r#""StringLike":{"aws:SourceIdentity":["?","??"]}"#,
    r#""StringLike":{"aws:SourceIdentity":"${k:a}"}"#,
    r#""Null":{"aws:SourceIdentity":"false"}"#,
    r#""StringNotEqualsIfExists":{"aws:SourceIdentity":["", "A"]}"#,
];

fn statement(dice: &mut Dice) -> String {
    let effect = if dice.once_in(4) { "Deny" } else { "Allow" };
    let not = if dice.once_in(8) { "Not" } else { "" };
    let resource = dice.pick(&RESOURCES).replace("SI", "${aws:SourceIdentity}");
    let action = dice.pick(&["s3:GetObject", "s3:*", "s3:PutObject"]);
    let condition = dice.pick(&CONDITIONS);
    format!(
        r#"{{"Effect":"{effect}","Action":"{action}","{not}Resource":"arn:aws:s3:::{resource}","Condition":{{{condition}}}}}"#
    )
}

#[test]
fn no_tenant_of_a_small_world_contradicts_a_proof() {
    let from = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let count = from("PALISADE_WORLDS").unwrap_or(1_500);
    let first = from("PALISADE_SEED").unwrap_or(1);
    let caller = Principal::parse("arn:aws:iam::111122223333:role/example").unwrap();
    let (mut proved, mut violated, mut unknown) = (0, 0, 0);
    for seed in first..first + count {
        let mut dice = Dice::new(seed ^ 0x7e4a_4700);
        let statements: Vec<String> = (0..1 + dice.roll(3))
            .map(|_| statement(&mut dice))
            .collect();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        );
        let template = dice.pick(&TEMPLATES);
        let toml = format!(
            "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::{template}\"\n"
        );
        let tenancy = Tenancy::read("tenancy.toml", &toml).unwrap_or_else(|e| panic!("{e:?}"));
        let set = compiled(&text, PolicyType::Identity);
        let stage = alone(&set, PolicyType::Identity, None);
        let role = Role {
            name: String::new(),
            stage,
            trust: None,
        };
        let answer = answer(&[role], tenancy, &Facts::none());
        match answer.verdict(Some(Obligation::Access)) {
            "violated" => violated += 1,
            "unknown" => unknown += 1,
            _ => {
                proved += 1;
                for tenant in TENANTS {
                    for owner in TENANTS.iter().filter(|owner| **owner != tenant) {
                        for inner in INNER {
                            let resource = template.replace('*', inner).replace("${owner}", owner);
                            for (action, other) in
                                [("s3:GetObject", None), ("s3:PutObject", Some("a"))]
                            {
                                let resource =
                                    Resource::parse(&format!("arn:aws:s3:::{resource}")).unwrap();
                                let mut request = Request::builder(
                                    caller.clone(),
                                    Action::parse(action).unwrap(),
                                    resource,
                                )
                                .set("aws:SourceIdentity", tenant);
                                if let Some(other) = other {
                                    request = request.set("k:a", other);
                                }
                                let request = request.build();
                                assert!(
                                    !decide(&stage.policies, &request).is_allow(),
                                    "seed {seed}: proved, but {tenant} reaches {owner}'s {request:?}\n{template}\n{text}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{proved} proved, {violated} violated, {unknown} unknown");
    assert!(proved * 20 > count && violated * 10 > count && unknown * 20 < count);
}

/// What is proved of several roles at once, each is proved of alone, where a certificate leaves no shortcut.
#[test]
fn roles_that_share_proofs_are_answered_as_each_alone() {
    let (mut proved, mut violated) = (0, 0);
    for seed in 0..60 {
        let mut dice = Dice::new(seed ^ 0x5a4e_0d00);
        let pool: Vec<String> = (0..3).map(|_| statement(&mut dice)).collect();
        let document = |dice: &mut Dice| {
            let count = 1 + dice.roll(2);
            let some: Vec<&str> = (0..count).map(|_| &*pool[dice.roll(3)]).collect();
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
                some.join(",")
            );
            compiled(&text, PolicyType::Identity)
        };
        let sets: Vec<_> = (0..4).map(|_| document(&mut dice)).collect();
        let template = dice.pick(&TEMPLATES);
        let toml = format!(
            "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::{template}\"\n"
        );
        let tenancy = Tenancy::read("tenancy.toml", &toml).unwrap();
        let role = |(number, set)| Role {
            name: format!("r{number}"),
            stage: alone(set, PolicyType::Identity, None),
            trust: None,
        };
        let roles: Vec<Role<'_>> = sets.iter().enumerate().map(role).collect();
        let together = answer(&roles, tenancy.clone(), &Facts::none());
        for (role, finding) in roles.iter().zip(together.of(Obligation::Access)) {
            let facts = Facts::none().certified();
            let by_itself = answer(std::slice::from_ref(role), tenancy.clone(), &facts);
            let by_itself = by_itself.verdict(Some(Obligation::Access));
            let shared = finding.verdict.name();
            assert_eq!(finding.role, role.name);
            assert!(
                shared == by_itself || by_itself == "unknown",
                "seed {seed}: {shared} together, {by_itself} alone\n{template}\n{pool:?}"
            );
            proved += usize::from(shared == "proved");
            violated += usize::from(shared == "violated");
        }
    }
    assert!(proved > 40 && violated > 40, "{proved} {violated}");
}

/// After each edit, what is remembered and what is asked again come to what asking anew comes to.
#[test]
fn what_is_remembered_is_what_asking_anew_finds() {
    let lines = |answer: &Answer| -> Vec<(String, &'static str)> {
        let line = |finding: &std::sync::Arc<prove::isolation::Finding>| {
            let (role, claim) = (&finding.role, &finding.claim);
            (format!("{role}: {claim}"), finding.verdict.name())
        };
        answer.findings.iter().map(line).collect()
    };
    let mut changes = 0;
    for seed in 0..12 {
        let mut dice = Dice::new(seed ^ 0x3e30_0000);
        let own = |dice: &mut Dice| {
            let some: Vec<String> = (0..1 + dice.roll(2)).map(|_| statement(dice)).collect();
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
                some.join(",")
            );
            compiled(&text, PolicyType::Identity)
        };
        let mut sets: Vec<_> = (0..3).map(|_| own(&mut dice)).collect();
        let toml = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::${owner}/*\"\n";
        let tenancy = Tenancy::read("tenancy.toml", toml).unwrap();
        let mut memory = Memory::default();
        let mut before = Vec::new();
        for _ in 0..6 {
            let at = dice.roll(3);
            sets[at] = own(&mut dice);
            let role = |(number, set)| Role {
                name: format!("r{number}"),
                stage: alone(set, PolicyType::Identity, None),
                trust: None,
            };
            let roles: Vec<Role<'_>> = sets.iter().enumerate().map(role).collect();
            let again = memory.answer(&roles, tenancy.clone(), &Facts::none());
            let anew = answer(&roles, tenancy.clone(), &Facts::none());
            assert_eq!(lines(&again), lines(&anew), "seed {seed}");
            assert_eq!(again.needs, anew.needs);
            changes += usize::from(lines(&again) != before);
            before = lines(&again);
        }
    }
    assert!(changes > 20, "{changes}");
}

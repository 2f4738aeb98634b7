//! AWS's limits, and what is split to keep to them.

use std::fmt::Write as _;

use crate::{Tenancy, examples, read};

fn many(teams: usize, storage: usize) -> String {
    let mut text = "region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n".to_owned();
    for bucket in 0..storage {
        let name = format!("a-bucket-with-a-name-that-is-as-long-as-a-name-may-be-{bucket:04}");
        writeln!(text, "[[bucket]]\nname = \"{name}\"").unwrap();
    }
    for team in 0..teams {
        writeln!(
            text,
            "[[domain]]\nname = \"team-{team}\"\nid = \"d-team-{team}\"\n[[team]]\nname = \"team-{team}\"\n\
             features = [\"studio\", \"training\"]"
        )
        .unwrap();
        let areas: Vec<String> = (0..storage)
            .map(|bucket| {
                format!("{{ bucket = \"a-bucket-with-a-name-that-is-as-long-as-a-name-may-be-{bucket:04}\" }}")
            })
            .collect();
        writeln!(text, "storage = [{}]", areas.join(", ")).unwrap();
    }
    text
}

#[test]
fn every_document_of_every_example_fits() {
    for example in examples() {
        let plan = Tenancy::example(&example).plan;
        for account in &plan.accounts {
            for named in &account.policies {
                assert!(
                    named.policy.characters() <= 6_144,
                    "{example} {}",
                    named.name
                );
            }
            for role in &account.roles {
                assert!(role.trust.characters() <= 2_048, "{example} {}", role.name);
                assert!(role.policies.len() <= 10, "{example} {}", role.name);
            }
            for bucket in &account.buckets {
                assert!(
                    bucket.policy.text().len() <= 20_480,
                    "{example} {}",
                    bucket.name
                );
            }
        }
        for control in plan.controls.service.iter().chain(&plan.controls.resource) {
            assert!(
                control.policy.text().len() <= 5_120,
                "{example} {}",
                control.name
            );
        }
    }
}

#[test]
fn what_is_too_large_for_one_policy_becomes_several_that_say_the_same() {
    let plan = Tenancy::of(&read(&many(1, 24))).plan;
    let account = &plan.accounts[0];
    let role = &account.roles[0];
    let data: Vec<_> = role
        .policies
        .iter()
        .filter(|name| name.contains("-data"))
        .collect();
    assert!(data.len() > 1, "{data:?}");
    let mut buckets = std::collections::BTreeSet::new();
    for named in account
        .policies
        .iter()
        .filter(|it| data.contains(&&it.name))
    {
        assert!(named.policy.characters() <= 6_144);
        let statements = named.policy.json()["Statement"].as_array().unwrap().clone();
        for statement in statements
            .iter()
            .filter(|it| it.to_string().contains("s3:PutObject"))
        {
            let resources = statement["Resource"].to_string();
            buckets.extend((0..24).filter(|at| resources.contains(&format!("-{at:04}/"))));
        }
    }
    assert_eq!(buckets.len(), 24);
}

#[test]
fn what_cannot_be_split_is_refused() {
    let problem = synth::synthesise(&read(&many(60, 1)))
        .unwrap_err()
        .to_string();
    assert!(
        problem.contains("bucket") && problem.contains("20480"),
        "{problem}"
    );
    let problem = synth::synthesise(&read(&many(1, 400)))
        .unwrap_err()
        .to_string();
    assert!(problem.contains("managed policies"), "{problem}");
}

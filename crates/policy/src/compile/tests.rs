use super::*;
use crate::request::{Action, Principal, Resource};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

const ACTIONS: &[&str] = &[
    "*",
    "s3:GetObject",
    "S3:getobject",
    "s3:Get*",
    "s3:G*t",
    "s3:*",
    "s3:?etObject",
    "s3:GetObjectAcl",
    "iam:*",
    "iam:PassRole",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::b/ab*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::?/a",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::b/${aws:username}",
    "arn:AWS:S3:*",
    "arn:aws:iam::*:role/*",
    "arn:aws",
];

fn patterns(from: &'static [&'static str]) -> impl Strategy<Value = (bool, Vec<&'static str>)> {
    let some = prop::collection::vec(prop::sample::select(from), 0..3);
    (prop::bool::weighted(0.1), some)
}

fn statement() -> impl Strategy<Value = String> {
    (any::<bool>(), patterns(ACTIONS), patterns(RESOURCES)).prop_map(
        |(deny, actions, resources)| {
            let effect = if deny { "Deny" } else { "Allow" };
            let not = |not: bool| if not { "Not" } else { "" };
            format!(
                "{{\"Effect\": \"{effect}\", \"{}Action\": {:?}, \"{}Resource\": {:?}}}",
                not(actions.0),
                actions.1,
                not(resources.0),
                resources.1
            )
        },
    )
}

fn requests() -> impl Iterator<Item = Request> {
    let asked = [
        ("s3:GetObject", "arn:aws:s3:::b/a"),
        ("s3:getOBJECT", "arn:aws:s3:::b/ab/c"),
        ("S3:GetObjectAcl", "arn:aws:s3:::b"),
        ("s3:PutObject", "arn:AWS:S3:::alice/x"),
        ("s3:ListAllMyBuckets", "*"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/r"),
    ];
    asked.into_iter().map(|(action, resource)| {
        let caller = Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap();
        let resource = Resource::parse(resource).unwrap();
        Request::builder(caller, Action::parse(action).unwrap(), resource).build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// More statements than are looked at one by one, so that the index by resource takes part.
    #[test]
    fn the_index_yields_every_statement_that_applies(statements in prop::collection::vec(statement(), 0..60)) {
        let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(", "));
        let document = Document::parse(&text, PolicyType::Identity).unwrap();
        let set = PolicySet::compile([NamedPolicy::new("p", document)]);
        for request in requests() {
            let mut yielded = BTreeSet::new();
            for index in [&set.deny, &set.allow] {
                let _ = index.visit(&request, &set.statements, &mut |statement| {
                    yielded.insert(statement.number);
                    ControlFlow::Continue(())
                });
            }
            for statement in &set.statements {
                let applies = statement.applies(&request, &set.options, false).0 != Truth::False;
                prop_assert!(!applies || yielded.contains(&statement.number), "{}", statements[statement.number]);
            }
        }
    }
}

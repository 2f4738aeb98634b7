use super::*;
use crate::options::PlainOperatorOnList;
use crate::request::{Action, ContextValue, Principal, Resource};
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

const CONDITIONS: &[&str] = &[
    r#"{"StringEquals": {"k:team": "red"}}"#,
    r#"{"StringEquals": {"k:team": ["blue", "red"], "k:other": "x"}}"#,
    r#"{"StringEquals": {"K:TEAM": ["", "green"]}}"#,
    r#"{"StringEquals": {"k:team": []}}"#,
    r#"{"StringEquals": {"k:team": "${aws:username}"}}"#,
    r#"{"StringLike": {"k:team": "red"}}"#,
    r#"{"StringNotEquals": {"k:team": "red"}}"#,
    r#"{"StringEqualsIfExists": {"k:team": "red"}}"#,
    r#"{"ForAnyValue:StringEquals": {"k:team": "red"}}"#,
    r#"{"NumericEquals": {"k:team": 1}, "StringEquals": {"k:other": "x"}}"#,
    "{}",
];

/// Half of the statements share their action and resource and differ in their conditions.
fn statement() -> impl Strategy<Value = String> {
    let patterns = (patterns(ACTIONS), patterns(RESOURCES));
    let condition = prop::sample::select(CONDITIONS);
    (any::<(bool, bool)>(), patterns, condition).prop_map(|((deny, alike), patterns, condition)| {
        let effect = if deny { "Deny" } else { "Allow" };
        let element = |name: &str, (not, patterns): (bool, Vec<&str>), common: &str| {
            if alike {
                return format!("\"{name}\": \"{common}\"");
            }
            let not = if not { "Not" } else { "" };
            format!("\"{not}{name}\": {patterns:?}")
        };
        let actions = element("Action", patterns.0, "s3:GetObject");
        let resources = element("Resource", patterns.1, "arn:aws:s3:::b/*");
        format!("{{\"Effect\": \"{effect}\", {actions}, {resources}, \"Condition\": {condition}}}")
    })
}

fn requests() -> Vec<Request> {
    let asked = [
        ("s3:GetObject", "arn:aws:s3:::b/a"),
        ("s3:getOBJECT", "arn:aws:s3:::b/ab/c"),
        ("S3:GetObjectAcl", "arn:aws:s3:::b"),
        ("s3:PutObject", "arn:AWS:S3:::alice/x"),
        ("s3:ListAllMyBuckets", "*"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/r"),
    ];
    let teams: [Option<ContextValue>; 6] = [
        None,
        Some("red".into()),
        Some("alice".into()),
        Some("".into()),
        Some(vec!["red".to_owned(), "x".to_owned()].into()),
        Some(Vec::<String>::new().into()),
    ];
    let mut requests = Vec::new();
    for (action, resource) in asked {
        for team in &teams {
            let caller = Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap();
            let resource = Resource::parse(resource).unwrap();
            let request = Request::builder(caller, Action::parse(action).unwrap(), resource);
            let request = request.set("k:other", "x");
            requests.push(match team {
                Some(team) => request.set("k:team", team.clone()).build(),
                None => request.build(),
            });
        }
    }
    requests
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
        let any_value = Options { plain_operator_on_list: PlainOperatorOnList::AnyValue, ..Options::default() };
        let set = PolicySet::compile_with([NamedPolicy::new("p", document)], any_value);
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

//! What must hold for every policy and every request.

use crate::bodies::{self, without_places};
use crate::generate::{Choices, Layers, case};
use crate::statements::{Policy, allow_all, policy, statement};
use policy::{
    AskedKeys, Denial, Document, KnownCaller, PolicyType, Principal, Request, RequestBuilder,
    decide, explain,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The same cases in every run.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..500)
}

/// What patterns are made of.
const PATTERN: &[&str] = &[
    "a",
    "b",
    "ü",
    "/",
    ":",
    "*",
    "?",
    "${k:v}",
    "${k:v}",
    "${*}",
    "${k:none, 'a*'}",
    "${k:none}",
    "$",
    "{",
];

/// What values are made of.
const TEXT: &[&str] = &["a", "b", "ü", "/", ":", "*", "?", "${k:v}", "${*}"];

fn words(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    let word = prop::sample::select(of);
    prop::collection::vec(word, 0..=most).prop_map(|words| words.concat())
}

fn verdict(layers: &Layers, request: &Request) -> Option<Denial> {
    decide(&layers.compile().policies(), request).denial()
}

/// A policy that allows everything to everyone.
fn open_policy(policy_type: PolicyType) -> Policy {
    Policy {
        policy_type,
        version: Some("2012-10-17"),
        statements: vec![allow_all(policy_type)],
    }
}

/// The layers with an Allow in every layer of the list.
fn with_allows(layers: &Layers, lacking: &[PolicyType]) -> Layers {
    let mut layers = layers.clone();
    for policy_type in lacking {
        let layer = match policy_type {
            PolicyType::Identity => &mut layers.identity,
            PolicyType::Boundary => &mut layers.boundary,
            PolicyType::Session => &mut layers.session,
            PolicyType::VpcEndpoint => &mut layers.endpoint,
            PolicyType::Resource | PolicyType::Trust | PolicyType::Key => &mut layers.resource,
            PolicyType::ServiceControl => {
                for level in &mut layers.service_control {
                    level.push(open_policy(*policy_type));
                }
                continue;
            }
            PolicyType::ResourceControl => continue,
        };
        layer
            .get_or_insert_default()
            .push(open_policy(*policy_type));
    }
    layers
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn decide_and_explain_agree(bytes in choices()) {
        bodies::evaluator(&bytes);
    }

    #[test]
    fn patterns_match_as_the_definition_says(pattern in words(PATTERN, 10), variable in words(TEXT, 4), subject in words(TEXT, 10)) {
        bodies::pattern(format!("{pattern}\n{variable}\n{subject}").as_bytes());
    }

    #[test]
    fn the_parser_takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        bodies::parser(&bytes);
    }

    #[test]
    fn the_parser_takes_damaged_policies(bytes in choices(), edits in prop::collection::vec(any::<(u16, u8, u8)>(), 1..6)) {
        let c = &mut Choices(&bytes);
        let policy_type = PolicyType::ALL[c.up_to(PolicyType::ALL.len() - 1)];
        let mut text = policy(c, policy_type).text().into_bytes();
        for (at, kind, byte) in edits {
            let at = usize::from(at) % text.len();
            match kind % 4 {
                0 => text[at] = byte,
                1 => text.insert(at, b"\"{}[],:*?$\\"[usize::from(byte) % 11]),
                2 => text.truncate(at + 1),
                _ => drop(text.drain(at..text.len().min(at + usize::from(byte) % 8 + 1))),
            }
            if text.is_empty() {
                text.push(b'{');
            }
        }
        bodies::parser(&text);
    }

    #[test]
    fn with_an_allow_in_each_lacking_layer_the_request_passes(bytes in choices()) {
        let (request, layers) = case(&mut Choices(&bytes));
        let compiled = layers.compile();
        let policies = compiled.policies();
        let explanation = explain(&policies, &request);
        if !explanation.lacking.is_empty() {
            let denial = verdict(&with_allows(&layers, &explanation.lacking), &request);
            prop_assert_eq!(denial, None, "{:?}", explanation.lacking);
        }
    }

    #[test]
    fn what_is_decided_in_brief_is_what_is_decided(bytes in choices()) {
        let c = &mut Choices(&bytes);
        let (request, layers) = case(c);
        let (compiled, asked) = (layers.compile(), AskedKeys::default());
        let policies = compiled.policies();
        let keys = request.context().iter().map(|(key, value)| (key.to_owned(), value.clone()));
        let (theirs, others): (Vec<_>, Vec<_>) = keys.partition(|_| c.up_to(1) == 1);
        let theirs = theirs.into_iter().map(|(key, value)| (key.into(), Some(value)));
        let caller = KnownCaller::new(request.principal().clone(), theirs);
        let filled = |mut builder: RequestBuilder| {
            for (key, value) in &others {
                builder.put(key, value.clone());
            }
            if let Some(account) = request.resource_account() {
                builder = builder.resource_account(account);
            }
            builder.resource_policy_type(request.resource_policy_type()).build()
        };
        let (action, resource) = (request.action(), request.resource());
        let whole = filled(caller.request(action.clone(), resource.clone()));
        let expected = decide(&policies, &whole).denial();
        loop {
            let known = asked.now();
            let brief = filled(caller.brief_request(action.clone(), resource.clone(), known));
            let denial = decide(&policies, &brief).denial();
            let missed = brief.context().missed();
            if missed.is_empty() {
                prop_assert_eq!(denial, expected);
                break;
            }
            asked.add(missed);
            prop_assert_ne!(asked.now(), known);
        }
        let brief = filled(caller.brief_request(action.clone(), resource.clone(), asked.now()));
        let changed = brief.to_builder().build();
        prop_assert!(changed.context().missed().is_empty() && !brief.context().missed().is_empty(),
            "whoever looks at all keys learns that some were left out");
    }

    #[test]
    fn adding_a_deny_never_allows(bytes in choices()) {
        let c = &mut Choices(&bytes);
        let (request, mut layers) = case(c);
        let before = verdict(&layers, &request);
        let added = added(c, &mut layers, "Deny");
        if before.is_some() {
            prop_assert!(verdict(&layers, &request).is_some(), "{}", added);
        }
    }

    #[test]
    fn adding_an_allow_never_denies(bytes in choices()) {
        let c = &mut Choices(&bytes);
        let (request, mut layers) = case(c);
        let before = verdict(&layers, &request);
        let added = added(c, &mut layers, "Allow");
        if before.is_none() {
            prop_assert_eq!(verdict(&layers, &request), None, "{}", added);
        }
    }

    #[test]
    fn the_order_of_statements_and_policies_is_irrelevant(bytes in choices()) {
        let c = &mut Choices(&bytes);
        let (request, mut layers) = case(c);
        let before = verdict(&layers, &request);
        for set in layers.sets_mut() {
            shuffle(c, set);
            for policy in set {
                shuffle(c, &mut policy.statements);
            }
        }
        prop_assert_eq!(verdict(&layers, &request), before);
    }

    #[test]
    fn parse_print_parse_is_the_identity(bytes in choices()) {
        let c = &mut Choices(&bytes);
        let policy_type = PolicyType::ALL[c.up_to(PolicyType::ALL.len() - 1)];
        let once = policy(c, policy_type).parse();
        let printed = once.to_json();
        let twice = Document::parse(&printed, policy_type).unwrap();
        prop_assert_eq!(without_places(&twice), without_places(&once));
        prop_assert_eq!(twice.to_json(), printed);
    }
}

/// Adds a statement to a layer that is there.
fn added(c: &mut Choices<'_>, layers: &mut Layers, effect: &str) -> String {
    let mut sets = layers.sets_mut();
    if sets.is_empty() {
        return String::new();
    }
    let at = c.up_to(sets.len() - 1);
    let policy = sets[at].first_mut().unwrap();
    let variables = policy.version == Some("2012-10-17");
    let statement = statement(c, policy.policy_type, Some(effect), variables);
    let place = c.up_to(policy.statements.len());
    policy.statements.insert(place, statement.clone());
    statement
}

fn shuffle<T>(c: &mut Choices<'_>, items: &mut [T]) {
    for at in 1..items.len() {
        items.swap(at, c.up_to(at));
    }
}

/// The answers of one compiled policy to several callers are each caller's own, one after the other and at the same time.
#[test]
fn callers_that_share_compiled_policies_get_their_own_answers() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceIdentity": "${aws:username}"}}}]}"#;
    let document = Document::parse(text, PolicyType::Identity).unwrap();
    let identity = policy::PolicySet::compile([policy::NamedPolicy::new("p", document)]);
    let policies = policy::Policies {
        identity: Some(&identity),
        ..policy::Policies::default()
    };
    let ask = |caller: &str, path: &str| {
        let arn = format!("arn:aws:iam::111122223333:user/{caller}");
        let resource = format!("arn:aws:s3:::b/{path}/x");
        let request = Request::builder(
            Principal::parse(&arn).unwrap(),
            policy::Action::parse("s3:GetObject").unwrap(),
            policy::Resource::parse(&resource).unwrap(),
        );
        decide(
            &policies,
            &request.set("aws:SourceIdentity", caller).build(),
        )
        .is_allow()
    };
    let walk = |names: [&str; 2]| {
        for round in 0..2_000 {
            let (caller, path) = (names[round % 2], names[round / 2 % 2]);
            assert_eq!(ask(caller, path), caller == path, "{caller} at {path}");
        }
    };
    walk(["alice", "bob"]);
    std::thread::scope(|scope| {
        for names in [
            ["alice", "bob"],
            ["bob", "carol"],
            ["dan", "alice"],
            ["carol", "dan"],
        ] {
            scope.spawn(move || walk(names));
        }
    });
}

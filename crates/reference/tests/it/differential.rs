//! The reference against the engine on random cases; the program `differential` makes more.

use reference::compare::difference;
use reference::generate::{Random, case};
use reference::{Json, compare, engine};

#[test]
fn the_reference_and_the_engine_agree_on_random_cases() {
    let mut random = Random::new(20_121_017);
    let (mut allowed, mut denied, mut refused) = (0, 0, 0);
    for _ in 0..20_000 {
        let text = case(&mut random).to_string();
        let (ours, theirs) = (reference::answer(&text), engine::answer(&text));
        let found = difference(&ours, &theirs);
        assert!(
            found.is_none(),
            "{found:?}\n{text}\nreference {ours:?}\nengine {theirs:?}"
        );
        match ours {
            Ok(answer) if answer.allowed => allowed += 1,
            Ok(_) => denied += 1,
            Err(_) => refused += 1,
        }
    }
    // A comparison of nothing but denials would prove little.
    assert!(allowed > 3_000, "{allowed} allowed");
    assert!(denied > 8_000, "{denied} denied");
    assert!(refused > 300 && refused < 3_000, "{refused} refused");
}

#[test]
fn the_same_seed_makes_the_same_cases() {
    let texts = |seed| {
        let mut random = Random::new(seed);
        (0..50)
            .map(|_| case(&mut random).to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(7), texts(7));
    assert_ne!(texts(7), texts(8));
}

#[test]
fn a_case_is_made_smaller_as_long_as_it_differs() {
    let case = Json::parse(r#"{"a":[1,{"b":"x","c":2}],"d":3}"#).unwrap();
    let small = compare::shrink(&case, |json| json.to_string().contains("\"x\""));
    assert_eq!(small.to_string(), r#"{"a":{"b":"x"}}"#);
}

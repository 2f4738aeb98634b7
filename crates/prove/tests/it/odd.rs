//! Requests that read alike and are not, found by hand.

use crate::worlds::compiled;
use policy::PolicyType;
use prove::{Facts, alone, no_new_access, not_granted};

/// What the policy says of requests that an Allow of `target` describes.
fn granted(policy: &str, target: &str) -> &'static str {
    let [policy, target] = [policy, target].map(|statements| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        compiled(&text, PolicyType::Identity)
    });
    let stage = alone(&policy, PolicyType::Identity, None);
    not_granted(stage, &target).answer(&Facts::none()).name()
}

fn allow(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"s:a","Resource":"*","Condition":{{{condition}}}}}"#)
}

/// `İ` in lower case is two characters, `i` and a dot above.
#[test]
fn a_letter_that_is_two_in_lower_case_is_the_same_within_a_value() {
    let alike = allow(r#""StringEqualsIgnoreCase":{"k:a":"${k:b}"}"#);
    for a in ["\u{130}", "i\u{307}", "I\u{307}"] {
        for b in ["\u{130}", "i\u{307}", "I\u{307}"] {
            let target = allow(&format!(r#""StringEquals":{{"k:a":"{a}","k:b":"{b}"}}"#));
            assert_eq!(granted(&alike, &target), "violated", "{a} {b}");
        }
    }
}

/// Digits have no case, so that an account is the same account however it is compared.
#[test]
fn a_value_without_letters_is_itself_whether_its_case_counts() {
    let own = |operator: &str| {
        let condition = format!(r#""{operator}":{{"k:a":"x-${{aws:PrincipalAccount}}*"}}"#);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            allow(&condition)
        );
        compiled(&text, PolicyType::Identity)
    };
    // In a policy of accounts the value of the key beside is one of digits.
    let [exact, folded] = ["StringEquals", "StringEqualsIgnoreCase"].map(own);
    let [exact, folded] = [&exact, &folded].map(|set| alone(set, PolicyType::Identity, None));
    assert!(
        no_new_access(folded, exact)
            .answer(&Facts::none())
            .is_proved()
    );
    // The letter before it has a case.
    assert!(
        no_new_access(exact, folded)
            .answer(&Facts::none())
            .violation()
            .is_some()
    );
}

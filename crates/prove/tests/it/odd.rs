//! Requests that read alike and are not, found by hand.

use crate::worlds::compiled;
use policy::PolicyType;
use prove::{Facts, alone, not_granted};

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

//! Every action and condition key in every document of every example is one that AWS has.

use serde_json::Value;

use crate::{Tenancy, examples};

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn check(policy: &Value, name: &str) {
    for statement in policy["Statement"].as_array().unwrap() {
        for action in strings(&statement["Action"]) {
            let known = action.contains('*') || catalog::action(&action).is_some();
            // Permission-only actions of STS.
            assert!(known, "{name}: {action}");
        }
        for keys in statement["Condition"].as_object().into_iter().flatten() {
            for key in keys.1.as_object().unwrap().keys() {
                assert!(catalog::condition_key(key).is_some(), "{name}: {key}");
            }
        }
    }
}

#[test]
fn actions_and_keys_exist() {
    for example in examples() {
        let plan = Tenancy::example(&example).plan;
        let controls = plan.controls.service.iter().chain(&plan.controls.resource);
        controls.for_each(|named| check(named.policy.json(), &named.name));
        for account in &plan.accounts {
            let named = account
                .policies
                .iter()
                .chain(&account.buckets)
                .chain(&account.secrets);
            named.for_each(|named| check(named.policy.json(), &named.name));
            account
                .roles
                .iter()
                .for_each(|role| check(role.trust.json(), &role.name));
            account
                .keys
                .iter()
                .for_each(|key| check(key.policy.json(), &key.name));
            let systems = account.file_systems.iter();
            systems.for_each(|system| check(system.policy.json(), &system.name));
        }
    }
}

/// An action that knows resources is never allowed on `*` alone, and one that knows none on nothing else.
#[test]
fn resources_fit_the_actions() {
    for example in examples() {
        for account in Tenancy::example(&example).plan.accounts {
            for named in &account.policies {
                for statement in named.policy.json()["Statement"].as_array().unwrap() {
                    if statement["Effect"] == "Deny" {
                        continue;
                    }
                    let everything = statement["Resource"] == "*";
                    for action in strings(&statement["Action"]) {
                        let known = catalog::action(&action).unwrap();
                        let has = known.resources().any(|resource| resource.is_required());
                        assert!(!(has && everything), "{}: {action} on *", named.name);
                        let any = known.resources().next().is_some();
                        assert!(
                            any || everything,
                            "{}: {action} has no resource",
                            named.name
                        );
                    }
                }
            }
        }
    }
}

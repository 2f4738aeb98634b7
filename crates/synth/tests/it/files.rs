//! What is written: the same each time, only what changed in a diff, and the same policies in all three forms.

use std::collections::BTreeMap;

use serde_json::Value;
use synth::Format;

use crate::{Tenancy, example, examples, folder, read};

fn by_path(files: Vec<synth::File>) -> BTreeMap<String, String> {
    files
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect()
}

#[test]
fn the_same_blueprint_gives_the_same_bytes() {
    for name in examples() {
        let write = || synth::files(&Tenancy::of(&example(&name)).plan, &Format::ALL);
        assert_eq!(write(), write(), "{name}");
        let paths: Vec<_> = write().into_iter().map(|file| file.path).collect();
        assert!(
            paths.is_sorted() && paths.windows(2).all(|two| two[0] != two[1]),
            "{name}"
        );
    }
}

#[test]
fn a_change_shows_where_it_belongs() {
    let text = std::fs::read_to_string(folder().join("two-teams.toml")).unwrap();
    let changed = text.replace(
        "secrets = [\"speech/users\"]",
        "secrets = [\"speech/members\"]",
    );
    assert_ne!(text, changed);
    let files = |text: &str| {
        by_path(synth::files(
            &Tenancy::of(&read(text)).plan,
            &[Format::Json],
        ))
    };
    let (before, after) = (files(&text), files(&changed));
    let differing: Vec<_> = before
        .iter()
        .filter(|(path, text)| after.get(*path) != Some(text))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        differing,
        ["iam/123456789012/policies/SpeechExecution-data.json"]
    );
}

/// What Terraform makes of a text in its JSON syntax that holds no expression of ours.
fn rendered(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{")
}

#[test]
fn terraform_and_cloudformation_say_what_the_json_says() {
    for name in examples() {
        let plan = Tenancy::example(&name).plan;
        for account in &plan.accounts {
            let files = by_path(synth::files(&plan, &Format::ALL));
            let path = format!("terraform/{}/main.tf.json", account.id);
            let terraform: Value = match files.get(&path) {
                Some(text) => serde_json::from_str(text).unwrap(),
                None => continue,
            };
            let path = format!("cloudformation/{}.template.json", account.id);
            let template: Value = serde_json::from_str(&files[&path]).unwrap();
            let blocks = terraform["resource"]["aws_iam_policy"].as_object();
            let blocks: Vec<&Value> = blocks
                .into_iter()
                .flatten()
                .map(|(_, block)| block)
                .collect();
            assert_eq!(blocks.len(), account.policies.len(), "{name}");
            for named in &account.policies {
                let block = blocks
                    .iter()
                    .find(|block| block["name"] == named.name.as_str());
                let text = block.unwrap()["policy"].as_str().unwrap();
                assert!(!text.replace("$${", "").contains("${"), "{text}");
                let json: Value = serde_json::from_str(&rendered(text)).unwrap();
                assert_eq!(json, *named.policy.json(), "{name}");
                let resources = template["Resources"].as_object().unwrap();
                let found = resources
                    .values()
                    .find(|it| it["Properties"]["ManagedPolicyName"] == named.name.as_str());
                assert_eq!(
                    found.unwrap()["Properties"]["PolicyDocument"],
                    *named.policy.json()
                );
                let path = format!("iam/{}/policies/{}.json", account.id, named.name);
                let json: Value = serde_json::from_str(&files[&path]).unwrap();
                assert_eq!(json, *named.policy.json());
            }
        }
    }
}

/// What the provider's documentation says of each type of block that is written: its arguments, their types, which must be
/// there, and the page. `tests/provider_schema.py` compares it with the provider's own schema.
const SCHEMA: &str = include_str!("terraform.json");

/// What no example has: a key and an EFS file system that exist.
const REST: &str = "region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n\
    [[bucket]]\nname = \"data-of-a\"\nkey = \"k\"\n\
    [[key]]\nname = \"k\"\nid = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\n\
    [[file_system]]\nname = \"home\"\nid = \"fs-0123456789abcdef0\"\ntype = \"EFS\"\n\
    [[domain]]\nname = \"a\"\nid = \"d-a\"\n[[team]]\nname = \"a\"\nfeatures = [\"studio\", \"training\"]\n\
    storage = [{ bucket = \"data-of-a\" }]\nfile_systems = [{ name = \"home\", directory = \"/users\" }]\n";

#[test]
fn terraform_blocks_have_the_arguments_of_their_schema_and_refer_to_what_is_there() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let blueprints = examples().into_iter().map(|name| example(&name));
    for blueprint in blueprints.chain([read(REST)]) {
        let plan = Tenancy::of(&blueprint).plan;
        for file in synth::files(&plan, &[Format::Terraform]) {
            let json: Value = serde_json::from_str(&file.text).unwrap();
            for section in ["resource", "data"] {
                for (kind, blocks) in json[section].as_object().into_iter().flatten() {
                    seen.insert(format!("{section} {kind}"));
                    let known = &schema[section][kind]["arguments"];
                    assert!(
                        known.is_object(),
                        "{section} {kind} is not in terraform.json"
                    );
                    for (label, block) in blocks.as_object().unwrap() {
                        let start =
                            label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                        assert!(start, "{label}");
                        arguments(&format!("{kind}.{label}"), known, block);
                        references(&json, block.as_object().unwrap());
                    }
                }
            }
        }
    }
    // Each type that the schema knows is written for some blueprint.
    let sections = schema.as_object().unwrap().iter();
    let known = sections.flat_map(|(section, kinds)| {
        let kinds = kinds.as_object().unwrap().keys();
        kinds.map(move |kind| format!("{section} {kind}"))
    });
    assert_eq!(seen, known.collect());
}

/// Checks a block, and the blocks in it, against the arguments of its schema.
fn arguments(at: &str, schema: &Value, block: &Value) {
    let block = block.as_object().unwrap();
    for (name, value) in block.iter().filter(|(name, _)| *name != "depends_on") {
        let known = &schema[name];
        let at = format!("{at}.{name}");
        let text = |value: &Value| value.as_str().map(rendered);
        match known["type"].as_str() {
            Some("string") => assert!(value.is_string(), "{at}"),
            Some("strings") => {
                let all = value.as_array().unwrap();
                assert!(!all.is_empty() && all.iter().all(Value::is_string), "{at}");
            }
            Some("bool") => assert!(value.is_boolean(), "{at}"),
            Some("map") => {
                let mut values = value.as_object().unwrap().values();
                assert!(values.all(Value::is_string), "{at}");
            }
            Some("json") => {
                let text = text(value).unwrap();
                assert!(serde_json::from_str::<Value>(&text).is_ok(), "{at}");
            }
            Some("blocks") => {
                for one in value.as_array().unwrap() {
                    arguments(&at, &known["arguments"], one);
                }
            }
            _ => panic!("{at} is not in terraform.json"),
        }
    }
    for (name, known) in schema.as_object().unwrap() {
        assert!(
            known["required"] != true || block.contains_key(name),
            "{at}.{name}"
        );
    }
}

/// Every expression names a block of the same file.
fn references(file: &Value, block: &serde_json::Map<String, Value>) {
    for value in block.values().filter_map(Value::as_str) {
        let Some(expression) = value.strip_prefix("${").and_then(|it| it.strip_suffix('}')) else {
            continue;
        };
        let path = expression.strip_prefix("data.");
        let section = if path.is_some() { "data" } else { "resource" };
        let parts: Vec<&str> = path.unwrap_or(expression).split('.').collect();
        let [kind, label, attribute] = parts.as_slice() else {
            panic!("{expression}");
        };
        assert!(file[section][kind][label].is_object(), "{expression}");
        assert!(
            ["arn", "name", "id", "key_id"].contains(attribute),
            "{expression}"
        );
    }
}

#[test]
fn names_lead_nowhere_else() {
    let text = "region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n[[domain]]\nname = \"a\"\n\
                [[team]]\nname = \"a\"\nexecution_role = \"..\"\nfeatures = [\"studio\"]\nsecrets = [\"b\"]\n\
                [[secret]]\nname = \"b/../../etc\"\nvalue = \"x\"\n[[secret]]\nname = \"b/..\"\nvalue = \"x\"\n";
    for file in synth::files(&Tenancy::of(&read(text)).plan, &Format::ALL) {
        assert!(
            file.path
                .split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.')),
            "{}",
            file.path
        );
    }
}

#[test]
fn trails_record_what_attribution_needs() {
    let plan = Tenancy::example("two-teams.toml").plan;
    let trail = &plan.accounts[0].trails[0];
    let text = Value::from(trail.selectors.clone()).to_string();
    for part in [
        "Management",
        "arn:aws:s3:::ml-platform-data/",
        "AWS::SageMaker::Endpoint",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let plan = Tenancy::example("organization.toml").plan;
    for account in &plan.accounts {
        let text = Value::from(account.trails[0].selectors.clone()).to_string();
        assert!(text.contains("arn:aws:s3:::acme-ml-data/"), "{text}");
    }
}

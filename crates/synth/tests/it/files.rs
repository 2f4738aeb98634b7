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

/// The arguments that the provider's documentation gives each resource; those that begin with `!` must be there.
const ARGUMENTS: &[(&str, &[&str])] = &[
    ("aws_iam_policy", &["name", "!policy"]),
    (
        "aws_iam_role",
        &["name", "description", "!assume_role_policy", "tags"],
    ),
    ("aws_iam_role_policy_attachment", &["!role", "!policy_arn"]),
    ("aws_s3_bucket_policy", &["!bucket", "!policy"]),
    (
        "aws_secretsmanager_secret_policy",
        &["!secret_arn", "!policy", "block_public_policy"],
    ),
    ("aws_kms_key_policy", &["!key_id", "!policy"]),
    (
        "aws_kms_key",
        &["description", "enable_key_rotation", "policy"],
    ),
    ("aws_kms_alias", &["name", "!target_key_id"]),
    (
        "aws_efs_file_system_policy",
        &["!file_system_id", "!policy"],
    ),
    (
        "aws_emr_security_configuration",
        &["name", "!configuration"],
    ),
    (
        "aws_cloudtrail",
        &[
            "!name",
            "!s3_bucket_name",
            "is_multi_region_trail",
            "include_global_service_events",
            "enable_log_file_validation",
            "advanced_event_selector",
            "depends_on",
        ],
    ),
    ("aws_organizations_policy", &["!name", "type", "!content"]),
    (
        "aws_organizations_policy_attachment",
        &["!policy_id", "!target_id"],
    ),
];

#[test]
fn terraform_resources_have_the_arguments_of_their_schema_and_refer_to_what_is_there() {
    let mut seen = std::collections::BTreeSet::new();
    for name in examples() {
        let plan = Tenancy::example(&name).plan;
        for file in synth::files(&plan, &[Format::Terraform]) {
            let json: Value = serde_json::from_str(&file.text).unwrap();
            for (kind, blocks) in json["resource"].as_object().unwrap() {
                seen.insert(kind.clone());
                let schema = ARGUMENTS.iter().find(|(known, _)| known == kind);
                let (_, arguments) = schema.unwrap_or_else(|| panic!("{kind}"));
                for (label, block) in blocks.as_object().unwrap() {
                    assert!(label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
                    let block = block.as_object().unwrap();
                    for key in block.keys() {
                        let known = |argument: &&str| argument.trim_start_matches('!') == key;
                        assert!(arguments.iter().any(known), "{kind}.{key}");
                    }
                    for needed in arguments.iter().filter_map(|it| it.strip_prefix('!')) {
                        assert!(block.contains_key(needed), "{kind}.{label}.{needed}");
                    }
                    references(&json, block);
                }
            }
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
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

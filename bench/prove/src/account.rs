//! Isolation of an account as `palisade synth` writes it, and of folders of policies.

use policy::text::Source;
use policy::{Document, NamedPolicy, Options, PolicySet, PolicyType};
use prove::isolation::{Answer, Role, answer};
use prove::tenancy::Tenancy;
use prove::{Facts, alone, likely_type};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The policies of one role.
pub struct Policies {
    name: String,
    pub identity: PolicySet,
    trust: Option<PolicySet>,
}

fn read(path: &Path) -> NamedPolicy {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let kind = likely_type(&text);
    let name = path.display().to_string();
    let source = Source::named(name.as_str(), text);
    match Document::parse_source(&source, kind, &Options::default()) {
        Ok(document) => NamedPolicy::new(name, document),
        Err(error) => panic!("{error}"),
    }
}

/// The roles of an account that `palisade synth` has written.
pub fn account(folder: &Path) -> Vec<Policies> {
    let text = std::fs::read_to_string(folder.join("attachments.json")).expect("attachments");
    let all: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).expect("attachments");
    let mut roles = Vec::new();
    for (name, policies) in all {
        let trust = folder.join("trust").join(format!("{name}.json"));
        if trust.is_file() {
            let file = |policy: &String| read(&folder.join("policies").join(format!("{policy}.json")));
            roles.push(Policies {
                identity: PolicySet::compile(policies.iter().map(file)),
                trust: Some(PolicySet::compile([read(&trust)])),
                name,
            });
        }
    }
    roles
}

/// All policies of a folder, as those of one role.
pub fn folder(folder: &Path) -> Policies {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    Policies {
        name: String::new(),
        identity: PolicySet::compile(files.iter().map(|file| read(file))),
        trust: None,
    }
}

/// The stages of roles.
pub fn roles(all: &[Policies]) -> Vec<Role<'_>> {
    all.iter()
        .map(|own| Role {
            name: own.name.clone(),
            stage: alone(&own.identity, PolicyType::Identity, None),
            trust: own
                .trust
                .as_ref()
                .map(|trust| alone(trust, PolicyType::Trust, None)),
        })
        .collect()
}

/// The tenancy of a blueprint.
pub fn tenancy(blueprint: &Path) -> Tenancy {
    let text = std::fs::read_to_string(blueprint).expect("a blueprint");
    let name = blueprint.display().to_string();
    let files = |path: &Path| std::fs::read(path);
    let blueprint = blueprint::read(&name, &text, &files).unwrap_or_else(|e| panic!("{e}"));
    Tenancy::of_blueprint(&name, &blueprint)
}

/// Whether tenants are isolated.
pub fn isolation(all: &[Policies], tenancy: Tenancy, facts: &Facts) -> Answer {
    answer(&roles(all), tenancy, facts)
}

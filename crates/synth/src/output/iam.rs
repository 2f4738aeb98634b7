//! One JSON document for each policy.

use serde_json::{Map, Value, json};

use super::{File, file};
use crate::plan::{AccountPlan, Controls, Named, Plan};
use crate::size;

pub(super) fn files(plan: &Plan) -> Vec<File> {
    let mut files = controls(&plan.controls);
    for account in &plan.accounts {
        files.extend(of_account(account));
    }
    files
}

fn controls(controls: &Controls) -> Vec<File> {
    let folder = |kind: &str, named: &[Named]| -> Vec<File> {
        let one = |it: &Named| {
            let path = format!("iam/organization/{kind}/{}.json", file_name(&it.name));
            policy(path, it.policy.fitting(size::CONTROL))
        };
        named.iter().map(one).collect()
    };
    let mut files = folder("service-control", &controls.service);
    files.extend(folder("resource-control", &controls.resource));
    files
}

fn policy(path: String, text: String) -> File {
    File { path, text }
}

fn of_account(account: &AccountPlan) -> Vec<File> {
    let id = &account.id;
    let path = |kind: &str, name: &str| format!("iam/{id}/{kind}/{}.json", file_name(name));
    let mut files = Vec::new();
    for (kind, all, limit) in [
        ("policies", &account.policies, usize::MAX),
        ("buckets", &account.buckets, size::BUCKET),
        ("secrets", &account.secrets, size::SECRET),
    ] {
        for Named { name, policy: text } in all {
            files.push(policy(path(kind, name), text.fitting(limit)));
        }
    }
    for role in &account.roles {
        files.push(policy(path("trust", &role.name), role.trust.pretty()));
    }
    for key in &account.keys {
        files.push(policy(
            path("keys", &key.name),
            key.policy.fitting(size::KEY),
        ));
    }
    for system in &account.file_systems {
        files.push(policy(
            path("file-systems", &system.id),
            system.policy.fitting(size::FILE_SYSTEM),
        ));
    }
    for (name, configuration) in &account.security_configurations {
        files.push(file(path("emr", name), configuration));
    }
    for trail in &account.trails {
        files.push(file(path("trails", &trail.name), &trail.json));
    }
    let attachments = attachments(account);
    if attachments != json!({}) {
        files.push(file(format!("iam/{id}/attachments.json"), &attachments));
    }
    files
}

/// Which managed policies go to which roles.
fn attachments(account: &AccountPlan) -> Value {
    let mut roles: Map<String, Value> = Map::new();
    for role in &account.roles {
        roles.insert(role.name.clone(), Value::from(role.policies.clone()));
    }
    for (policy, role) in &account.attachments {
        let Some(role) = role else { continue };
        let entry = roles.entry(role.clone()).or_insert_with(|| json!([]));
        if let Value::Array(policies) = entry {
            policies.push(Value::from(policy.as_str()));
        }
    }
    Value::Object(roles)
}

/// A name as the name of a file: no separator, no hidden file, nothing that leads elsewhere.
fn file_name(name: &str) -> String {
    let safe = name.replace('%', "%25").replace('/', "%2F");
    match safe.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => safe,
    }
}

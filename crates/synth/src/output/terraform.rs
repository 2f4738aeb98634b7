//! Terraform's JSON configuration syntax (Terraform language, "JSON configuration syntax"; the resources of the provider
//! `hashicorp/aws`).

use serde_json::{Map, Value, json};

use super::{File, Labels, file};
use crate::plan::{AccountPlan, Controls, Named, Plan, TrailPlan};
use crate::statement::Policy;

pub(super) fn files(plan: &Plan) -> Vec<File> {
    let mut files = Vec::new();
    for account in &plan.accounts {
        let mut module = Module::default();
        module.account(account);
        if !module.resources.is_empty() {
            files.push(module.file(&account.id, SINCE));
        }
    }
    let mut module = Module::default();
    module.controls(&plan.controls);
    if !module.resources.is_empty() {
        files.push(module.file("organization", SINCE_RCP));
    }
    files
}

/// The provider's versions that know what is written.
const SINCE: &str = ">= 5.0";
/// Those that know resource control policies, too.
const SINCE_RCP: &str = ">= 5.76";

/// Text that Terraform takes as it is: `${` and `%{` begin its own templates.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

fn document(policy: &Policy) -> String {
    literal(&policy.text())
}

#[derive(Default)]
struct Module {
    resources: Map<String, Value>,
    data: Map<String, Value>,
    labels: Labels,
}

impl Module {
    fn file(self, folder: &str, since: &str) -> File {
        let mut members = Map::new();
        let providers = json!({"aws": {"source": "hashicorp/aws", "version": since}});
        members.insert(
            "terraform".to_owned(),
            json!({"required_providers": providers}),
        );
        if !self.data.is_empty() {
            members.insert("data".to_owned(), Value::Object(self.data));
        }
        members.insert("resource".to_owned(), Value::Object(self.resources));
        let path = format!("terraform/{folder}/main.tf.json");
        file(path, &Value::Object(members))
    }

    /// Adds a block; its label.
    fn add(&mut self, kind: &str, name: &str, block: Value) -> String {
        let label = self.label(kind, name);
        put(&mut self.resources, kind, &label, block);
        label
    }

    fn label(&mut self, kind: &str, name: &str) -> String {
        let plain = |c: char| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => c,
            _ => '_',
        };
        let mut label: String = name.chars().map(plain).collect();
        if !label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            label.insert(0, '_');
        }
        let unique = self.labels.unique(format!("{kind}.{label}"));
        unique
            .strip_prefix(&format!("{kind}."))
            .unwrap_or(&unique)
            .to_owned()
    }

    fn account(&mut self, account: &AccountPlan) {
        let policies = self.policies(account);
        let mut labels = Vec::new();
        for role in &account.roles {
            let block = json!({
                "name": role.name,
                "description": literal(&role.description),
                "assume_role_policy": document(&role.trust),
                "tags": {"team": role.team},
            });
            let label = self.add("aws_iam_role", &role.name, block);
            for name in &role.policies {
                labels.push((format!("${{aws_iam_role.{label}.name}}"), name));
            }
        }
        for (policy, role) in &account.attachments {
            if let Some(role) = role {
                labels.push((literal(role), policy));
            }
        }
        for (role, name) in labels {
            let Some((_, policy)) = policies.iter().find(|(known, _)| known == name) else {
                continue;
            };
            let block =
                json!({"role": role, "policy_arn": format!("${{aws_iam_policy.{policy}.arn}}")});
            self.add("aws_iam_role_policy_attachment", name, block);
        }
        self.resources(account);
    }

    /// The names and labels of the managed policies.
    fn policies(&mut self, account: &AccountPlan) -> Vec<(String, String)> {
        let mut labels = Vec::new();
        for Named { name, policy } in &account.policies {
            let block = json!({"name": name, "policy": document(policy)});
            labels.push((name.clone(), self.add("aws_iam_policy", name, block)));
        }
        labels
    }

    fn resources(&mut self, account: &AccountPlan) {
        let mut buckets = Vec::new();
        for Named { name, policy } in &account.buckets {
            let block = json!({"bucket": name, "policy": document(policy)});
            buckets.push((name.clone(), self.add("aws_s3_bucket_policy", name, block)));
        }
        for Named { name, policy } in &account.secrets {
            let kind = "aws_secretsmanager_secret";
            let label = self.label(&format!("data.{kind}"), name);
            put(&mut self.data, kind, &label, json!({"name": literal(name)}));
            let block = json!({
                "secret_arn": format!("${{data.{kind}.{label}.arn}}"),
                "policy": document(policy),
                "block_public_policy": true,
            });
            self.add("aws_secretsmanager_secret_policy", name, block);
        }
        for key in &account.keys {
            let policy = document(&key.policy);
            if let Some(id) = &key.id {
                self.add(
                    "aws_kms_key_policy",
                    &key.name,
                    json!({"key_id": id, "policy": policy}),
                );
                continue;
            }
            let block = json!({
                "description": format!("For {}", key.name),
                "enable_key_rotation": true,
                "policy": policy,
            });
            let label = self.add("aws_kms_key", &key.name, block);
            let target = format!("${{aws_kms_key.{label}.key_id}}");
            let block = json!({"name": format!("alias/{}", key.name), "target_key_id": target});
            self.add("aws_kms_alias", &key.name, block);
        }
        for system in &account.file_systems {
            let block = json!({"file_system_id": system.id, "policy": document(&system.policy)});
            self.add("aws_efs_file_system_policy", &system.name, block);
        }
        for (name, configuration) in &account.security_configurations {
            let block = json!({"name": name, "configuration": literal(&configuration.to_string())});
            self.add("aws_emr_security_configuration", name, block);
        }
        for trail in &account.trails {
            let bucket = buckets.iter().find(|(name, _)| *name == trail.bucket);
            let block = trail_block(trail, bucket.map(|(_, label)| label.as_str()));
            self.add("aws_cloudtrail", &trail.name, block);
        }
    }

    fn controls(&mut self, controls: &Controls) {
        let kinds = [
            ("SERVICE_CONTROL_POLICY", &controls.service),
            ("RESOURCE_CONTROL_POLICY", &controls.resource),
        ];
        for (kind, all) in kinds {
            for Named { name, policy } in all {
                let block = json!({"name": name, "type": kind, "content": document(policy)});
                let label = self.add("aws_organizations_policy", name, block);
                for target in &controls.targets {
                    let block = json!({
                        "policy_id": format!("${{aws_organizations_policy.{label}.id}}"),
                        "target_id": target,
                    });
                    let name = format!("{name}-{target}");
                    self.add("aws_organizations_policy_attachment", &name, block);
                }
            }
        }
    }
}

fn put(blocks: &mut Map<String, Value>, kind: &str, label: &str, block: Value) {
    let of_kind = blocks
        .entry(kind)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(of_kind) = of_kind {
        of_kind.insert(label.to_owned(), block);
    }
}

fn trail_block(trail: &TrailPlan, bucket: Option<&str>) -> Value {
    let selectors: Vec<Value> = trail.selectors.iter().map(selector).collect();
    let mut block = json!({
        "name": trail.name,
        "s3_bucket_name": trail.bucket,
        "is_multi_region_trail": true,
        "include_global_service_events": true,
        "enable_log_file_validation": true,
        "advanced_event_selector": selectors,
    });
    if let (Some(label), Value::Object(members)) = (bucket, &mut block) {
        let after = json!([format!("aws_s3_bucket_policy.{label}")]);
        members.insert("depends_on".to_owned(), after);
    }
    block
}

/// A selector under the provider's names.
fn selector(api: &Value) -> Value {
    let fields = api.get("FieldSelectors").and_then(Value::as_array);
    let field = |field: &Value| {
        let mut members = Map::new();
        for (from, to) in [
            ("Field", "field"),
            ("Equals", "equals"),
            ("StartsWith", "starts_with"),
        ] {
            if let Some(value) = field.get(from) {
                members.insert(to.to_owned(), value.clone());
            }
        }
        Value::Object(members)
    };
    let fields: Vec<Value> = fields.into_iter().flatten().map(field).collect();
    json!({"name": api.get("Name"), "field_selector": fields})
}

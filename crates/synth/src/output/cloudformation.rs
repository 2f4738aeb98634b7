//! CloudFormation templates, in JSON.

use serde_json::{Map, Value, json};

use super::{File, Labels, file};
use crate::plan::{AccountPlan, Controls, Named, Plan};

pub(super) fn files(plan: &Plan) -> Vec<File> {
    let mut files = Vec::new();
    for account in &plan.accounts {
        let mut template = Template::default();
        template.account(account);
        files.extend(template.file(&account.id, "What the teams of one account may do"));
    }
    let mut template = Template::default();
    template.controls(&plan.controls);
    files.extend(template.file("organization", "What binds the accounts of the teams"));
    files
}

#[derive(Default)]
struct Template {
    resources: Map<String, Value>,
    labels: Labels,
    /// What CloudFormation cannot write.
    left_out: Vec<String>,
}

impl Template {
    fn file(self, name: &str, description: &str) -> Option<File> {
        if self.resources.is_empty() {
            return None;
        }
        let mut members = Map::new();
        members.insert("AWSTemplateFormatVersion".to_owned(), json!("2010-09-09"));
        members.insert("Description".to_owned(), json!(description));
        if !self.left_out.is_empty() {
            let left_out = json!({"NotInThisTemplate": self.left_out});
            members.insert("Metadata".to_owned(), left_out);
        }
        members.insert("Resources".to_owned(), Value::Object(self.resources));
        let path = format!("cloudformation/{name}.template.json");
        Some(file(path, &Value::Object(members)))
    }

    /// Adds a resource; its logical id.
    fn add(&mut self, kind: &str, name: &str, properties: Value) -> String {
        let ending = kind.rsplit("::").next().unwrap_or(kind);
        let words = name.split(|c: char| !c.is_ascii_alphanumeric());
        let capital = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        let id = words.map(capital).collect::<String>() + ending;
        let id = self.labels.unique(id);
        let resource = json!({"Type": kind, "Properties": properties});
        self.resources.insert(id.clone(), resource);
        id
    }

    fn account(&mut self, account: &AccountPlan) {
        let mut policies = Vec::new();
        for Named { name, policy } in &account.policies {
            let mut properties = json!({
                "ManagedPolicyName": name,
                "PolicyDocument": policy.json(),
            });
            let attached = account.attachments.iter().find(|(known, _)| known == name);
            if let (Some((_, Some(role))), Value::Object(members)) = (attached, &mut properties) {
                members.insert("Roles".to_owned(), json!([role]));
            }
            let id = self.add("AWS::IAM::ManagedPolicy", name, properties);
            policies.push((name, id));
        }
        for role in &account.roles {
            let reference = |name: &String| {
                let known = policies.iter().find(|(known, _)| *known == name);
                known.map(|(_, id)| json!({"Ref": id}))
            };
            let arns: Vec<Value> = role.policies.iter().filter_map(reference).collect();
            let properties = json!({
                "RoleName": role.name,
                "Description": role.description,
                "AssumeRolePolicyDocument": role.trust.json(),
                "ManagedPolicyArns": arns,
                "Tags": [{"Key": "team", "Value": role.team}],
            });
            self.add("AWS::IAM::Role", &role.name, properties);
        }
        self.resources(account);
    }

    fn resources(&mut self, account: &AccountPlan) {
        let mut buckets = Vec::new();
        for Named { name, policy } in &account.buckets {
            let properties = json!({"Bucket": name, "PolicyDocument": policy.json()});
            buckets.push((name, self.add("AWS::S3::BucketPolicy", name, properties)));
        }
        for Named { name, policy } in &account.secrets {
            let properties = json!({
                "SecretId": name,
                "BlockPublicPolicy": true,
                "ResourcePolicy": policy.json(),
            });
            self.add("AWS::SecretsManager::ResourcePolicy", name, properties);
        }
        for key in &account.keys {
            if key.id.is_some() {
                self.left_out.push(format!(
                    "the policy of the key {}: CloudFormation sets it on keys that it makes itself",
                    key.name
                ));
                continue;
            }
            let properties = json!({"EnableKeyRotation": true, "KeyPolicy": key.policy.json()});
            let id = self.add("AWS::KMS::Key", &key.name, properties);
            let alias = format!("alias/{}", key.name);
            let properties = json!({"AliasName": alias, "TargetKeyId": {"Ref": id}});
            self.add("AWS::KMS::Alias", &key.name, properties);
        }
        for system in &account.file_systems {
            self.left_out.push(format!(
                "the policy of the file system {}: CloudFormation sets it on file systems that it makes \
                 itself",
                system.id
            ));
        }
        for (name, configuration) in &account.security_configurations {
            let properties = json!({"Name": name, "SecurityConfiguration": configuration});
            self.add("AWS::EMR::SecurityConfiguration", name, properties);
        }
        for trail in &account.trails {
            let properties = json!({
                "TrailName": trail.name,
                "S3BucketName": trail.bucket,
                "IsLogging": true,
                "IsMultiRegionTrail": true,
                "IncludeGlobalServiceEvents": true,
                "EnableLogFileValidation": true,
                "AdvancedEventSelectors": trail.selectors,
            });
            let id = self.add("AWS::CloudTrail::Trail", &trail.name, properties);
            let bucket = buckets.iter().find(|(name, _)| **name == trail.bucket);
            if let (Some((_, after)), Some(Value::Object(resource))) =
                (bucket, self.resources.get_mut(&id))
            {
                resource.insert("DependsOn".to_owned(), json!(after));
            }
        }
    }

    fn controls(&mut self, controls: &Controls) {
        let kinds = [
            ("SERVICE_CONTROL_POLICY", &controls.service),
            ("RESOURCE_CONTROL_POLICY", &controls.resource),
        ];
        for (kind, all) in kinds {
            for Named { name, policy } in all {
                let properties = json!({
                    "Name": name,
                    "Type": kind,
                    "Content": policy.json(),
                    "TargetIds": controls.targets,
                });
                self.add("AWS::Organizations::Policy", name, properties);
            }
        }
    }
}

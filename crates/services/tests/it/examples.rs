//! Every example of a tenancy, on the platform: it keeps the documents that are written to files, and its answers are what
//! they say, of what is one's own, another's and nobody's.

use std::collections::BTreeMap;
use std::path::Path;

use blueprint::{Account, Blueprint, Domain, Feature, Team, UserProfile};
use serde_json::{Value, json};
use services::bootstrap;
use testkit::team::credentials;
use testkit::{Answer, Credentials, World, parts};

use crate::tenancy::is_refused;

/// The names of those who come from Identity Center where an example lists no user profiles.
const ELSEWHERE: [&str; 2] = ["u000001", "u000002"];

/// An example, and the platform that it was applied to.
struct Example {
    name: &'static str,
    blueprint: Blueprint,
    world: World,
    roots: BTreeMap<String, Credentials>,
}

impl Example {
    fn new(name: &'static str) -> Example {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tenancies");
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let read = |path: &Path| std::fs::read(path);
        let mut blueprint =
            blueprint::read(name, &text, &read).unwrap_or_else(|wrong| panic!("{wrong}"));
        let accounts = blueprint.accounts.iter_mut();
        for domain in accounts.flat_map(|account| &mut account.domains) {
            if domain.user_profiles.is_empty() {
                let named = |name: &str| UserProfile {
                    name: name.to_owned(),
                    execution_role: None,
                };
                domain.user_profiles.extend(ELSEWHERE.map(named));
            }
        }
        let world = World::within(&blueprint.partition, &blueprint.region);
        let _ = bootstrap::apply(&world.platform, &blueprint)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let accounts = blueprint.accounts.iter();
        let roots = accounts
            .map(|it| (it.id.clone(), world.root_of(&it.id)))
            .collect();
        Example {
            name,
            blueprint,
            world,
            roots,
        }
    }

    /// A document of what `synth` writes, by its path.
    fn written(&self) -> BTreeMap<String, Value> {
        let plan = synth::synthesise(&self.blueprint).unwrap();
        let files = synth::files(&plan, &[synth::Format::Json]);
        let read = |file: synth::File| Some((file.path, serde_json::from_str(&file.text).ok()?));
        files.into_iter().filter_map(read).collect()
    }

    /// The same document as the platform holds it; nothing for what no API of the platform shows.
    fn held(&self, path: &str) -> Option<Value> {
        let parts: Vec<&str> = path.trim_end_matches(".json").split('/').collect();
        let (account, kind, name) = match parts.as_slice() {
            ["iam", "organization", kind, name] => return self.control(kind, name),
            ["iam", account, "attachments"] => return self.attachments(account),
            ["iam", account, kind, name] => (account, kind, name),
            _ => return None,
        };
        let root = self.roots.get(*account)?;
        let partition = &self.blueprint.partition;
        let ask = |service: &str, operation: &str, input: Value| {
            let answer = self.world.json(root, service, operation, &input);
            answer.checked().json()
        };
        match *kind {
            "policies" => {
                let arn = format!("arn:{partition}:iam::{account}:policy/{name}");
                let version = [("PolicyArn", arn.as_str()), ("VersionId", "v1")];
                let answer = self.world.query(root, "iam", "GetPolicyVersion", &version);
                document(&answer.checked().xml("Document"))
            }
            "trust" => {
                let answer = self
                    .world
                    .query(root, "iam", "GetRole", &[("RoleName", name)]);
                document(&answer.checked().xml("AssumeRolePolicyDocument"))
            }
            "buckets" => {
                let path = format!("/{name}?policy");
                let answer = self
                    .world
                    .http(root, "s3", "GET", &path, &[], Vec::new().into());
                serde_json::from_str(&answer.checked().text()).ok()
            }
            "secrets" => {
                let input = json!({"SecretId": name.replace("%2F", "/")});
                parsed(&ask("secretsmanager", "GetResourcePolicy", input)["ResourcePolicy"])
            }
            "keys" => {
                let key = ask(
                    "kms",
                    "DescribeKey",
                    json!({"KeyId": format!("alias/{name}")}),
                );
                let input = json!({"KeyId": key["KeyMetadata"]["KeyId"]});
                parsed(&ask("kms", "GetKeyPolicy", input)["Policy"])
            }
            "trails" => {
                let mut trail =
                    ask("cloudtrail", "GetTrail", json!({"Name": name}))["Trail"].take();
                let selectors = ask(
                    "cloudtrail",
                    "GetEventSelectors",
                    json!({"TrailName": name}),
                );
                let selectors = &selectors["AdvancedEventSelectors"];
                trail["AdvancedEventSelectors"].clone_from(selectors);
                trail["EnableLogFileValidation"] = trail["LogFileValidationEnabled"].take();
                let status = ask("cloudtrail", "GetTrailStatus", json!({"Name": name}));
                assert_eq!(status["IsLogging"], true, "{path}");
                let written = [
                    "Name",
                    "S3BucketName",
                    "IsMultiRegionTrail",
                    "IncludeGlobalServiceEvents",
                    "EnableLogFileValidation",
                    "AdvancedEventSelectors",
                ];
                let member = |name: &str| (name.to_owned(), trail[name].clone());
                Some(Value::Object(written.into_iter().map(member).collect()))
            }
            _ => None,
        }
    }

    /// A guard rail, as its organization has it.
    fn control(&self, kind: &str, name: &str) -> Option<Value> {
        let organization = self.blueprint.organization.as_ref()?;
        let root = self
            .world
            .root_of(organization.management_account.as_ref()?);
        let ask = |operation: &str, input: Value| {
            let answer = self.world.json(&root, "organizations", operation, &input);
            answer.checked().json()
        };
        let filter = format!("{}_POLICY", kind.replace('-', "_").to_uppercase());
        let policies = ask("ListPolicies", json!({"Filter": filter}));
        let mut policies = policies["Policies"].as_array()?.iter();
        let found = policies.find(|policy| policy["Name"] == name)?;
        let policy = ask("DescribePolicy", json!({"PolicyId": found["Id"]}));
        parsed(&policy["Policy"]["Content"])
    }

    /// Which managed policies the roles of an account have.
    fn attachments(&self, account: &str) -> Option<Value> {
        let root = self.roots.get(account)?;
        let written = self.written();
        let roles = written.get(&format!("iam/{account}/attachments.json"))?;
        let of_role = |role: &String| {
            let input = [("RoleName", role.as_str())];
            let answer = self
                .world
                .query(root, "iam", "ListAttachedRolePolicies", &input);
            let mut names: Vec<&Value> = roles[role].as_array().unwrap().iter().collect();
            let text = answer.checked().text();
            let held =
                |name: &&Value| text.contains(&format!("<PolicyName>{}<", name.as_str().unwrap()));
            assert_eq!(text.matches("<PolicyName>").count(), names.len(), "{role}");
            names.retain(held);
            (role.clone(), names.into_iter().cloned().collect())
        };
        Some(Value::Object(
            roles.as_object()?.keys().map(of_role).collect(),
        ))
    }

    fn teams(&self) -> impl Iterator<Item = (&Account, &Team, &Domain)> {
        let accounts = self.blueprint.accounts.iter();
        accounts.flat_map(|account| {
            account.teams.iter().map(move |team| {
                let mut domains = account.domains.iter();
                let domain = domains.find(|domain| domain.name == team.domain).unwrap();
                (account, team, domain)
            })
        })
    }

    /// A Studio session, opened by an administrator.
    fn studio(&mut self, account: &str, domain: &Domain, profile: &str) -> Credentials {
        self.world.region.clone_from(&domain.region);
        let input = json!({"DomainId": domain.id, "UserProfileName": profile});
        let root = &self.roots[account];
        let url = self
            .world
            .json(root, "sagemaker", "CreatePresignedDomainUrl", &input);
        let url = url.checked().json();
        let url = url["AuthorizedUrl"].as_str().unwrap();
        let (_, rest) = url.split_once("/_studio").unwrap();
        let parts = parts("GET", &format!("/_studio{rest}"), &[]);
        credentials(&self.world.send(parts, Vec::new().into()).checked().json())
    }
}

fn document(encoded: &str) -> Option<Value> {
    serde_json::from_slice(&wire::uri::decode(encoded)).ok()
}

/// A document that an answer holds as text.
fn parsed(text: &Value) -> Option<Value> {
    serde_json::from_str(text.as_str()?).ok()
}

/// Two members of a team, who ask for their own and each other's.
struct Members<'e> {
    example: &'e Example,
    account: &'e Account,
    team: &'e Team,
    domain: &'e Domain,
    who: [(String, Credentials); 2],
}

impl Members<'_> {
    fn say(&self, what: &str) -> String {
        format!("{} {}: {what}", self.example.name, self.team.name)
    }

    fn allowed(&self, answer: Answer, what: &str) -> Answer {
        assert_eq!(
            answer.status / 100,
            2,
            "{}: {}",
            self.say(what),
            answer.text()
        );
        answer
    }

    fn refused(&self, answer: &Answer, what: &str) {
        assert!(is_refused(answer), "{}: {}", self.say(what), answer.text());
    }

    fn s3(&self, who: &Credentials, method: &str, path: &str) -> Answer {
        // Where the bucket is, wherever the domain may be.
        let region = &self.example.blueprint.region;
        let parts = parts(method, path, &[]);
        self.example
            .world
            .signed(who, "s3", region, parts, "text".into())
    }

    fn call(&self, who: &Credentials, service: &str, operation: &str, input: &Value) -> Answer {
        self.example.world.json(who, service, operation, input)
    }

    fn objects(&self) {
        let [(one, first), (two, second)] = &self.who;
        for area in &self.team.storage {
            let path = |who: &str| format!("/{}/{}/{who}/text", area.bucket, area.prefix);
            self.allowed(self.s3(first, "PUT", &path(one)), "puts an object");
            self.allowed(self.s3(first, "GET", &path(one)), "gets an object");
            for method in ["GET", "PUT", "DELETE"] {
                self.refused(&self.s3(second, method, &path(one)), "another's object");
                let nobodys = format!("/{}/nobodys/{two}/text", area.bucket);
                self.refused(&self.s3(second, method, &nobodys), "nobody's object");
            }
            let list =
                |who: &str| format!("/{}?list-type=2&prefix={}/{who}/", area.bucket, area.prefix);
            self.allowed(self.s3(first, "GET", &list(one)), "lists");
            self.refused(&self.s3(second, "GET", &list(one)), "lists another's");
        }
    }

    fn secrets(&self) {
        let [(one, first), (two, second)] = &self.who;
        for prefix in &self.team.secrets {
            let name = format!("{prefix}/{one}/made");
            let make = |who: &Credentials, name: &str| {
                let token = "0123456789012345678901234567890123";
                let input = json!({"Name": name, "SecretString": "x", "ClientRequestToken": token});
                self.call(who, "secretsmanager", "CreateSecret", &input)
            };
            self.allowed(make(first, &name), "makes a secret");
            let get = json!({"SecretId": name});
            let read = |who| self.call(who, "secretsmanager", "GetSecretValue", &get);
            self.allowed(read(first), "reads a secret");
            self.refused(&read(second), "another's secret");
            self.refused(
                &make(second, &format!("{prefix}/{one}/b")),
                "a secret as another",
            );
            self.refused(
                &make(second, &format!("nobodys/{two}/b")),
                "nobody's secret",
            );
        }
    }

    fn jobs(&self) {
        let has = |feature| self.team.features.contains(&feature);
        let (kind, feature) = match (has(Feature::Training), has(Feature::Processing)) {
            (true, _) => ("Training", "training-job"),
            (_, true) => ("Processing", "processing-job"),
            _ => return,
        };
        let [(one, first), (_, second)] = &self.who;
        let partition = &self.example.blueprint.partition;
        let id = &self.account.id;
        let role = format!(
            "arn:{partition}:iam::{id}:role/{}",
            self.team.execution_role
        );
        let job = |name: &str| match kind {
            "Training" => json!({
                "TrainingJobName": name,
                "RoleArn": role,
                "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
                "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
                "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            }),
            _ => json!({
                "ProcessingJobName": name,
                "RoleArn": role,
                "AppSpecification": {"ImageUri": "image"},
                "ProcessingResources": {"ClusterConfig":
                    {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            }),
        };
        let create = format!("Create{kind}Job");
        let name = format!("{}-job-of-{one}", self.team.name);
        let make = |who, input: &Value| self.call(who, "sagemaker", &create, input);
        self.allowed(make(first, &job(&name)), "makes a job");
        let mut spoofed = job("spoofed");
        let arn = |resource: String| {
            format!(
                "arn:{partition}:sagemaker:{}:{id}:{resource}",
                self.domain.region
            )
        };
        let owner = arn(format!("user-profile/{}/{one}", self.domain.id));
        spoofed["Tags"] = json!([{"Key": "sagemaker:user-profile-arn", "Value": owner}]);
        self.refused(&make(second, &spoofed), "a job as another");
        let named = json!({format!("{kind}JobName"): name});
        for verb in ["Describe", "Stop"] {
            let operation = format!("{verb}{kind}Job");
            let answer = self.call(second, "sagemaker", &operation, &named);
            self.refused(&answer, &operation);
        }
        let describe = format!("Describe{kind}Job");
        self.allowed(self.call(first, "sagemaker", &describe, &named), &describe);
        let tags = json!({"ResourceArn": arn(format!("{feature}/{name}")), "Tags": [{"Key": "a", "Value": "b"}]});
        self.refused(
            &self.call(second, "sagemaker", "AddTags", &tags),
            "tags another's",
        );
    }

    fn names(&self) {
        let [(one, _), (_, second)] = &self.who;
        let open = json!({"DomainId": self.domain.id, "UserProfileName": one});
        let answer = self.call(second, "sagemaker", "CreatePresignedDomainUrl", &open);
        self.refused(&answer, "another's Studio");
        let settings = json!({"DomainId": self.domain.id,
            "DomainSettingsForUpdate": {"ExecutionRoleIdentityConfig": "DISABLED"}});
        self.refused(
            &self.call(second, "sagemaker", "UpdateDomain", &settings),
            "UpdateDomain",
        );
        let role = [
            ("RoleName", self.team.execution_role.as_str()),
            ("PolicyName", "x"),
            ("PolicyDocument", "{}"),
        ];
        let answer = self
            .example
            .world
            .query(second, "iam", "PutRolePolicy", &role);
        self.refused(&answer, "PutRolePolicy");
    }
}

fn is_enforced(name: &'static str) {
    let mut example = Example::new(name);
    for (path, written) in example.written() {
        // No API here shows the policies of file systems and how clusters are secured.
        let shown = path.starts_with("iam/") && !path.contains("/emr/");
        if shown && !path.contains("/file-systems/") {
            assert_eq!(example.held(&path), Some(written), "{name}: {path}");
        }
    }
    let teams: Vec<(Account, Team, Domain)> = example
        .teams()
        .map(|(account, team, domain)| (account.clone(), team.clone(), domain.clone()))
        .collect();
    let mut pairs = 0;
    for (account, team, domain) in &teams {
        let [one, two, ..] = domain.user_profiles.as_slice() else {
            continue;
        };
        let mut session = |name: &str| (name.to_owned(), example.studio(&account.id, domain, name));
        let who = [session(&one.name), session(&two.name)];
        let members = Members {
            example: &example,
            account,
            team,
            domain,
            who,
        };
        members.objects();
        members.secrets();
        members.jobs();
        members.names();
        pairs += 1;
    }
    assert!(pairs > 0, "{name}");
}

#[test]
fn the_two_teams() {
    is_enforced("two-teams.toml");
}

#[test]
fn three_hundred_users_in_twelve_domains() {
    is_enforced("three-hundred.toml");
}

#[test]
fn a_shared_feature_store_with_private_prefixes() {
    is_enforced("feature-store.toml");
}

#[test]
fn a_cluster_for_each_user() {
    is_enforced("emr.toml");
}

#[test]
fn several_accounts_under_one_organisation() {
    is_enforced("organization.toml");
}

#[test]
fn another_partition() {
    is_enforced("china.toml");
}

/// An example that nothing above enforces is none.
#[test]
fn every_example_is_enforced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tenancies");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let asked = include_str!("examples.rs").contains(&format!("is_enforced(\"{name}\")"));
        assert!(asked, "{name}");
    }
}

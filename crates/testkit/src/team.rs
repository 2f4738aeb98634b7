//! Two teams on one platform, for the tests of SageMaker.

use crate::{ACCOUNT, Answer, Credentials, REGION, World, parts};
use serde_json::{Value, json};
use services::bootstrap;

/// The ARN of something of SageMaker in the account of the tests.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}")
}

/// The ARN of a role.
pub fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A policy with these statements.
pub fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A trust policy for SageMaker with these actions, where `aws:SourceArn` is like this.
pub fn trust(actions: &[&str], source: &str) -> Value {
    policy(&json!([{
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": actions,
        "Condition": {
            "ArnLike": {"aws:SourceArn": source},
            "StringEquals": {"aws:SourceAccount": ACCOUNT}
        }
    }]))
}

/// Two domains: `d-vision` with alice and bob, whose sessions carry their names, and `d-speech` with
/// carol, whose sessions do not. Both work with the role `Exec`, which may do everything.
pub struct Team {
    /// The platform of the teams.
    pub world: World,
}

const BLUEPRINT: &str = r#"
region = "us-east-1"
[[account]]
id = "123456789012"
name = "platform"
[[role]]
name = "Exec"
trust = 'TRUST'
policies = [{ name = "all", document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}' }]
[[domain]]
name = "vision"
id = "d-vision"
execution_role = "Exec"
execution_role_identity_config = "USER_PROFILE_NAME"
user_profiles = ["alice", "bob"]
[[domain]]
name = "speech"
id = "d-speech"
execution_role = "Exec"
user_profiles = ["carol"]
"#;

impl Default for Team {
    fn default() -> Self {
        Self::new()
    }
}

impl Team {
    /// A platform with the blueprint of the teams.
    #[must_use]
    pub fn new() -> Self {
        let team = Self {
            world: World::new(),
        };
        assert!(team.apply() > 5);
        team
    }

    /// Applies the blueprint of the teams; how much that changed.
    pub fn apply(&self) -> usize {
        let trust = trust(&["sts:AssumeRole", "sts:SetSourceIdentity"], &arn("*")).to_string();
        let text = BLUEPRINT.replace("TRUST", &trust);
        let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let blueprint =
            blueprint::read("test.toml", &text, &none).unwrap_or_else(|e| panic!("{e}"));
        bootstrap::apply(&self.world.platform, &blueprint)
            .unwrap()
            .changes
    }

    /// Calls SageMaker.
    pub fn call(&self, who: &Credentials, operation: &str, input: &Value) -> Answer {
        self.world.json(who, "sagemaker", operation, input)
    }

    /// Calls SageMaker as the root user.
    pub fn root(&self, operation: &str, input: &Value) -> Answer {
        self.call(self.world.root(), operation, input)
    }

    /// A URL for a user profile, as the root user gets it, without the server's address.
    pub fn url(&self, domain: &str, profile: &str, more: &Value) -> String {
        let mut input = json!({"DomainId": domain, "UserProfileName": profile});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let answer = self
            .root("CreatePresignedDomainUrl", &input)
            .checked()
            .json();
        let url = answer["AuthorizedUrl"].as_str().unwrap();
        url.split_once("/_studio")
            .map(|(_, rest)| format!("/_studio{rest}"))
            .unwrap()
    }

    /// Follows a URL.
    pub fn follow(&self, url: &str) -> Answer {
        self.world.send(parts("GET", url, &[]), Vec::new().into())
    }

    /// A Studio session.
    pub fn studio(&self, domain: &str, profile: &str) -> Credentials {
        credentials(
            &self
                .follow(&self.url(domain, profile, &json!({})))
                .checked()
                .json(),
        )
    }

    /// Replaces the trust policy of a role.
    pub fn set_trust(&self, name: &str, trust: &Value) {
        let trust = trust.to_string();
        let input = [("RoleName", name), ("PolicyDocument", trust.as_str())];
        let root = self.world.root();
        let _ = self
            .world
            .query(root, "iam", "UpdateAssumeRolePolicy", &input)
            .checked();
    }

    /// Replaces what `Exec` may do.
    pub fn allow(&self, statements: &Value) {
        let policy = policy(statements).to_string();
        let input = [
            ("RoleName", "Exec"),
            ("PolicyName", "all"),
            ("PolicyDocument", policy.as_str()),
        ];
        let _ = self
            .world
            .query(self.world.root(), "iam", "PutRolePolicy", &input)
            .checked();
    }

    /// The latest record of a role being assumed.
    pub fn assumed(&self) -> trail::Event {
        let mut events = self.world.events();
        events.retain(|event| event.event_name == "AssumeRole");
        events.pop().unwrap()
    }
}

/// The credentials in the answer to a redeemed URL.
pub fn credentials(json: &Value) -> Credentials {
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    Credentials {
        access_key_id: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: Some(text("SessionToken")),
    }
}

/// A training job that works with a role.
pub fn job(name: &str, role_name: &str) -> Value {
    json!({
        "TrainingJobName": name,
        "RoleArn": role(role_name),
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    })
}

/// `value` with more members.
pub fn with(mut value: Value, more: Value) -> Value {
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

//! Policies of organizations in the path of requests (Organizations User Guide, "Service control
//! policies", "Resource control policies").

use serde_json::{Value, json};
use testkit::documents::{allow, document};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

/// An organization that [`ACCOUNT`] manages and [`OTHER_ACCOUNT`] belongs to.
pub(crate) struct Org {
    pub(crate) world: World,
    pub(crate) id: String,
    pub(crate) root: String,
}

impl Org {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let ask = |who: &Credentials, operation: &str, input: Value| {
            world
                .json(who, "organizations", operation, &input)
                .checked()
                .json()
        };
        let made = ask(world.root(), "CreateOrganization", json!({}));
        let id = made["Organization"]["Id"].as_str().unwrap().to_owned();
        let target = json!({"Target": {"Type": "ACCOUNT", "Id": OTHER_ACCOUNT}});
        let invited = ask(world.root(), "InviteAccountToOrganization", target);
        let handshake = json!({"HandshakeId": invited["Handshake"]["Id"]});
        ask(world.other_root(), "AcceptHandshake", handshake);
        let roots = ask(world.root(), "ListRoots", json!({}));
        let root = roots["Roots"][0]["Id"].as_str().unwrap().to_owned();
        Self { world, id, root }
    }

    pub(crate) fn call(&self, operation: &str, input: Value) -> Answer {
        self.world
            .json(self.world.root(), "organizations", operation, &input)
    }

    /// The output; null of an operation that has none.
    pub(crate) fn ask(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).checked();
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// Makes a policy and attaches it. Returns its id.
    pub(crate) fn control(&self, kind: &str, name: &str, content: &Value, target: &str) -> String {
        let input = json!({
            "Type": kind, "Name": name, "Description": "", "Content": content.to_string(),
        });
        let made = self.ask("CreatePolicy", input);
        let id = made["Policy"]["PolicySummary"]["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        self.ask("AttachPolicy", json!({"PolicyId": id, "TargetId": target}));
        id
    }

    fn scp(&self, name: &str, content: &Value, target: &str) -> String {
        self.control("SERVICE_CONTROL_POLICY", name, content, target)
    }

    fn rcp(&self, name: &str, content: &Value, target: &str) -> String {
        self.control("RESOURCE_CONTROL_POLICY", name, content, target)
    }

    fn list_users(&self, who: &Credentials) -> Result<(), String> {
        let answer = self.world.query(who, "iam", "ListUsers", &[]);
        match answer.status {
            200 => Ok(()),
            _ => Err(answer.error().1),
        }
    }
}

fn deny(action: &str) -> Value {
    document(&json!([{"Effect": "Deny", "Action": action, "Resource": "*"}]))
}

fn deny_all(action: &str, condition: &Value) -> Value {
    document(&json!([{
        "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*",
        "Condition": condition,
    }]))
}

#[test]
fn a_deny_bounds_members_even_their_root_and_never_the_management_account() {
    let org = Org::new();
    let member = org.world.other_root().clone();
    assert_eq!(org.list_users(&member), Ok(()));
    let id = org.scp("NoListing", &deny("iam:ListUsers"), &org.root);
    let denied = org.list_users(&member).unwrap_err();
    assert_eq!(
        denied,
        format!(
            "User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: iam:ListUsers on \
             resource: arn:aws:iam::{OTHER_ACCOUNT}:user/ with an explicit deny in a service control \
             policy"
        )
    );
    assert_eq!(org.list_users(org.world.root()), Ok(()));
    org.ask(
        "DetachPolicy",
        json!({"PolicyId": id, "TargetId": org.root}),
    );
    assert_eq!(org.list_users(&member), Ok(()), "the very next request");
}

#[test]
fn every_level_must_allow() {
    let org = Org::new();
    let member = org.world.other_root().clone();
    let made = org.ask(
        "CreateOrganizationalUnit",
        json!({"ParentId": org.root, "Name": "ML"}),
    );
    let unit = made["OrganizationalUnit"]["Id"].as_str().unwrap();
    let id = org.scp("OnlyIam", &allow(&["iam:*"], "*"), unit);
    let full = json!({"PolicyId": "p-FullAWSAccess", "TargetId": unit});
    org.ask("DetachPolicy", full);
    let whoever = |service: &str, operation: &str| {
        let answer = org.world.json(&member, service, operation, &json!({}));
        (answer.status, answer.error().1)
    };
    assert_eq!(
        whoever("secretsmanager", "ListSecrets").0,
        200,
        "not in the unit yet"
    );
    org.ask(
        "MoveAccount",
        json!({
            "AccountId": OTHER_ACCOUNT, "SourceParentId": org.root, "DestinationParentId": unit,
        }),
    );
    assert_eq!(org.list_users(&member), Ok(()));
    let (status, text) = whoever("secretsmanager", "ListSecrets");
    assert_eq!(status, 400);
    assert!(
        text.ends_with(
            "because no service control policy allows the secretsmanager:ListSecrets action"
        ),
        "{text}"
    );
    let none = org.call("DetachPolicy", json!({"PolicyId": id, "TargetId": unit}));
    assert_eq!(none.error().0, "ConstraintViolationException");
    assert_eq!(
        none.json()["Reason"],
        "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    );
    org.ask(
        "DisablePolicyType",
        json!({"RootId": org.root, "PolicyType": "SERVICE_CONTROL_POLICY"}),
    );
    assert_eq!(whoever("secretsmanager", "ListSecrets").0, 200);
}

#[test]
fn an_scp_never_grants() {
    let org = Org::new();
    let key = org.world.query(
        org.world.other_root(),
        "iam",
        "CreateUser",
        &[("UserName", "bob")],
    );
    let _ = key.checked();
    let input = [("UserName", "bob")];
    let key = org
        .world
        .query(org.world.other_root(), "iam", "CreateAccessKey", &input)
        .checked();
    let bob = Credentials {
        access_key_id: key.xml("AccessKeyId"),
        secret: key.xml("SecretAccessKey"),
        token: None,
    };
    org.scp("All", &allow(&["*"], "*"), OTHER_ACCOUNT);
    let denied = org.list_users(&bob).unwrap_err();
    assert!(
        denied.contains("no identity-based policy allows"),
        "{denied}"
    );
}

#[test]
fn an_rcp_bounds_whoever_reaches_for_a_members_resources() {
    let org = Org::new();
    let (world, member) = (&org.world, org.world.other_root().clone());
    let put = |who: &Credentials, path: &str, body: &str| {
        world.http(who, "s3", "PUT", path, &[], body.to_owned().into())
    };
    let _ = put(&member, "/members-bucket", "").checked();
    let policy = document(&json!([{
        "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::members-bucket", "arn:aws:s3:::members-bucket/*"],
    }]));
    let _ = put(&member, "/members-bucket?policy", &policy.to_string()).checked();
    let _ = put(world.root(), "/members-bucket/a", "x").checked();
    let enable = json!({"RootId": org.root, "PolicyType": "RESOURCE_CONTROL_POLICY"});
    org.ask("EnablePolicyType", enable);
    let _ = put(world.root(), "/members-bucket/a", "x").checked();
    let other = json!({"StringNotEqualsIfExists": {"aws:PrincipalAccount": OTHER_ACCOUNT}});
    org.rcp("OwnOnly", &deny_all("s3:*", &other), OTHER_ACCOUNT);
    assert_eq!(put(world.root(), "/members-bucket/a", "x").status, 403);
    let _ = put(&member, "/members-bucket/a", "x").checked();
    let listed = org.ask(
        "ListPoliciesForTarget",
        json!({"TargetId": OTHER_ACCOUNT, "Filter": "RESOURCE_CONTROL_POLICY"}),
    );
    assert_eq!(listed["Policies"].as_array().unwrap().len(), 2, "{listed}");
    let own = json!({"PolicyId": "p-RCPFullAWSAccess", "TargetId": OTHER_ACCOUNT});
    let refused = org.call("DetachPolicy", own);
    assert_eq!(refused.json()["Reason"], "NON_DETACHABLE_POLICY");
}

#[test]
fn requests_know_the_organizations_of_both_sides() {
    let org = Org::new();
    let (world, member) = (&org.world, org.world.other_root().clone());
    let put = |who: &Credentials, path: &str, body: &str| {
        world.http(who, "s3", "PUT", path, &[], body.to_owned().into())
    };
    let _ = put(world.root(), "/shared-bucket", "").checked();
    let policy = |path: &str| {
        document(&json!([{
            "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::shared-bucket/*",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": org.id},
                "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path},
            },
        }]))
        .to_string()
    };
    let any = format!("{}/*", org.id);
    let _ = put(world.root(), "/shared-bucket?policy", &policy(&any)).checked();
    let _ = put(&member, "/shared-bucket/a", "x").checked();
    let elsewhere = format!("{}/{}/ou-*", org.id, org.root);
    let _ = put(world.root(), "/shared-bucket?policy", &policy(&elsewhere)).checked();
    assert_eq!(put(&member, "/shared-bucket/a", "x").status, 403);
    // What a member may reach: only what belongs to the organization.
    let foreign = document(&json!([{
        "Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "o-another"}},
    }]));
    org.scp("OwnOrganization", &foreign, OTHER_ACCOUNT);
    assert_eq!(put(&member, "/a-new-bucket", "").status, 403);
}

#[test]
fn malformed_and_oversized_policies_are_refused() {
    let org = Org::new();
    let create = |kind: &str, content: &str| {
        let input = json!({"Type": kind, "Name": "n", "Description": "", "Content": content});
        org.call("CreatePolicy", input).error().0
    };
    let malformed = "MalformedPolicyDocumentException";
    assert_eq!(create("SERVICE_CONTROL_POLICY", "{}"), malformed);
    let everyone = deny_all("s3:*", &json!({}));
    assert_eq!(
        create("SERVICE_CONTROL_POLICY", &everyone.to_string()),
        malformed
    );
    let long = format!("{}{}", deny("s3:*"), " ".repeat(5_120));
    assert_eq!(
        create("SERVICE_CONTROL_POLICY", &long),
        "ConstraintViolationException"
    );
    for content in [
        document(
            &json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]),
        ),
        document(
            &json!([{"Effect": "Deny", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"}]),
        ),
        deny_all("*", &json!({})),
        deny_all("sagemaker:*", &json!({})),
    ] {
        assert_eq!(
            create("RESOURCE_CONTROL_POLICY", &content.to_string()),
            malformed,
            "{content}"
        );
    }
}

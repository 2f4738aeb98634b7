//! The examples are blueprints, and do what they say.

use std::path::{Path, PathBuf};

use blueprint::{Account, Blueprint, IdentityConfig};
use policy::{
    Action, NamedPolicy, Policies, PolicySet, PolicyType, Principal, Request, Resource, decide,
};

fn example(name: &str) -> Blueprint {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let read = |path: &Path| std::fs::read(path);
    blueprint::read(path.to_str().unwrap(), &text, &read).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn every_example_is_a_blueprint() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let names = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    let blueprints: Vec<_> = names
        .iter()
        .filter(|name| name.ends_with(".toml"))
        .collect();
    assert!(!blueprints.is_empty());
    blueprints.iter().for_each(|name| drop(example(name)));
}

fn compile(text: &str, kind: PolicyType) -> PolicySet {
    let document = policy::Document::parse(text, kind).unwrap();
    PolicySet::compile([NamedPolicy::new("example", document)])
}

/// The inline policies of a role or user together.
fn identity(account: &Account, name: &str) -> PolicySet {
    let role = account
        .roles
        .iter()
        .find(|role| role.name == name)
        .map(|role| &role.policies);
    let user = || {
        account
            .users
            .iter()
            .find(|user| user.name == name)
            .map(|user| &user.policies)
    };
    let policies = role.or_else(user).unwrap().iter().map(|policy| {
        let document = policy::Document::parse(&policy.document.text, PolicyType::Identity);
        NamedPolicy::new(policy.name.as_str(), document.unwrap())
    });
    PolicySet::compile(policies)
}

fn request(principal: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Request {
    let principal = Principal::parse(principal).unwrap();
    let action = Action::parse(action).unwrap();
    let resource = Resource::parse(resource).unwrap();
    let request = Request::builder(principal, action, resource)
        .resource_account(policy::AccountId::parse("123456789012").unwrap());
    context
        .iter()
        .fold(request, |request, (key, value)| {
            request.set((*key).to_owned(), *value)
        })
        .build()
}

/// The two teams, as a session of `profile` in Studio meets them.
struct Teams {
    account: Account,
    bucket: PolicySet,
}

impl Teams {
    fn new() -> Teams {
        let account = example("two-teams.toml").accounts.remove(0);
        let bucket = account.buckets[0].policy.as_ref().unwrap();
        let bucket = compile(&bucket.text, PolicyType::Resource);
        Teams { account, bucket }
    }

    /// Whether `profile` of `domain` may do this from Studio, with more in the context.
    fn may(
        &self,
        (domain, profile): (&str, &str),
        action: &str,
        resource: &str,
        more: &[(&str, &str)],
    ) -> bool {
        let domain = self
            .account
            .domains
            .iter()
            .find(|d| d.name == domain)
            .unwrap();
        let role = domain.execution_role.rsplit('/').next().unwrap();
        let session = format!("arn:aws:sts::123456789012:assumed-role/{role}/SageMaker");
        let studio = [
            ("sagemaker:DomainId", domain.id.as_str()),
            ("sagemaker:UserProfileName", profile),
        ];
        let context = [&[("aws:SourceIdentity", profile)], &studio[..], more].concat();
        self.decide(role, &session, action, resource, &context)
    }

    fn decide(
        &self,
        name: &str,
        principal: &str,
        action: &str,
        resource: &str,
        context: &[(&str, &str)],
    ) -> bool {
        let identity = identity(&self.account, name);
        let policies = Policies {
            identity: Some(&identity),
            boundary: None,
            session: None,
            resource: resource.contains(":s3:").then_some(&self.bucket),
            endpoint: None,
            service_control: &[],
            resource_control: &[],
            management_account: None,
        };
        decide(&policies, &request(principal, action, resource, context)).is_allow()
    }
}

const ALICE: (&str, &str) = ("vision", "alice");
const BOB: (&str, &str) = ("vision", "bob");
const CAROL: (&str, &str) = ("speech", "carol");
const JOB: &str = "arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1";

fn profile_arn(domain: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:us-east-1:123456789012:user-profile/{domain}/{name}")
}

#[test]
fn two_teams_are_described_as_they_should_be() {
    let account = Teams::new().account;
    let domains: Vec<_> = account
        .domains
        .iter()
        .map(|domain| domain.id.as_str())
        .collect();
    assert_eq!(domains, ["d-vision", "d-speech"]);
    assert!(account.domains.iter().all(|domain| {
        domain.execution_role_identity_config == IdentityConfig::UserProfileName
    }));
    assert_eq!(account.users.len(), 4);
}

#[test]
fn everyone_reaches_their_own_objects_only() {
    let teams = Teams::new();
    let object = |path: &str| format!("arn:aws:s3:::ml-platform-data/{path}");
    for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] {
        let may = |who, path| teams.may(who, action, &object(path), &[]);
        assert!(may(ALICE, "vision/users/alice/x/y"));
        assert!(!may(ALICE, "vision/users/bob/x"));
        assert!(!may(ALICE, "speech/users/alice/x"));
        assert!(!may(ALICE, "vision/users/alice2/x"));
        assert!(!may(BOB, "vision/users/alice/x"));
        assert!(may(CAROL, "speech/users/carol/x"));
        assert!(!may(CAROL, "vision/users/carol/x"));
        assert!(
            !may(ALICE, "shared/README.txt"),
            "that goes through the role for it"
        );
    }
}

#[test]
fn everyone_lists_their_own_prefix_only() {
    let teams = Teams::new();
    let list = |context: &[(&str, &str)]| {
        teams.may(
            ALICE,
            "s3:ListBucket",
            "arn:aws:s3:::ml-platform-data",
            context,
        )
    };
    assert!(list(&[("s3:prefix", "vision/users/alice/")]));
    assert!(list(&[("s3:prefix", "vision/users/alice/deep/")]));
    assert!(!list(&[]));
    for prefix in [
        "",
        "vision/",
        "vision/users/alice",
        "vision/users/bob/",
        "speech/users/alice/",
    ] {
        assert!(!list(&[("s3:prefix", prefix)]), "{prefix}");
    }
}

#[test]
fn nothing_in_the_bucket_is_reached_without_a_name() {
    let teams = Teams::new();
    let session = "arn:aws:sts::123456789012:assumed-role/SharedDataReader/x";
    let object = "arn:aws:s3:::ml-platform-data/shared/README.txt";
    let may = |context: &[(&str, &str)]| {
        teams.decide("SharedDataReader", session, "s3:GetObject", object, context)
    };
    assert!(may(&[("aws:SourceIdentity", "alice")]));
    assert!(!may(&[]));
}

#[test]
fn everyone_reaches_their_own_jobs_only() {
    let teams = Teams::new();
    let tag = "sagemaker:ResourceTag/sagemaker:user-profile-arn";
    for action in [
        "DescribeTrainingJob",
        "StopTrainingJob",
        "UpdateTrainingJob",
    ] {
        let may =
            |who, owner: &str| teams.may(who, &format!("sagemaker:{action}"), JOB, &[(tag, owner)]);
        assert!(may(ALICE, &profile_arn("d-vision", "alice")));
        assert!(!may(BOB, &profile_arn("d-vision", "alice")));
        assert!(!may(ALICE, &profile_arn("d-speech", "alice")));
        assert!(!may(ALICE, &profile_arn("d-vision", "*")));
        assert!(
            !teams.may(ALICE, &format!("sagemaker:{action}"), JOB, &[]),
            "no owner"
        );
    }
}

#[test]
fn jobs_are_created_in_ones_own_name_only() {
    let teams = Teams::new();
    let tag = "aws:RequestTag/sagemaker:user-profile-arn";
    let (own, other) = (
        profile_arn("d-vision", "alice"),
        profile_arn("d-vision", "bob"),
    );
    let create = |more: &[(&str, &str)]| teams.may(ALICE, "sagemaker:CreateTrainingJob", JOB, more);
    assert!(create(&[]));
    assert!(create(&[(tag, &own)]));
    assert!(!create(&[(tag, &other)]));
    let foreign = "arn:aws:sagemaker:us-east-1:123456789012:domain/d-speech";
    assert!(!create(&[("aws:RequestTag/sagemaker:domain-arn", foreign)]));
    assert!(
        !create(&[("sagemaker:DomainId", "d-speech")]),
        "only from the role's own domain"
    );
    let add = |more: &[(&str, &str)]| {
        let keys = [("aws:TagKeys", "sagemaker:user-profile-arn")];
        teams.may(ALICE, "sagemaker:AddTags", JOB, &[&keys, more].concat())
    };
    let creating = ("sagemaker:TaggingAction", "CreateTrainingJob");
    assert!(add(&[creating, (tag, &own)]));
    assert!(!add(&[creating, (tag, &other)]));
    assert!(!add(&[(tag, &own)]), "not afterwards");
    let keys = [("aws:TagKeys", "sagemaker:user-profile-arn")];
    assert!(!teams.may(ALICE, "sagemaker:DeleteTags", JOB, &keys));
}

#[test]
fn everyone_reaches_their_own_secrets_only() {
    let teams = Teams::new();
    let secret =
        |name: &str| format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-AbCdEf");
    let may = |who, name| teams.may(who, "secretsmanager:GetSecretValue", &secret(name), &[]);
    assert!(may(ALICE, "vision/users/alice/api-token"));
    assert!(!may(BOB, "vision/users/alice/api-token"));
    assert!(!may(CAROL, "vision/users/carol/api-token"));
}

#[test]
fn only_the_teams_own_role_is_passed_and_only_to_sagemaker() {
    let teams = Teams::new();
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let pass = |name: &str, service: &str| {
        teams.may(
            ALICE,
            "iam:PassRole",
            &role(name),
            &[("iam:PassedToService", service)],
        )
    };
    assert!(pass("VisionExecution", "sagemaker.amazonaws.com"));
    assert!(!pass("VisionExecution", "lambda.amazonaws.com"));
    assert!(!pass("SpeechExecution", "sagemaker.amazonaws.com"));
}

#[test]
fn nobody_changes_the_rules() {
    let teams = Teams::new();
    let domain = "arn:aws:sagemaker:us-east-1:123456789012:domain/d-vision";
    assert!(!teams.may(ALICE, "sagemaker:UpdateDomain", domain, &[]));
    let role = "arn:aws:iam::123456789012:role/VisionExecution";
    assert!(!teams.may(ALICE, "iam:PutRolePolicy", role, &[]));
    assert!(teams.may(ALICE, "cloudtrail:LookupEvents", "*", &[]));
    assert!(teams.may(ALICE, "sagemaker:ListTrainingJobs", "*", &[]));
}

#[test]
fn people_open_their_own_studio_and_nothing_else() {
    let teams = Teams::new();
    let user = "arn:aws:iam::123456789012:user/alice";
    let may = |action: &str, resource: &str| teams.decide("alice", user, action, resource, &[]);
    let open = "sagemaker:CreatePresignedDomainUrl";
    assert!(may(open, &profile_arn("d-vision", "alice")));
    assert!(!may(open, &profile_arn("d-vision", "bob")));
    assert!(!may("sagemaker:DescribeTrainingJob", JOB));
    assert!(!may(
        "s3:GetObject",
        "arn:aws:s3:::ml-platform-data/vision/users/alice/notes.txt"
    ));
    let admin = "arn:aws:iam::123456789012:user/admin";
    assert!(teams.decide("admin", admin, "iam:CreateRole", "*", &[]));
}

#[test]
fn only_sagemaker_acting_for_this_account_assumes_the_execution_roles() {
    let teams = Teams::new();
    let trust = compile(&teams.account.roles[1].trust.text, PolicyType::Trust);
    let may = |action: &str, service: &str, arn: &str, account: &str| {
        let policies = Policies {
            identity: None,
            boundary: None,
            session: None,
            resource: Some(&trust),
            endpoint: None,
            service_control: &[],
            resource_control: &[],
            management_account: None,
        };
        let role = "arn:aws:iam::123456789012:role/VisionExecution";
        let request = Request::builder(
            Principal::service(service),
            Action::parse(action).unwrap(),
            Resource::parse(role).unwrap(),
        );
        let request = request
            .set("aws:SourceArn", arn)
            .set("aws:SourceAccount", account);
        decide(&policies, &request.build()).is_allow()
    };
    let (sagemaker, own) = ("sagemaker.amazonaws.com", "123456789012");
    let studio = "arn:aws:sagemaker:us-east-1:123456789012:*";
    for action in ["sts:AssumeRole", "sts:SetSourceIdentity"] {
        assert!(may(action, sagemaker, studio, own));
        assert!(may(action, sagemaker, JOB, own));
        assert!(!may(
            action,
            sagemaker,
            &JOB.replace(own, "999999999999"),
            "999999999999"
        ));
        assert!(!may(action, sagemaker, studio, "999999999999"));
        assert!(!may(action, "lambda.amazonaws.com", studio, own));
    }
    assert!(!may("sts:TagSession", sagemaker, JOB, own));
}

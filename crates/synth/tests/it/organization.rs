//! Several accounts under one organisation.

use policy::{
    AccountId, Action, Policies, PolicySet, PolicyType, Principal, Request, Resource, decide,
};

use crate::{Session, Tenancy, set};

const DATA: &str = "111111111111";
const VISION: &str = "222222222222";
const SPEECH: &str = "333333333333";

#[test]
fn teams_reach_the_data_account_within_their_prefixes() {
    let tenancy = Tenancy::example("organization.toml");
    let of = |account: &str, team: &str, name: &str| {
        let role = format!("{team}-execution");
        let domain = format!("d-{team}");
        Session::studio(&tenancy, (account, role.as_str()), &domain, name).abroad(DATA)
    };
    let object = |key: &str| format!("arn:aws:s3:::acme-ml-data/{key}");
    let someone = of(VISION, "vision", "u000001");
    for action in ["s3:GetObject", "s3:PutObject"] {
        assert!(
            someone.may(action, &object("vision/users/u000001/a")),
            "{action}"
        );
        assert!(someone.may(action, &object("models/a")), "{action}");
        for key in [
            "vision/users/u000002/a",
            "vision/users/u0000011/a",
            "speech/users/u000001/a",
        ] {
            assert!(!someone.may(action, &object(key)), "{action} {key}");
        }
    }
    let listing = someone.clone().set("s3:prefix", "vision/users/u000001/");
    assert!(listing.may("s3:ListBucket", "arn:aws:s3:::acme-ml-data"));
    let nameless = someone.without("aws:SourceIdentity");
    assert!(!nameless.may("s3:GetObject", &object("models/a")));
    let speech = of(SPEECH, "speech", "u000001");
    assert!(speech.may("s3:GetObject", &object("speech/users/u000001/a")));
    assert!(!speech.may("s3:GetObject", &object("vision/users/u000001/a")));
    // An endpoint reaches the shared models and no member's.
    let endpoint = Session::bare(&tenancy, VISION, "vision-service").abroad(DATA);
    assert!(endpoint.may("s3:GetObject", &object("models/a")));
    assert!(!endpoint.may("s3:GetObject", &object("vision/users/u000001/a")));
}

#[test]
fn a_stranger_with_every_permission_reaches_nothing() {
    let tenancy = Tenancy::example("organization.toml");
    let stranger =
        |account: &str, role: &str| Session::job(&tenancy, (account, role), "u000001").abroad(DATA);
    for (account, role) in [
        ("444444444444", "vision-execution"),
        (VISION, "vision-execution2"),
        (SPEECH, "vision-execution"),
    ] {
        let session = stranger(account, role);
        for key in ["vision/users/u000001/a", "models/a"] {
            let object = format!("arn:aws:s3:::acme-ml-data/{key}");
            assert!(
                !session.may_with_every_permission("s3:GetObject", &object),
                "{role} {key}"
            );
        }
    }
}

fn control(tenancy: &Tenancy, service: bool) -> PolicySet {
    let controls = &tenancy.plan.controls;
    let (all, kind) = match service {
        true => (&controls.service, PolicyType::ServiceControl),
        false => (&controls.resource, PolicyType::ResourceControl),
    };
    assert_eq!(all.len(), 1);
    let mine = policy::Document::parse(&all[0].policy.text(), kind).unwrap();
    let full = match service {
        true => {
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#
        }
        false => {
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#
        }
    };
    let full = policy::Document::parse(full, kind).unwrap();
    PolicySet::compile([
        policy::NamedPolicy::new("full", full),
        policy::NamedPolicy::new("mine", mine),
    ])
}

/// Whether a role with every permission may do something under the SCP.
fn role_may(
    role: &str,
    action: &str,
    resource: &str,
    keys: &[(&str, &str)],
    tags: &[&str],
) -> bool {
    let tenancy = Tenancy::example("organization.toml");
    let scp = [control(&tenancy, true)];
    let everything = set(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        PolicyType::Identity,
    );
    let name = role.rsplit('/').next().unwrap();
    let session = format!("arn:aws:sts::{VISION}:assumed-role/{name}/session");
    let mut request = Request::builder(
        Principal::parse(&session).unwrap(),
        Action::parse(action).unwrap(),
        Resource::parse(resource).unwrap(),
    )
    .resource_account(AccountId::parse(VISION).unwrap())
    .set(
        "aws:PrincipalArn",
        format!("arn:aws:iam::{VISION}:role/{role}"),
    );
    for (key, value) in keys {
        request = request.set((*key).to_owned(), *value);
    }
    if !tags.is_empty() {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        request = request.set("aws:TagKeys", tags);
    }
    let policies = Policies {
        identity: Some(&everything),
        service_control: &scp,
        ..Policies::default()
    };
    decide(&policies, &request.build()).is_allow()
}

#[test]
fn guard_rails_hold_everybody_but_administrators() {
    let sagemaker = |rest: &str| format!("arn:aws:sagemaker:eu-west-1:{VISION}:{rest}");
    let role = |name: &str| format!("arn:aws:iam::{VISION}:role/{name}");
    let policy = |name: &str| format!("arn:aws:iam::{VISION}:policy/{name}");
    let trail = format!("arn:aws:cloudtrail:eu-west-1:{VISION}:trail/ml-trail");
    let job = sagemaker("training-job/a");
    let cases: [(&str, String, &[&str]); 10] = [
        ("sagemaker:UpdateDomain", sagemaker("domain/d-vision"), &[]),
        (
            "sagemaker:UpdateUserProfile",
            sagemaker("user-profile/d-vision/u000001"),
            &[],
        ),
        (
            "sagemaker:AddTags",
            job.clone(),
            &["sagemaker:user-profile-arn"],
        ),
        (
            "sagemaker:DeleteTags",
            job.clone(),
            &["color", "sagemaker:domain-arn"],
        ),
        ("iam:UpdateAssumeRolePolicy", role("vision-execution"), &[]),
        ("iam:PutRolePolicy", role("vision-service"), &[]),
        (
            "iam:CreatePolicyVersion",
            policy("vision-execution-data"),
            &[],
        ),
        (
            "iam:SetDefaultPolicyVersion",
            policy("vision-open-studio"),
            &[],
        ),
        ("cloudtrail:StopLogging", trail.clone(), &[]),
        ("cloudtrail:PutEventSelectors", trail, &[]),
    ];
    for (action, resource, tags) in &cases {
        assert!(
            !role_may("Developer", action, resource, &[], tags),
            "{action}"
        );
        assert!(
            !role_may("PlatformAdmin2", action, resource, &[], tags),
            "{action}"
        );
        assert!(
            role_may("PlatformAdmin", action, resource, &[], tags),
            "{action}"
        );
        let center = "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_PlatformAdmin_0123";
        assert!(role_may(center, action, resource, &[], tags), "{action}");
    }
    let creating = [("sagemaker:TaggingAction", "CreateTrainingJob")];
    let tags = ["sagemaker:user-profile-arn"];
    assert!(role_may(
        "Developer",
        "sagemaker:AddTags",
        &job,
        &creating,
        &tags
    ));
    assert!(role_may(
        "Developer",
        "sagemaker:AddTags",
        &job,
        &[],
        &["color"]
    ));
    assert!(role_may(
        "Developer",
        "iam:PutRolePolicy",
        &role("Other"),
        &[],
        &[]
    ));
}

/// Whether a service reaches an object whose bucket lets every service in, under the RCP.
fn service_may(keys: &[(&str, &str)]) -> bool {
    let tenancy = Tenancy::example("organization.toml");
    let rcp = [control(&tenancy, false)];
    let open = set(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
        PolicyType::Resource,
    );
    let mut request = Request::builder(
        Principal::service("sagemaker.amazonaws.com"),
        Action::parse("s3:GetObject").unwrap(),
        Resource::parse("arn:aws:s3:::acme-ml-data/a").unwrap(),
    )
    .resource_account(AccountId::parse(DATA).unwrap())
    .set("aws:PrincipalIsAWSService", "true");
    for (key, value) in keys {
        request = request.set((*key).to_owned(), *value);
    }
    let policies = Policies {
        resource: Some(&open),
        resource_control: &rcp,
        ..Policies::default()
    };
    decide(&policies, &request.build()).is_allow()
}

#[test]
fn no_service_acts_for_a_stranger() {
    let stranger = ("aws:SourceAccount", "666666666666");
    assert!(!service_may(&[
        stranger,
        ("aws:SourceOrgID", "o-zzzzzzzzzz")
    ]));
    assert!(!service_may(&[stranger]));
    assert!(service_may(&[
        ("aws:SourceAccount", VISION),
        ("aws:SourceOrgID", "o-a1b2c3d4e5")
    ]));
    assert!(
        service_may(&[("aws:SourceAccount", "888888888888")]),
        "a trusted account"
    );
    assert!(service_may(&[]), "integrations that do not say for whom");
}

#[test]
fn trails_of_the_accounts_deliver_and_no_others() {
    let tenancy = Tenancy::example("organization.toml");
    let account = &tenancy.plan.accounts[0];
    let bucket = account.buckets.iter().find(|it| it.name == "acme-ml-trail");
    let text = bucket.unwrap().policy.text();
    let policy = set(&text, PolicyType::Resource);
    let deliver = |source: &str, key: &str| {
        let request = Request::builder(
            Principal::service("cloudtrail.amazonaws.com"),
            Action::parse("s3:PutObject").unwrap(),
            Resource::parse(&format!("arn:aws:s3:::acme-ml-trail/{key}")).unwrap(),
        )
        .resource_account(AccountId::parse(DATA).unwrap())
        .set("aws:SourceArn", source)
        .set("s3:x-amz-acl", "bucket-owner-full-control");
        let policies = Policies {
            resource: Some(&policy),
            ..Policies::default()
        };
        decide(&policies, &request.build()).is_allow()
    };
    let trail =
        |account: &str, name: &str| format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/{name}");
    let file = format!("AWSLogs/{VISION}/CloudTrail/a");
    assert!(deliver(&trail(VISION, "ml-trail"), &file));
    assert!(!deliver(&trail("666666666666", "ml-trail"), &file));
    assert!(!deliver(&trail(VISION, "ml-trail2"), &file));
    assert!(!deliver(
        &trail(VISION, "ml-trail"),
        "AWSLogs/666666666666/CloudTrail/a"
    ));
}

#[test]
fn people_come_with_a_session_tag() {
    let tenancy = Tenancy::example("organization.toml");
    let policies = &tenancy.plan.accounts[1].policies;
    let open = policies
        .iter()
        .find(|it| it.name == "vision-open-studio")
        .unwrap();
    let text = open.policy.text();
    assert!(
        text.contains("user-profile/d-vision/${aws:PrincipalTag/studiouserid}\""),
        "{text}"
    );
}

#[test]
fn a_domain_elsewhere_has_its_own_region() {
    let tenancy = Tenancy::example("organization.toml");
    let trust = &tenancy.plan.accounts[2].roles[0].trust.text();
    assert!(
        trust.contains("arn:aws:sagemaker:eu-central-1:333333333333:*"),
        "{trust}"
    );
}

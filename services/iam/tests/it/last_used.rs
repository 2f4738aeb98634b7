//! IAM: when keys, roles and services were last used, and the credential report (IAM API Reference).

use jiff::SignedDuration;
use testkit::documents::{allow, trust, user_arn};
use testkit::{ACCOUNT, Answer, World};

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input)
}

#[test]
fn a_key_tells_when_where_and_for_what_it_was_used() {
    let world = World::new();
    let alice = world.user("alice");
    let ask = || {
        let input = [("AccessKeyId", alice.access_key_id.as_str())];
        root(&world, "GetAccessKeyLastUsed", &input).checked()
    };
    let never = ask();
    assert_eq!(
        (never.xml("ServiceName"), never.xml("Region")),
        ("N/A".into(), "N/A".into())
    );
    assert_eq!(never.find("LastUsedDate"), None);
    let _ = world
        .query(&alice, "sts", "GetCallerIdentity", &[])
        .checked();
    let used = ask();
    assert_eq!(used.xml("UserName"), "alice");
    assert_eq!(used.xml("ServiceName"), "sts");
    assert_eq!(used.xml("LastUsedDate"), "2026-01-02T03:04:05Z");
    // What was noted is written after a minute, and newer uses count before that.
    world.clock.advance(SignedDuration::from_secs(90));
    assert_eq!(
        world.query(&alice, "iam", "ListUsers", &[]).status,
        403,
        "denied, and used"
    );
    let _ = ask();
    assert_eq!(ask().xml("ServiceName"), "iam");
    assert_eq!(ask().xml("LastUsedDate"), "2026-01-02T03:05:35Z");
}

#[test]
fn services_are_reported_as_used_or_never() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["iam:*", "s3:*", "sts:*"], "*"));
    let arn = world.role(
        "R",
        &trust(&user_arn("alice"), &["sts:AssumeRole"]),
        &allow(&["s3:*"], "*"),
    );
    let session = world.assume(&alice, &arn, &[]).checked().credentials();
    let _ = world
        .http(&session, "s3", "GET", "/", &[], "".into())
        .checked();
    let role = root(&world, "GetRole", &[("RoleName", "R")]).checked();
    assert_eq!(role.xml("LastUsedDate"), "2026-01-02T03:04:05Z");
    let job = |arn: &str| {
        let input = [("Arn", arn), ("Granularity", "ACTION_LEVEL")];
        root(&world, "GenerateServiceLastAccessedDetails", &input)
            .checked()
            .xml("JobId")
    };
    let of_role = job(&arn);
    let input = [("JobId", of_role.as_str())];
    let got = root(&world, "GetServiceLastAccessedDetails", &input).checked();
    assert_eq!(got.xml("JobStatus"), "COMPLETED");
    assert_eq!(got.xml("ServiceNamespace"), "s3");
    assert_eq!(got.xml("LastAuthenticatedEntity"), arn);
    assert_eq!(got.xml("ActionName"), "ListBuckets");
    let of_user = job(&user_arn("alice"));
    let input = [("JobId", of_user.as_str())];
    let got = root(&world, "GetServiceLastAccessedDetails", &input)
        .checked()
        .text();
    assert_eq!(
        got.matches("<ServiceNamespace>").count(),
        3,
        "iam, s3 and sts: {got}"
    );
    assert_eq!(
        got.matches("<LastAuthenticatedEntity>").count(),
        1,
        "only sts was used"
    );
    let input = [("JobId", of_user.as_str()), ("ServiceNamespace", "sts")];
    let got = root(&world, "GetServiceLastAccessedDetailsWithEntities", &input).checked();
    assert_eq!(got.xml("Name"), "alice");
    let nobody = [("Arn", "arn:aws:iam::123456789012:user/nobody")];
    let none = root(&world, "GenerateServiceLastAccessedDetails", &nobody);
    assert_eq!(none.error().0, "NoSuchEntity");
}

#[test]
fn a_credential_report_lists_everybody() {
    let world = World::new();
    let _ = world.user("alice");
    assert_eq!(
        root(&world, "GetCredentialReport", &[]).error().0,
        "ReportNotPresent"
    );
    let state = || {
        root(&world, "GenerateCredentialReport", &[])
            .checked()
            .xml("State")
    };
    assert_eq!(
        (state(), state()),
        ("STARTED".to_owned(), "COMPLETE".to_owned())
    );
    let got = root(&world, "GetCredentialReport", &[]).checked();
    assert_eq!(got.xml("ReportFormat"), "text/csv");
    assert!(!got.xml("Content").is_empty(), "{ACCOUNT}");
    world.clock.advance(SignedDuration::from_hours(5));
    assert_eq!(
        root(&world, "GetCredentialReport", &[]).error().0,
        "ReportExpired"
    );
}

#[test]
fn policies_that_let_into_a_service_are_told() {
    let world = World::new();
    let _ = world.user("alice");
    world.put_policy("User", "alice", &allow(&["s3:GetObject", "kms:*"], "*"));
    let _ = root(&world, "CreateGroup", &[("GroupName", "g")]).checked();
    let member = [("GroupName", "g"), ("UserName", "alice")];
    let _ = root(&world, "AddUserToGroup", &member).checked();
    world.put_policy("Group", "g", &allow(&["SageMaker:List*"], "*"));
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    let attach = [("UserName", "alice"), ("PolicyArn", power)];
    let _ = root(&world, "AttachUserPolicy", &attach).checked();
    let alice = user_arn("alice");
    let ask = |namespaces: &[&str]| {
        let names: Vec<String> = (1..=namespaces.len())
            .map(|n| format!("ServiceNamespaces.member.{n}"))
            .collect();
        let mut input = vec![("Arn", alice.as_str())];
        input.extend(
            names
                .iter()
                .map(String::as_str)
                .zip(namespaces.iter().copied()),
        );
        root(&world, "ListPoliciesGrantingServiceAccess", &input)
    };
    let text = ask(&["sagemaker", "iam"]).checked().text().to_owned();
    let (of_iam, of_sagemaker) = text.split_once("<ServiceNamespace>sagemaker").unwrap();
    // The power of power users leaves IAM out, but for a few actions.
    assert_eq!(of_iam.matches("<PolicyName>").count(), 1);
    assert!(of_iam.contains("<PolicyArn>arn:aws:iam::aws:policy/PowerUserAccess</PolicyArn>"));
    assert_eq!(of_sagemaker.matches("<PolicyName>").count(), 2);
    assert!(of_sagemaker.contains("<EntityType>GROUP</EntityType><EntityName>g</EntityName>"));
    let text = ask(&["kms"]).checked().text().to_owned();
    assert!(
        text.contains("<PolicyType>INLINE</PolicyType><EntityType>USER</EntityType>"),
        "{text}"
    );
    let nobody = [
        ("Arn", "arn:aws:iam::123456789012:user/nobody"),
        ("ServiceNamespaces.member.1", "s3"),
    ];
    let missing = root(&world, "ListPoliciesGrantingServiceAccess", &nobody);
    assert_eq!(missing.error().0, "NoSuchEntity");
}

#[test]
fn the_summary_tells_every_quota() {
    let world = World::new();
    let summary = root(&world, "GetAccountSummary", &[]).checked();
    for key in [
        "Users",
        "UsersQuota",
        "Groups",
        "GroupsQuota",
        "Roles",
        "RolesQuota",
        "Policies",
        "PoliciesQuota",
        "PolicyVersionsInUse",
        "PolicyVersionsInUseQuota",
        "InstanceProfiles",
        "InstanceProfilesQuota",
        "ServerCertificates",
        "ServerCertificatesQuota",
        "SigningCertificatesPerUserQuota",
        "GlobalEndpointTokenVersion",
        "AccessKeysPerUserQuota",
        "AttachedPoliciesPerRoleQuota",
    ] {
        assert!(
            summary.text().contains(&format!("<key>{key}</key>")),
            "{key}"
        );
    }
}

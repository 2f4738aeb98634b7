//! IAM: inline and managed policies, boundaries and tags (IAM API Reference; IAM User Guide,
//! "IAM and AWS STS quotas").

use serde_json::json;
use testkit::{ACCOUNT, Answer, Credentials, World};

use testkit::documents::{allow, trust, user_arn};

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input)
}

fn managed(world: &World, name: &str, document: &serde_json::Value) -> String {
    let text = document.to_string();
    let input = [("PolicyName", name), ("PolicyDocument", text.as_str())];
    root(world, "CreatePolicy", &input).checked().xml("Arn")
}

fn may(world: &World, who: &Credentials, operation: &str) -> Result<(), String> {
    let answer = world.query(who, "iam", operation, &[]);
    if answer.status == 200 {
        Ok(())
    } else {
        Err(answer.error().1)
    }
}

#[test]
fn inline_policies_count_at_once_and_until_they_are_deleted() {
    let world = World::new();
    let alice = world.user("alice");
    assert!(may(&world, &alice, "ListUsers").is_err());
    world.put_policy("User", "alice", &allow(&["iam:ListUsers"], "*"));
    assert_eq!(may(&world, &alice, "ListUsers"), Ok(()));
    let named = [("UserName", "alice"), ("PolicyName", "test")];
    let got = root(&world, "GetUserPolicy", &named).checked();
    let document = wire::uri::decode(&got.xml("PolicyDocument"));
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document, allow(&["iam:ListUsers"], "*"));
    let listed = root(&world, "ListUserPolicies", &[("UserName", "alice")]).checked();
    assert_eq!(listed.xml("member"), "test");
    let _ = root(&world, "DeleteUserPolicy", &named).checked();
    assert!(may(&world, &alice, "ListUsers").is_err());
    assert_eq!(
        root(&world, "DeleteUserPolicy", &named).error(),
        (
            "NoSuchEntity".to_owned(),
            "The user policy with name test cannot be found.".to_owned()
        )
    );
}

#[test]
fn managed_policies_count_for_whoever_they_are_attached_to() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = managed(&world, "Listing", &allow(&["iam:ListUsers"], "*"));
    let attach = [("UserName", "alice"), ("PolicyArn", arn.as_str())];
    let _ = root(&world, "AttachUserPolicy", &attach).checked();
    assert_eq!(may(&world, &alice, "ListUsers"), Ok(()));
    let got = root(&world, "GetPolicy", &[("PolicyArn", &arn)]).checked();
    assert_eq!(
        (got.xml("AttachmentCount"), got.xml("DefaultVersionId")),
        ("1".into(), "v1".into())
    );
    assert_eq!(
        root(&world, "DeletePolicy", &[("PolicyArn", &arn)]).error(),
        (
            "DeleteConflict".to_owned(),
            "Cannot delete a policy attached to entities.".to_owned()
        )
    );
    let listed = root(&world, "ListAttachedUserPolicies", &[("UserName", "alice")]).checked();
    assert_eq!(
        (listed.xml("PolicyName"), listed.xml("PolicyArn")),
        ("Listing".into(), arn.clone())
    );
    let _ = root(&world, "DetachUserPolicy", &attach).checked();
    assert!(may(&world, &alice, "ListUsers").is_err());
    let _ = root(&world, "DeletePolicy", &[("PolicyArn", &arn)]).checked();
    assert_eq!(
        root(&world, "AttachUserPolicy", &attach).error(),
        (
            "NoSuchEntity".to_owned(),
            format!("Policy {arn} does not exist or is not attachable.")
        )
    );
}

#[test]
fn the_administrator_policy_of_aws_is_there() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = [("UserName", "alice"), ("PolicyArn", arn)];
    let _ = root(&world, "AttachUserPolicy", &attach).checked();
    assert_eq!(may(&world, &alice, "ListRoles"), Ok(()));
    let version = root(
        &world,
        "GetPolicyVersion",
        &[("PolicyArn", arn), ("VersionId", "v1")],
    );
    assert_eq!(version.checked().xml("IsDefaultVersion"), "true");
}

#[test]
fn a_boundary_limits_and_never_grants() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = managed(&world, "Boundary", &allow(&["iam:ListUsers"], "*"));
    let put = [("UserName", "alice"), ("PermissionsBoundary", arn.as_str())];
    let _ = root(&world, "PutUserPermissionsBoundary", &put).checked();
    assert!(may(&world, &alice, "ListUsers").is_err());
    world.put_policy("User", "alice", &allow(&["iam:List*"], "*"));
    assert_eq!(may(&world, &alice, "ListUsers"), Ok(()));
    let denied = may(&world, &alice, "ListRoles").unwrap_err();
    assert!(denied.ends_with("because no permissions boundary allows the iam:ListRoles action"));
    let got = root(&world, "GetUser", &[("UserName", "alice")]).checked();
    assert_eq!(got.xml("PermissionsBoundaryArn"), arn);
    assert_eq!(
        root(&world, "DeletePolicy", &[("PolicyArn", &arn)])
            .error()
            .0,
        "DeleteConflict"
    );
    let named = [("UserName", "alice")];
    let _ = root(&world, "DeleteUserPermissionsBoundary", &named).checked();
    assert_eq!(may(&world, &alice, "ListRoles"), Ok(()));
}

#[test]
fn a_delegate_must_give_new_users_the_boundary() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = managed(&world, "Boundary", &allow(&["s3:*"], "*"));
    world.put_policy(
        "User",
        "alice",
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:PutUserPolicy"], "Resource": "*",
             "Condition": {"StringEquals": {"iam:PermissionsBoundary": arn}}}
        ]}),
    );
    let create = |input: &[(&str, &str)]| world.query(&alice, "iam", "CreateUser", input);
    assert_eq!(create(&[("UserName", "new")]).error().0, "AccessDenied");
    let _ = create(&[("UserName", "new"), ("PermissionsBoundary", &arn)]).checked();
    let document = allow(&["*"], "*").to_string();
    let put = |name: &str| {
        let input = [
            ("UserName", name),
            ("PolicyName", "p"),
            ("PolicyDocument", document.as_str()),
        ];
        world.query(&alice, "iam", "PutUserPolicy", &input)
    };
    let _ = put("new").checked();
    assert_eq!(put("alice").error().0, "AccessDenied");
}

#[test]
fn which_policy_may_be_attached_is_a_condition() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = managed(&world, "Harmless", &allow(&["s3:GetObject"], "*"));
    world.put_policy(
        "User",
        "alice",
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
             "Condition": {"ArnEquals": {"iam:PolicyARN": arn}}}
        ]}),
    );
    let attach = |arn: &str| {
        let input = [("UserName", "alice"), ("PolicyArn", arn)];
        world.query(&alice, "iam", "AttachUserPolicy", &input)
    };
    assert_eq!(
        attach("arn:aws:iam::aws:policy/AdministratorAccess")
            .error()
            .0,
        "AccessDenied"
    );
    let _ = attach(&arn).checked();
}

#[test]
fn tags_of_roles_take_part_in_decisions() {
    let world = World::new();
    let alice = world.user("alice");
    let _ = world.role(
        "R",
        &trust("*", &["sts:AssumeRole"]),
        &serde_json::Value::Null,
    );
    let own = json!({"StringEquals": {"aws:ResourceTag/team": "a", "iam:ResourceTag/TEAM": "a"}});
    world.put_policy(
        "User",
        "alice",
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": own},
            {"Effect": "Allow", "Action": "iam:TagRole", "Resource": "*",
             "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["color"]},
                           "StringEquals": {"aws:RequestTag/color": "red"}}}
        ]}),
    );
    let get = || {
        world
            .query(&alice, "iam", "GetRole", &[("RoleName", "R")])
            .status
    };
    assert_eq!(get(), 403);
    let tag = |who: &Credentials, key: &str, value: &str| {
        let input = [
            ("RoleName", "R"),
            ("Tags.member.1.Key", key),
            ("Tags.member.1.Value", value),
        ];
        world.query(who, "iam", "TagRole", &input)
    };
    assert_eq!(tag(&alice, "team", "a").error().0, "AccessDenied");
    assert_eq!(tag(&alice, "color", "blue").error().0, "AccessDenied");
    let _ = tag(&alice, "color", "red").checked();
    let _ = tag(world.root(), "team", "a").checked();
    assert_eq!(get(), 200);
    let listed = root(&world, "ListRoleTags", &[("RoleName", "R")])
        .checked()
        .text();
    assert!(listed.contains("<Key>color</Key>") && listed.contains("<Key>team</Key>"));
    let untag = [("RoleName", "R"), ("TagKeys.member.1", "TEAM")];
    let _ = root(&world, "UntagRole", &untag).checked();
    assert_eq!(get(), 403);
    assert_eq!(tag(world.root(), "aws:x", "y").error().0, "InvalidInput");
}

#[test]
fn policies_have_a_size_limit() {
    let world = World::new();
    let _ = world.user("alice");
    let put = |characters: usize| {
        let resource = format!("arn:aws:s3:::{}", "x".repeat(characters));
        let document = allow(&["s3:*"], &resource).to_string();
        let input = [
            ("UserName", "alice"),
            ("PolicyName", "p"),
            ("PolicyDocument", document.as_str()),
        ];
        root(&world, "PutUserPolicy", &input)
    };
    let _ = put(1_900).checked();
    assert_eq!(
        put(2_048).error(),
        (
            "LimitExceeded".to_owned(),
            "Maximum policy size of 2048 bytes exceeded for user alice".to_owned()
        )
    );
    let document = allow(&["s3:*"], &format!("arn:aws:s3:::{}", "x".repeat(6_144))).to_string();
    let input = [("PolicyName", "P"), ("PolicyDocument", document.as_str())];
    assert_eq!(
        root(&world, "CreatePolicy", &input).error().0,
        "LimitExceeded"
    );
    assert!(
        root(&world, "ListPolicies", &[("Scope", "Local")])
            .find("PolicyName")
            .is_none()
    );
}

#[test]
fn malformed_policies_are_refused_and_change_nothing() {
    let world = World::new();
    let _ = world.user("alice");
    let statement = |statement: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    for bad in [
        "{".to_owned(),
        r#"{"Statement": []}x"#.to_owned(),
        statement(json!({"Effect": "Allow", "Action": "s3:*"})),
        statement(json!({"Effect": "allow", "Action": "*", "Resource": "*"})),
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})),
    ] {
        let input = [
            ("UserName", "alice"),
            ("PolicyName", "p"),
            ("PolicyDocument", bad.as_str()),
        ];
        assert_eq!(
            root(&world, "PutUserPolicy", &input).error().0,
            "MalformedPolicyDocument"
        );
    }
    let named = [("UserName", "alice"), ("PolicyName", "p")];
    assert_eq!(root(&world, "GetUserPolicy", &named).status, 404);
}

#[test]
fn policies_that_aws_manages_grant_what_they_are_documented_to() {
    let world = World::new();
    let _ = world.user("alice");
    let alice = user_arn("alice");
    let job = format!("arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/j");
    let domain = format!("arn:aws:sagemaker:us-east-1:{ACCOUNT}:domain/d-1");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/Studio");
    let secret = format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf");
    for (name, action, resource, expected) in [
        (
            "AmazonSageMakerFullAccess",
            "sagemaker:CreateTrainingJob",
            &job,
            true,
        ),
        (
            "AmazonSageMakerFullAccess",
            "sagemaker:CreateDomain",
            &domain,
            false,
        ),
        (
            "AmazonSageMakerFullAccess",
            "sagemaker:DescribeDomain",
            &domain,
            true,
        ),
        ("AmazonSageMakerFullAccess", "iam:PassRole", &role, false),
        (
            "AmazonSageMakerFullAccess",
            "secretsmanager:GetSecretValue",
            &secret,
            false,
        ),
        (
            "AmazonSageMakerReadOnly",
            "sagemaker:DescribeTrainingJob",
            &job,
            true,
        ),
        (
            "AmazonSageMakerReadOnly",
            "sagemaker:CreateTrainingJob",
            &job,
            false,
        ),
        (
            "SecretsManagerReadWrite",
            "secretsmanager:GetSecretValue",
            &secret,
            true,
        ),
        ("SecretsManagerReadWrite", "iam:GetRole", &role, false),
        ("PowerUserAccess", "sagemaker:CreateDomain", &domain, true),
        ("PowerUserAccess", "iam:GetRole", &role, false),
        ("IAMFullAccess", "iam:DeleteRole", &role, true),
        ("IAMReadOnlyAccess", "iam:GetRole", &role, true),
        ("IAMReadOnlyAccess", "iam:DeleteRole", &role, false),
    ] {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        let held = [("UserName", "alice"), ("PolicyArn", arn.as_str())];
        let _ = root(&world, "AttachUserPolicy", &held).checked();
        let input = [
            ("PolicySourceArn", alice.as_str()),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource.as_str()),
        ];
        let answer = root(&world, "SimulatePrincipalPolicy", &input).checked();
        assert_eq!(
            answer.xml("EvalDecision") == "allowed",
            expected,
            "{name} {action}"
        );
        let _ = root(&world, "DetachUserPolicy", &held).checked();
    }
    let unknown = [
        ("UserName", "alice"),
        ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ];
    assert_eq!(
        root(&world, "AttachUserPolicy", &unknown).error().0,
        "NoSuchEntity"
    );
}

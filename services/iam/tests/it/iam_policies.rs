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

/// Puts one changed statement, and gives the sentence of the refusal.
fn refusal(world: &World, operation: &str, member: &str, document: &str) -> String {
    let mut input = vec![(member, document)];
    match operation {
        "CreateRole" => input.push(("RoleName", "refused")),
        _ => input.push(("PolicyName", "refused")),
    }
    let answer = root(world, operation, &input);
    let (code, sentence) = answer.error();
    assert_eq!(code, "MalformedPolicyDocument", "{document}");
    sentence
}

fn changed(statement: &serde_json::Value, changes: &serde_json::Value) -> String {
    let mut fields = statement.as_object().cloned().unwrap_or_default();
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value.is_null() {
            true => drop(fields.remove(name)),
            false => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    json!({"Version": "2012-10-17", "Statement": [fields]}).to_string()
}

#[test]
fn iam_says_in_its_own_words_what_is_wrong_with_a_policy() {
    let world = World::new();
    let say = |document: &str| refusal(&world, "CreatePolicy", "PolicyDocument", document);
    let good = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    for (changes, sentence) in [
        (
            json!({"Principal": "*"}),
            "Policy document should not specify a principal.",
        ),
        (
            json!({"Action": null}),
            "Policy statement must contain actions.",
        ),
        (
            json!({"Action": []}),
            "Policy statement must contain actions.",
        ),
        (
            json!({"Resource": null}),
            "Policy statement must contain resources.",
        ),
        (
            json!({"Effect": "allow"}),
            "The policy failed legacy parsing",
        ),
        (json!({"Effect": null}), "Syntax errors in policy."),
        (json!({"NotAction": "s3:*"}), "Syntax errors in policy."),
        (json!({"Other": 1}), "Syntax errors in policy."),
        (
            json!({"Action": "invalid"}),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            json!({"Action": ["s3:Get:X"]}),
            "Actions/Condition can contain only one colon.",
        ),
        (json!({"Action": "a a:X"}), "Vendor a a is not valid"),
        (
            json!({"Resource": "x"}),
            "Resource x must be in ARN format or \"*\".",
        ),
        (
            json!({"Resource": "arn:error:s3:::x"}),
            "Partition \"error\" is not valid for resource \"arn:error:s3:::x\".",
        ),
        (
            json!({"Sid": "a b"}),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
             regular expression [0-9A-Za-z]*",
        ),
    ] {
        assert_eq!(say(&changed(&good, &changes)), sentence, "{changes}");
    }
    assert_eq!(say("not json"), "Syntax errors in policy.");
    // Of what IAM has no known sentence for, the reason is told.
    let value = json!({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:x"}}});
    assert!(say(&changed(&good, &value)).contains("line 1, column"));
    let named = json!({"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let twice = json!({"Version": "2012-10-17", "Statement": [named, named]});
    assert_eq!(
        say(&twice.to_string()),
        "Statement IDs (SID) in a single policy must be unique."
    );
    let input = [("PolicyName", "p"), ("PolicyDocument", "{}")];
    let answer = root(&world, "CreatePolicy", &input);
    assert!(answer.xml("Detail").contains("has no `Statement`"));
}

#[test]
fn iam_says_in_its_own_words_what_is_wrong_with_a_trust_policy() {
    let world = World::new();
    let member = "AssumeRolePolicyDocument";
    let say = |document: &str| refusal(&world, "CreateRole", member, document);
    let good = json!({
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
    });
    for (changes, sentence) in [
        (json!({"Resource": "*"}), "Has prohibited field Resource"),
        (
            json!({"Principal": null}),
            "Missing required field Principal",
        ),
        (json!({"Action": null}), "Missing required field Action"),
        (
            json!({"Action": ["sts:AssumeRole", "s3:GetObject"]}),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            json!({"Principal": {"Service": "ec2"}}),
            "Invalid principal in policy: \"SERVICE\":\"ec2\"",
        ),
        (
            json!({"Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}}),
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/*\"",
        ),
        (
            json!({"Principal": {}}),
            "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed \
             in policy has a statement with no principals!",
        ),
    ] {
        assert_eq!(say(&changed(&good, &changes)), sentence, "{changes}");
    }
    assert_eq!(say("{"), "This policy contains invalid Json");
    // Wildcards of STS take in what trust is about.
    for action in ["sts:*", "STS:assumerole", "*"] {
        let name = format!("r{}", action.len());
        let document = changed(&good, &json!({"Action": action}));
        let input = [("RoleName", name.as_str()), (member, document.as_str())];
        let _ = root(&world, "CreateRole", &input).checked();
    }
    let input = [
        ("UserName", "alice"),
        ("PolicyArn", "no-arn-at-all-but-long-enough"),
    ];
    let _ = world.user("alice");
    let answer = root(&world, "AttachUserPolicy", &input);
    assert_eq!(answer.error().0, "InvalidInput");
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

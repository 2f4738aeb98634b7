//! Ways around a policy: another spelling, another door to the same effect, a request too big to decide.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::team::{Team, arn, job};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

fn allow(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

#[test]
fn a_policy_of_aws_has_one_arn() {
    let world = World::new();
    let alice = world.user("alice");
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let rules = json!([allow(&["iam:AttachUserPolicy"]),
        {"Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"ArnEquals": {"iam:PolicyARN": admin}}}]);
    world.put_policy("User", "alice", &document(&rules));
    for (partition, code) in [
        ("aws", "AccessDenied"),
        ("aws-cn", "NoSuchEntity"),
        ("x", "NoSuchEntity"),
    ] {
        let alias = admin.replace("arn:aws:", &format!("arn:{partition}:"));
        let input = [("UserName", "alice"), ("PolicyArn", alias.as_str())];
        let refused = world.query(&alice, "iam", "AttachUserPolicy", &input);
        assert_eq!(refused.error().0, code, "{alias}");
    }
    let users = world.query(&alice, "iam", "ListUsers", &[]);
    assert_eq!(users.error().0, "AccessDenied");
}

#[test]
fn an_own_policy_has_one_arn() {
    let world = World::new();
    let own = document(&json!([allow(&["s3:*"])])).to_string();
    let input = [("PolicyName", "P"), ("PolicyDocument", own.as_str())];
    let _ = world
        .query(world.root(), "iam", "CreatePolicy", &input)
        .checked();
    let _ = world.user("alice");
    let alias = format!("arn:aws-cn:iam::{ACCOUNT}:policy/P");
    for (operation, member) in [
        ("AttachUserPolicy", "PolicyArn"),
        ("PutUserPermissionsBoundary", "PermissionsBoundary"),
    ] {
        let input = [("UserName", "alice"), (member, alias.as_str())];
        let refused = world.query(world.root(), "iam", operation, &input);
        assert_eq!(refused.error().0, "NoSuchEntity", "{operation}");
    }
}

/// A policy that keeps tags of SageMaker's own out of `aws:TagKeys` cannot be got round by writing
/// them in another case.
#[test]
fn an_ownership_tag_is_not_changed_by_its_name_in_another_case() {
    let team = Team::new();
    let bob = team.studio("d-vision", "bob");
    let _ = team
        .call(&bob, "CreateTrainingJob", &job("b", "Exec"))
        .checked();
    team.allow(&json!([allow(&["*"]),
        {"Effect": "Deny", "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags"], "Resource": "*",
         "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"}}}]));
    let alice = team.studio("d-vision", "alice");
    let resource = arn("training-job/b");
    let mine = arn("user-profile/d-vision/alice");
    let add = |key: &str| {
        let tags = json!([{"Key": key, "Value": mine}]);
        team.call(
            &alice,
            "AddTags",
            &json!({"ResourceArn": resource, "Tags": tags}),
        )
    };
    let before = team
        .root("ListTags", &json!({"ResourceArn": resource}))
        .json();
    assert_eq!(
        add("sagemaker:user-profile-arn").error().0,
        "AccessDeniedException"
    );
    assert_eq!(
        add("SageMaker:user-profile-arn").error().0,
        "ValidationException"
    );
    let gone = json!({"ResourceArn": resource, "TagKeys": ["SageMaker:user-profile-arn"]});
    let _ = team.call(&alice, "DeleteTags", &gone).checked();
    let after = team
        .root("ListTags", &json!({"ResourceArn": resource}))
        .json();
    assert_eq!(
        (before["Tags"].as_array().map(Vec::len), &before),
        (Some(2), &after)
    );
}

#[test]
fn a_secrets_tag_is_not_changed_by_its_name_in_another_case() {
    let world = World::new();
    let call = |operation: &str, input: &Value| {
        world.json(world.root(), "secretsmanager", operation, input)
    };
    let input = json!({"Name": "s", "Tags": [{"Key": "owner", "Value": "bob"}]});
    call("CreateSecret", &input).checked();
    let tag = json!({"SecretId": "s", "Tags": [{"Key": "Owner", "Value": "alice"}]});
    assert_eq!(
        call("TagResource", &tag).error().0,
        "InvalidParameterException"
    );
    call(
        "UntagResource",
        &json!({"SecretId": "s", "TagKeys": ["OWNER"]}),
    )
    .checked();
    let shown = call("DescribeSecret", &json!({"SecretId": "s"})).json();
    assert_eq!(shown["Tags"], input["Tags"]);
}

#[test]
fn what_is_made_with_tags_is_tagged_and_needs_that_permission() {
    let world = World::new();
    let alice = world.user("alice");
    let trust = document(
        &json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]),
    )
    .to_string();
    let policy = document(&json!([allow(&["s3:*"])])).to_string();
    let named = [
        ("CreateUser", "iam:TagUser", vec![("UserName", "new")]),
        (
            "CreateRole",
            "iam:TagRole",
            vec![("RoleName", "new"), ("AssumeRolePolicyDocument", &trust)],
        ),
        (
            "CreatePolicy",
            "iam:TagPolicy",
            vec![("PolicyName", "new"), ("PolicyDocument", &policy)],
        ),
    ];
    for (operation, tagging, mut input) in named {
        input.extend([
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "red"),
        ]);
        let create = || -> Answer { world.query(&alice, "iam", operation, &input) };
        let creation = format!("iam:{operation}");
        world.put_policy("User", "alice", &document(&json!([allow(&[&creation])])));
        let (code, message) = create().error();
        assert_eq!(code, "AccessDenied");
        assert!(message.contains(tagging), "{message}");
        world.put_policy(
            "User",
            "alice",
            &document(&json!([allow(&[&creation, tagging])])),
        );
        let _ = create().checked();
    }
    let make = |who: &Credentials| {
        let input = json!({"Name": "s", "Tags": [{"Key": "team", "Value": "red"}]});
        world.json(who, "secretsmanager", "CreateSecret", &input)
    };
    world.put_policy(
        "User",
        "alice",
        &document(&json!([allow(&["secretsmanager:CreateSecret"])])),
    );
    let (_, message) = make(&alice).error();
    assert!(message.contains("secretsmanager:TagResource"), "{message}");
}

/// The tags in a copy's header count only where they replace those of the source.
#[test]
fn a_copy_is_decided_by_the_tags_that_it_gets() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("plain", "x").checked();
    let alice = world.user("alice");
    let own = json!({"StringEquals": {"s3:RequestObjectTag/owner": "alice"}});
    let rules = json!([allow(&["s3:GetObject"]),
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:PutObjectTagging"], "Resource": "*", "Condition": own}]);
    world.put_policy("User", "alice", &document(&rules));
    let copy = |directive: &str| {
        let headers = [
            ("x-amz-copy-source", "data/plain"),
            ("x-amz-tagging", "owner=alice"),
            ("x-amz-tagging-directive", directive),
        ];
        bucket.call(&alice, "PUT", "/copy", &headers, "").status
    };
    assert_eq!((copy("COPY"), copy("REPLACE")), (403, 200));
}

#[test]
fn lists_that_are_too_long_are_refused_before_they_are_decided() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let alice = world.user("alice");
    let tags = "<Tag><Key>k</Key><Value>v</Value></Tag>".repeat(11);
    let tags = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
    let refused = bucket.call(&alice, "PUT", "/a?tagging", &[], &tags);
    assert_eq!(refused.error().0, "BadRequest");
    let keys = "<Object><Key>k</Key></Object>".repeat(1_001);
    let keys = format!("<Delete>{keys}</Delete>");
    let refused = bucket.call(&alice, "POST", "?delete", &[], &keys);
    assert_eq!(refused.error().0, "MalformedXML");
}

#[test]
fn a_made_up_region_does_not_hide_what_was_asked_of_services_without_one() {
    let world = World::new();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let json = [
        ("content-type", "application/x-amz-json-1.1"),
        (
            "x-amz-target",
            "AWSOrganizationsV20161128.CreateOrganization",
        ),
    ];
    let create = "Action=CreateUser&Version=2010-05-08&UserName=hidden";
    let calls = [
        ("iam", "CreateUser", &form[..], create),
        ("organizations", "CreateOrganization", &json[..], "{}"),
    ];
    for (service, name, headers, body) in calls {
        let mut parts = testkit::parts("POST", "/", headers);
        let root = world.root();
        let signer = wire::sigv4::Signer {
            access_key: root.access_key_id.clone(),
            secret: root.secret.clone(),
            session_token: None,
            region: "zz-hidden-1".to_owned(),
            service: service.to_owned(),
        };
        let payload = wire::sigv4::Payload::Bytes(body.as_bytes());
        signer
            .sign(&mut parts, world.platform.now(), payload)
            .unwrap();
        let _ = world.send(parts, body.to_owned().into()).checked();
        let event = world.last_event();
        assert_eq!(
            (event.event_name.as_ref(), event.aws_region.as_str()),
            (name, "us-east-1")
        );
    }
}

/// What a denial was about tells the account of who was denied nothing about what belongs to others.
#[test]
fn an_encoded_message_tells_nothing_of_other_accounts() {
    let world = World::new();
    let told = |answer: &Answer| {
        let header = answer.headers.get("x-palisade-authorization-message");
        header.map(|it| it.to_str().unwrap().to_owned())
    };
    let trust = document(&json!([
        {"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
         "Condition": {"StringNotEquals": {"sts:ExternalId": "known to the partner"}}},
    ]));
    let role = world.role("Partner", &trust, &Value::Null);
    let _ = world
        .query(
            world.other_root(),
            "iam",
            "CreateUser",
            &[("UserName", "eve")],
        )
        .checked();
    let key = world
        .query(
            world.other_root(),
            "iam",
            "CreateAccessKey",
            &[("UserName", "eve")],
        )
        .checked();
    let eve = Credentials {
        access_key_id: key.xml("AccessKeyId"),
        secret: key.xml("SecretAccessKey"),
        token: None,
    };
    let secret =
        json!({"Name": "s", "SecretString": "x", "Tags": [{"Key": "project", "Value": "apollo"}]});
    let made = world
        .json(world.root(), "secretsmanager", "CreateSecret", &secret)
        .checked()
        .json();
    let read = json!({"SecretId": made["ARN"]});
    let denied = [
        world.assume(&eve, &role, &[]),
        world.json(&eve, "secretsmanager", "DescribeSecret", &read),
    ];
    for denied in &denied {
        assert_eq!((denied.status / 100, told(denied)), (4, None));
    }
    // Of what is the account's own it tells.
    let own = world.query(&eve, "iam", "ListUsers", &[]);
    assert!(told(&own).is_some());
}

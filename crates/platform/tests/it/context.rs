//! The condition keys of a request (IAM User Guide, "AWS global condition context keys"): there when
//! they should be, and never the client's to set.

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Credentials, World};
use wire::sigv4::{Payload, Signer};

/// Whether a condition holds for `alice` when she asks for her own user.
fn holds(world: &World, alice: &Credentials, condition: &Value) -> bool {
    allow_if(world, condition);
    world
        .query(alice, "iam", "GetUser", &[("UserName", "alice")])
        .status
        == 200
}

fn allow_if(world: &World, condition: &Value) {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*", "Condition": condition}
    ]});
    world.put_policy("User", "alice", &policy);
}

#[test]
fn a_user_has_the_keys_of_a_user() {
    let world = World::new();
    let alice = world.user("alice");
    for tag in [("team", "a"), ("color", "red")] {
        let input = [
            ("UserName", "alice"),
            ("Tags.member.1.Key", tag.0),
            ("Tags.member.1.Value", tag.1),
        ];
        let _ = world
            .query(world.root(), "iam", "TagUser", &input)
            .checked();
    }
    for condition in [
        json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/alice"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "123456789012"}}),
        json!({"StringEquals": {"aws:PrincipalType": "User"}}),
        json!({"StringEquals": {"aws:username": "alice"}}),
        json!({"StringLike": {"aws:userid": "AIDA*"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "a", "aws:PrincipalTag/Color": "red"}}),
        json!({"StringEquals": {"aws:ResourceTag/team": "a", "iam:ResourceTag/color": "red"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "123456789012"}}),
        json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        json!({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"Bool": {"aws:ViaAWSService": "false"}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        json!({"DateEquals": {"aws:CurrentTime": "2026-01-02T03:04:05Z"}}),
        json!({"NumericEquals": {"aws:EpochTime": "1767323045"}}),
        json!({"DateEquals": {"aws:EpochTime": "2026-01-02T03:04:05Z"}}),
    ] {
        assert!(holds(&world, &alice, &condition), "{condition}");
    }
    for absent in [
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthPresent",
        "aws:SourceIdentity",
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:PrincipalServiceName",
        "aws:UserAgent",
        "aws:referer",
        "aws:TagKeys",
        "aws:RequestTag/team",
        "sagemaker:DomainId",
        "sagemaker:UserProfileName",
    ] {
        assert!(
            holds(&world, &alice, &json!({"Null": {absent: "true"}})),
            "{absent}"
        );
    }
    world.clock.advance(SignedDuration::from_secs(60));
    let then = json!({"DateEquals": {"aws:CurrentTime": "2026-01-02T03:05:05Z"}});
    assert!(holds(&world, &alice, &then));
}

#[test]
fn a_session_has_the_keys_of_a_session() {
    let world = World::new();
    let alice = world.user("alice");
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
         "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
    ]});
    let text = trust.to_string();
    let input = [
        ("RoleName", "R"),
        ("Path", "/team/"),
        ("AssumeRolePolicyDocument", text.as_str()),
    ];
    let role = world
        .query(world.root(), "iam", "CreateRole", &input)
        .checked()
        .xml("Arn");
    let named = [("SourceIdentity", "alice")];
    let session = world.assume(&alice, &role, &named).checked().credentials();
    for condition in [
        json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/R"}}),
        json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
        json!({"StringEquals": {"aws:SourceIdentity": "alice"}}),
        json!({"StringLike": {"aws:userid": "AROA*:session"}}),
        json!({"DateEquals": {"aws:TokenIssueTime": "2026-01-02T03:04:05Z"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"Null": {"aws:username": "true"}}),
        json!({"Null": {"sagemaker:DomainId": "true", "sagemaker:UserProfileName": "true"}}),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": condition}
        ]});
        world.put_policy("Role", "R", &policy);
        let answer = world.query(&session, "iam", "GetRole", &[("RoleName", "R")]);
        assert_eq!(answer.status, 200, "{condition}");
    }
}

#[test]
fn what_a_client_says_of_itself_is_only_what_it_says() {
    let world = World::new();
    let alice = world.user("alice");
    let sends = |condition: Value, headers: &[(&str, &str)]| {
        allow_if(&world, &condition);
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        let mut parts = testkit::parts("POST", "/", &all);
        let body = b"Action=GetUser&Version=2010-05-08&UserName=alice";
        let signer = Signer {
            access_key: alice.access_key_id.clone(),
            secret: alice.secret.clone(),
            session_token: None,
            region: "eu-west-1".to_owned(),
            service: "iam".to_owned(),
        };
        signer
            .sign(&mut parts, world.platform.now(), Payload::Bytes(body))
            .unwrap();
        world.send(parts, Bytes::from_static(body)).status == 200
    };
    let agent = json!({"StringEquals": {"aws:UserAgent": "me", "aws:referer": "here"}});
    assert!(sends(agent, &[("user-agent", "me"), ("referer", "here")]));
    // IAM is global: whatever region it is signed for, it is asked in this one.
    assert!(sends(
        json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        &[]
    ));
    for header in [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "x-amz-source-ip",
        "client-ip",
    ] {
        let ip = json!({"IpAddress": {"aws:SourceIp": "203.0.113.7"}});
        assert!(!sends(ip, &[(header, "203.0.113.7")]), "{header}");
    }
    for (header, key) in [
        ("x-amz-source-arn", "aws:SourceArn"),
        ("x-amz-source-account", "aws:SourceAccount"),
        ("x-amz-source-identity", "aws:SourceIdentity"),
        ("x-forwarded-proto", "aws:SecureTransport"),
    ] {
        let condition = json!({"StringEquals": {key: ["x", "true", "https"]}});
        assert!(!sends(condition, &[(header, "x")]), "{header}");
    }
}

#[test]
fn a_tag_in_the_request_never_becomes_another_key() {
    let world = World::new();
    let alice = world.user("alice");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/admin": "yes"}}}
    ]});
    world.put_policy("User", "alice", &policy);
    for key in [
        "admin",
        "x/../PrincipalTag/admin",
        "PrincipalTag/admin",
        "aws:PrincipalTag/admin",
    ] {
        let input = [
            ("UserName", "alice"),
            ("Tags.member.1.Key", key),
            ("Tags.member.1.Value", "yes"),
        ];
        let answer = world.query(&alice, "iam", "TagUser", &input);
        assert_eq!(answer.status / 100, 4, "{key}");
    }
}

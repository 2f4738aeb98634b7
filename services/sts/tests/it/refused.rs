//! What STS refuses, and what it tells about what others refuse.

use serde_json::{Value, json};
use testkit::documents::{allow, document, root_arn, trust};
use testkit::{Credentials, World};

const HEADER: &str = "x-palisade-authorization-message";

fn decode(world: &World, who: &Credentials, message: &str) -> testkit::Answer {
    let input = [("EncodedMessage", message)];
    world.query(who, "sts", "DecodeAuthorizationMessage", &input)
}

#[test]
fn a_denial_can_be_decoded_by_who_may_in_the_account() {
    let world = World::new();
    let (alice, auditor) = (world.user("alice"), world.user("auditor"));
    let policy = document(
        &json!([{"Sid": "No", "Effect": "Deny", "Action": "iam:List*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]),
    );
    world.put_policy("User", "alice", &policy);
    let denied = world.query(&alice, "iam", "ListUsers", &[]);
    assert_eq!(denied.status, 403);
    let message = denied.headers[HEADER].to_str().unwrap().to_owned();
    assert_eq!(decode(&world, &auditor, &message).status, 403);
    world.put_policy(
        "User",
        "auditor",
        &allow(&["sts:DecodeAuthorizationMessage"], "*"),
    );
    let decoded = decode(&world, &auditor, &message)
        .checked()
        .xml("DecodedMessage");
    let decoded: Value = serde_json::from_str(&decoded).unwrap();
    assert_eq!(
        (&decoded["allowed"], &decoded["explicitDeny"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        decoded["matchedStatements"]["items"][0]["statementId"],
        "No"
    );
    assert_eq!(decoded["context"]["action"], "iam:ListUsers");
    assert_eq!(decoded["context"]["principal"]["name"], "alice");
    let keys = decoded["context"]["conditions"]["items"]
        .as_array()
        .unwrap();
    assert!(
        keys.iter().any(|key| key["key"] == "aws:SourceIp"),
        "{decoded}"
    );
    let stranger = decode(&world, world.other_root(), &message);
    assert_eq!(
        (stranger.status, stranger.error().0),
        (400, "InvalidAuthorizationMessageException".to_owned())
    );
    assert_eq!(decode(&world, &auditor, "AQ").status, 400);
}

#[test]
fn what_is_not_built_says_so() {
    let world = World::new();
    let alice = world.user("alice");
    let role = world.role("R", &trust(&root_arn(), &["sts:AssumeRole"]), &Value::Null);
    let form = format!(
        "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn={0}&PrincipalArn={0}&SAMLAssertion=abcd",
        wire::uri::encode(&role)
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let saml = world.send(testkit::parts("POST", "/", &headers), form.into());
    assert_eq!(
        (saml.status, saml.error().0),
        (501, "UnsupportedOperation".to_owned())
    );
    let contexts = [
        (
            "ProvidedContexts.member.1.ProviderArn",
            "arn:aws:iam::aws:contextProvider/IdentityCenter",
        ),
        ("ProvidedContexts.member.1.ContextAssertion", "abcd"),
    ];
    assert_eq!(world.assume(&alice, &role, &contexts).status, 501);
    let input = [
        ("TargetPrincipal", "123456789012"),
        ("TaskPolicyArn.arn", "arn:aws:iam::aws:policy/root-task/X"),
    ];
    assert_eq!(world.query(&alice, "sts", "AssumeRoot", &input).status, 501);
}

#[test]
fn policies_and_tags_have_their_room() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:*"], "*"));
    let role = world.role(
        "R",
        &trust(&root_arn(), &["sts:AssumeRole", "sts:TagSession"]),
        &Value::Null,
    );
    // Letters that cannot be packed.
    let letters = |at: usize| -> String {
        let mut state = u64::try_from(at).unwrap();
        let mut letter = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
        };
        (0..250).map(|_| letter()).collect()
    };
    let tags = |count: usize| {
        let tag = |at: usize| {
            let member = |name: &str| format!("Tags.member.{at}.{name}");
            [
                (member("Key"), format!("key-{at}")),
                (member("Value"), letters(at)),
            ]
        };
        (1..=count).flat_map(tag).collect::<Vec<_>>()
    };
    let assume = |count: usize| {
        let tags = tags(count);
        let input: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        world.assume(&alice, &role, &input)
    };
    let few: u32 = assume(2).checked().xml("PackedPolicySize").parse().unwrap();
    assert!((1..100).contains(&few), "{few}");
    let (code, message) = assume(50).error();
    assert_eq!(code, "PackedPolicyTooLarge");
    assert!(
        message.starts_with("Packed policy consumes ") && message.contains("% of allotted space"),
        "{message}"
    );
    let arns: Vec<(String, &str)> = (1..=11)
        .map(|at| {
            (
                format!("PolicyArns.member.{at}.arn"),
                "arn:aws:iam::aws:policy/AdministratorAccess",
            )
        })
        .collect();
    let arns: Vec<(&str, &str)> = arns.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(
        world.assume(&alice, &role, &arns).error().0,
        "ValidationError"
    );
}

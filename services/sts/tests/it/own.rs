//! `GetSessionToken`, `GetFederationToken`, `GetAccessKeyInfo` (STS API Reference; IAM User Guide,
//! "Compare AWS STS credentials").

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::documents::{allow, document, trust, user_arn};
use testkit::{ACCOUNT, Answer, Credentials, World};
use trail::{IdentityType, UserIdentity};

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input).checked()
}

fn session_of(world: &World, who: &Credentials) -> Credentials {
    let answer = world.query(who, "sts", "GetSessionToken", &[]);
    answer.checked().credentials()
}

fn federate(world: &World, who: &Credentials, more: &[(&str, &str)]) -> Answer {
    let mut input = vec![("Name", "Bob")];
    input.extend_from_slice(more);
    world.query(who, "sts", "GetFederationToken", &input)
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error().0)
}

fn buckets(world: &World, who: &Credentials) -> u16 {
    world
        .http(who, "s3", "GET", "/", &[], Vec::new().into())
        .status
}

fn caller(world: &World, who: &Credentials) -> UserIdentity {
    let _ = world.query(who, "sts", "GetCallerIdentity", &[]).checked();
    UserIdentity::clone(&world.last_event().user_identity)
}

#[test]
fn a_session_token_is_the_user_until_the_key_ends() {
    let world = World::new();
    let alice = world.user("alice");
    let deny = document(&json!([
        {"Effect": "Deny", "Action": "sts:GetSessionToken", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"},
                       "StringEquals": {"aws:username": "alice", "aws:PrincipalType": "User"},
                       "Null": {"aws:TokenIssueTime": "false"}}}]));
    world.put_policy("User", "alice", &deny);
    assert_eq!(buckets(&world, &alice), 403, "a long-term key has no token");
    let session = session_of(&world, &alice);
    assert_eq!(buckets(&world, &session), 200);
    let identity = caller(&world, &session);
    assert_eq!(identity.kind, IdentityType::IAMUser);
    assert_eq!(identity.arn, Some(user_arn("alice")));
    assert!(identity.session_context.unwrap().attributes.is_some());
    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id.as_str()),
    ];
    for (status, expected) in [("Inactive", 400), ("Active", 200)] {
        root(
            &world,
            "UpdateAccessKey",
            &[key[0], key[1], ("Status", status)],
        );
        assert_eq!(buckets(&world, &session), expected, "{status}");
    }
    root(&world, "DeleteAccessKey", &key);
    assert_eq!(buckets(&world, &session), 400);
}

#[test]
fn a_session_token_asks_little_of_sts_and_nothing_of_iam() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["*"], "*"));
    let role = world.role(
        "R",
        &trust(&user_arn("alice"), &["sts:AssumeRole"]),
        &Value::Null,
    );
    let session = session_of(&world, &alice);
    let role_session = world.assume(&session, &role, &[]).checked().credentials();
    let token = (
        "InvalidClientTokenId".to_owned(),
        "The security token included in the request is invalid.".to_owned(),
    );
    assert_eq!(
        world.query(&session, "iam", "ListUsers", &[]).error(),
        token
    );
    let policy = allow(&["*"], "*").to_string();
    let federated = federate(&world, &alice, &[("Policy", &policy)])
        .checked()
        .credentials();
    assert_eq!(
        world.query(&federated, "iam", "ListUsers", &[]).error(),
        token
    );
    for who in [&session, &federated, &role_session] {
        for operation in ["GetSessionToken", "GetFederationToken"] {
            let answer = world.query(who, "sts", operation, &[("Name", "Bob")]);
            let text = format!("Cannot call {operation} with session credentials");
            assert_eq!(answer.error(), ("AccessDenied".to_owned(), text));
        }
    }
    assert_eq!(world.assume(&federated, &role, &[]).status, 403);
    let info = [("AccessKeyId", "AKIAROOT00000000")];
    assert_eq!(
        world
            .query(&session, "sts", "GetAccessKeyInfo", &info)
            .status,
        403
    );
}

#[test]
fn the_root_user_gets_an_hour_and_a_user_a_day_and_a_half() {
    let world = World::new();
    let alice = world.user("alice");
    let until = |who: &Credentials, seconds: &str| {
        let input = [("DurationSeconds", seconds)];
        let answer = world.query(who, "sts", "GetSessionToken", &input).checked();
        let expires: jiff::Timestamp = answer.xml("Expiration").parse().unwrap();
        expires.duration_since(world.platform.now()).as_secs()
    };
    assert_eq!(
        (until(&alice, "129600"), until(world.root(), "129600")),
        (129_600, 3_600)
    );
    assert_eq!(until(world.root(), "900"), 900);
    let long = world.query(
        &alice,
        "sts",
        "GetSessionToken",
        &[("DurationSeconds", "129601")],
    );
    assert_eq!(code(&long), (400, "ValidationError".to_owned()));
    let session = session_of(&world, world.root());
    assert_eq!(caller(&world, &session).kind, IdentityType::Root);
    world.clock.advance(SignedDuration::from_secs(3_600));
    let over = world.query(&session, "sts", "GetCallerIdentity", &[]);
    assert_eq!(code(&over), (403, "ExpiredToken".to_owned()));
}

#[test]
fn a_second_factor_that_nobody_has_is_no_factor() {
    let world = World::new();
    let alice = world.user("alice");
    let input = [
        ("SerialNumber", "arn:aws:iam::123456789012:mfa/a"),
        ("TokenCode", "123456"),
    ];
    let answer = world.query(&alice, "sts", "GetSessionToken", &input);
    assert_eq!(code(&answer), (403, "AccessDenied".to_owned()));
    assert!(
        answer
            .error()
            .1
            .starts_with("MultiFactorAuthentication failed")
    );
}

#[test]
fn a_federated_user_may_what_both_the_user_and_the_session_policy_allow() {
    let world = World::new();
    let alice = world.user("alice");
    assert_eq!(federate(&world, &alice, &[]).status, 403);
    world.put_policy(
        "User",
        "alice",
        &allow(&["sts:GetFederationToken", "s3:*"], "*"),
    );
    let none = federate(&world, &alice, &[]).checked();
    let bob = format!("arn:aws:sts::{ACCOUNT}:federated-user/Bob");
    assert_eq!(none.xml("Arn"), bob);
    assert_eq!(none.xml("FederatedUserId"), format!("{ACCOUNT}:Bob"));
    assert_eq!(none.find("PackedPolicySize"), None);
    assert_eq!(
        buckets(&world, &none.credentials()),
        403,
        "no session policy, no permission"
    );
    let may = allow(&["s3:ListAllMyBuckets", "secretsmanager:*"], "*").to_string();
    let some = federate(&world, &alice, &[("Policy", &may)]).checked();
    let size: u32 = some.xml("PackedPolicySize").parse().unwrap();
    assert!((1..=20).contains(&size), "{size}");
    let some = some.credentials();
    assert_eq!(buckets(&world, &some), 200);
    let secrets = world.json(&some, "secretsmanager", "ListSecrets", &json!({}));
    assert_eq!(secrets.status, 400, "the user may not");
    let identity = caller(&world, &some);
    assert_eq!(identity.kind, IdentityType::FederatedUser);
    assert_eq!(identity.arn, Some(bob));
    let issuer = identity.session_context.unwrap().session_issuer.unwrap();
    assert_eq!(
        (issuer.kind.as_str(), issuer.arn),
        ("IAMUser", user_arn("alice"))
    );
    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id.as_str()),
    ];
    root(&world, "DeleteAccessKey", &key);
    assert_eq!(buckets(&world, &some), 200, "it outlives the key");
    root(
        &world,
        "DeleteUserPolicy",
        &[key[0], ("PolicyName", "test")],
    );
    assert_eq!(
        buckets(&world, &some),
        403,
        "but not the user's permissions"
    );
}

#[test]
fn a_federated_user_of_root_may_what_the_session_policy_says() {
    let world = World::new();
    let may = allow(&["s3:ListAllMyBuckets"], "*").to_string();
    let session = federate(&world, world.root(), &[("Policy", &may)])
        .checked()
        .credentials();
    assert_eq!(buckets(&world, &session), 200);
    let none = federate(&world, world.root(), &[]).checked().credentials();
    assert_eq!(buckets(&world, &none), 403);
}

#[test]
fn a_resource_may_name_a_federated_user_or_the_user_behind() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:GetFederationToken"], "*"));
    world
        .http(world.root(), "s3", "PUT", "/data", &[], Vec::new().into())
        .checked();
    let list = allow(&["s3:ListBucket"], "*").to_string();
    let limited = federate(&world, &alice, &[("Policy", &list)])
        .checked()
        .credentials();
    let other = allow(&["s3:GetObject"], "*").to_string();
    let other = federate(&world, &alice, &[("Policy", &other)])
        .checked()
        .credentials();
    let bob = format!("arn:aws:sts::{ACCOUNT}:federated-user/Bob");
    // The user's permission goes through the session policy, that of the federated user does not.
    for (principal, expected) in [(user_arn("alice"), [200, 403]), (bob, [200, 200])] {
        let policy = document(&json!([{"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data"}]));
        let body = policy.to_string().into();
        world
            .http(world.root(), "s3", "PUT", "/data?policy", &[], body)
            .checked();
        let tried = [&limited, &other].map(|who| {
            world
                .http(who, "s3", "GET", "/data", &[], Vec::new().into())
                .status
        });
        assert_eq!(tried, expected, "{principal}");
    }
}

#[test]
fn tags_of_a_federated_user_need_their_own_permission() {
    let world = World::new();
    let alice = world.user("alice");
    root(
        &world,
        "TagUser",
        &[
            ("UserName", "alice"),
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "a"),
        ],
    );
    world.put_policy(
        "User",
        "alice",
        &allow(&["sts:GetFederationToken", "s3:*"], "*"),
    );
    let may = document(
        &json!([{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "b"}}}]),
    )
    .to_string();
    let tagged = [
        ("Policy", may.as_str()),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "b"),
    ];
    let denied = federate(&world, &alice, &tagged);
    assert!(
        denied
            .error()
            .1
            .contains("perform: sts:TagSession on resource"),
        "{}",
        denied.text()
    );
    world.put_policy(
        "User",
        "alice",
        &allow(&["sts:GetFederationToken", "sts:TagSession", "s3:*"], "*"),
    );
    let session = federate(&world, &alice, &tagged).checked().credentials();
    assert_eq!(
        buckets(&world, &session),
        200,
        "the session's tag overrides the user's"
    );
    let untagged = federate(&world, &alice, &[("Policy", &may)])
        .checked()
        .credentials();
    assert_eq!(buckets(&world, &untagged), 403);
}

#[test]
fn the_account_of_a_key_is_known_from_the_key() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:GetAccessKeyInfo"], "*"));
    let session = session_of(&world, world.root());
    for id in [&alice.access_key_id, &session.access_key_id] {
        let answer = world.query(&alice, "sts", "GetAccessKeyInfo", &[("AccessKeyId", id)]);
        assert_eq!(answer.checked().xml("Account"), ACCOUNT);
    }
    let unknown = world.query(
        &alice,
        "sts",
        "GetAccessKeyInfo",
        &[("AccessKeyId", "AKIA2222222222222222")],
    );
    assert_eq!(code(&unknown), (400, "ValidationError".to_owned()));
}

#[test]
fn a_token_is_as_long_as_it_is_asked_to_be() {
    let world = World::new();
    let alice = world.user("alice");
    let input = [("MinimumSessionTokenSize", "4096")];
    let answer = world
        .query(&alice, "sts", "GetSessionToken", &input)
        .checked();
    assert!(answer.xml("SessionToken").len() >= 4_096);
    assert_eq!(
        caller(&world, &answer.credentials()).arn,
        Some(user_arn("alice"))
    );
}

#[test]
fn older_sessions_are_revoked_by_the_time_at_which_they_were_issued() {
    let world = World::new();
    let alice = world.user("alice");
    let trusting = trust(&user_arn("alice"), &["sts:AssumeRole"]);
    let may = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let role = world.role("R", &trusting, &document(&json!([may])));
    let old = world.assume(&alice, &role, &[]).checked().credentials();
    world.clock.advance(SignedDuration::from_secs(10));
    let now = world.platform.now().to_string();
    let revoke = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": now}}});
    assert_eq!(buckets(&world, &old), 200);
    world.put_policy("Role", "R", &document(&json!([may, revoke])));
    assert_eq!(buckets(&world, &old), 403, "seen by the very next request");
    let new = world.assume(&alice, &role, &[]).checked().credentials();
    assert_eq!(buckets(&world, &new), 200);
}

#[test]
fn a_user_who_is_gone_takes_every_session_along() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["*"], "*"));
    let policy = allow(&["*"], "*").to_string();
    let federated = federate(&world, &alice, &[("Policy", &policy)])
        .checked()
        .credentials();
    assert_eq!(buckets(&world, &federated), 200);
    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id.as_str()),
    ];
    root(&world, "DeleteAccessKey", &key);
    root(
        &world,
        "DeleteUserPolicy",
        &[key[0], ("PolicyName", "test")],
    );
    root(&world, "DeleteUser", &key[..1]);
    let again = world.user("alice");
    world.put_policy("User", "alice", &allow(&["*"], "*"));
    assert_eq!(buckets(&world, &again), 200);
    assert_eq!(
        buckets(&world, &federated),
        400,
        "not revived by another of the name"
    );
}

//! `AssumeRoleWithWebIdentity` (STS API Reference; IAM User Guide, "OIDC federation").

use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::Duration;
use testkit::documents::{allow, document};
use testkit::{ACCOUNT, Answer, World};
use trail::IdentityType;

use crate::issuer::{
    CLIENT, ISSUER, Key, NAME, bring, claims, provide, publish, publish_as, world,
};

fn provider() -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}")
}

/// A trust policy for the issuer's tokens, with a condition.
fn trust(actions: &[&str], condition: &Value) -> Value {
    document(
        &json!([{"Effect": "Allow", "Principal": {"Federated": provider()},
        "Action": actions, "Condition": condition}]),
    )
}

fn role(world: &World) -> String {
    let condition = json!({"StringEquals": {format!("{NAME}:aud"): CLIENT},
        "StringLike": {format!("{NAME}:sub"): "user:*"}});
    let may = allow(&["s3:ListAllMyBuckets"], "*");
    world.role(
        "R",
        &trust(&["sts:AssumeRoleWithWebIdentity"], &condition),
        &may,
    )
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error().0)
}

fn is(answer: &Answer, status: u16, expected: &str) {
    assert_eq!(
        code(answer),
        (status, expected.to_owned()),
        "{}",
        answer.text()
    );
}

#[test]
fn a_token_of_a_known_issuer_is_good_for_a_role_that_trusts_it() {
    for key in [Key::rsa("a"), Key::ec("b")] {
        let world = world(&[&key]);
        let role = role(&world);
        let token = key.token(&claims(&world, &json!({})));
        let answer = bring(&world, &role, &token, &[]).checked();
        assert_eq!(
            answer.xml("Arn"),
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/app1")
        );
        assert_eq!(answer.xml("SubjectFromWebIdentityToken"), "user:alice");
        assert_eq!(answer.xml("Audience"), CLIENT);
        assert_eq!(answer.xml("Provider"), provider());
        let event = world.last_event();
        assert_eq!(event.event_name, "AssumeRoleWithWebIdentity");
        assert_eq!(event.user_identity.kind, IdentityType::WebIdentityUser);
        assert_eq!(event.user_identity.user_name.as_deref(), Some("user:alice"));
        assert_eq!(event.user_identity.identity_provider, Some(provider()));
        let parameters = event.request_parameters.unwrap();
        assert_eq!(parameters["webIdentityToken"], trail::HIDDEN);
        assert_eq!(event.resources[0].arn.as_deref(), Some(role.as_str()));
        let session = answer.credentials();
        world
            .http(&session, "s3", "GET", "/", &[], Vec::new().into())
            .checked();
        let context = world
            .last_event()
            .user_identity
            .session_context
            .clone()
            .unwrap();
        let data = context.web_id_federation_data.unwrap();
        assert_eq!(data.federated_provider, Some(provider()));
    }
}

#[test]
fn a_token_that_is_not_as_it_must_be_is_refused() {
    let (key, stranger) = (Key::ec("a"), Key::ec("a"));
    let world = world(&[&key]);
    let role = role(&world);
    let now = world.platform.now().as_second();
    let refused = |more: Value| bring(&world, &role, &key.token(&claims(&world, &more)), &[]);
    is(&refused(json!({"exp": now})), 400, "ExpiredTokenException");
    is(
        &refused(json!({"nbf": now + 61})),
        400,
        "InvalidIdentityToken",
    );
    is(
        &refused(json!({"iat": now + 61})),
        400,
        "InvalidIdentityToken",
    );
    let _ = refused(json!({"nbf": now + 60})).checked();
    for missing in ["sub", "aud", "iat", "exp", "iss"] {
        is(
            &refused(json!({missing: null})),
            400,
            "InvalidIdentityToken",
        );
    }
    for (name, wrong) in [
        ("exp", json!("soon")),
        ("exp", json!(1.5e10)),
        ("aud", json!([])),
        ("aud", json!(7)),
        ("sub", json!("")),
    ] {
        is(&refused(json!({name: wrong})), 400, "InvalidIdentityToken");
    }
    assert_eq!(
        refused(json!({"aud": "another"})).error().1,
        "Incorrect token audience"
    );
    let unknown = refused(json!({"iss": "https://other.example.com"}));
    let text = "No OpenIDConnect provider found in your account for https://other.example.com";
    assert_eq!(
        unknown.error(),
        ("InvalidIdentityToken".to_owned(), text.to_owned())
    );
    is(
        &refused(json!({"iss": format!("http://{NAME}")})),
        400,
        "InvalidIdentityToken",
    );
    is(
        &bring(
            &world,
            &role,
            &stranger.token(&claims(&world, &json!({}))),
            &[],
        ),
        400,
        "InvalidIdentityToken",
    );
    let good = key.token(&claims(&world, &json!({})));
    let forged = good.replacen('.', "x.", 1);
    is(
        &bring(&world, &role, &forged, &[]),
        400,
        "InvalidIdentityToken",
    );
    is(
        &bring(&world, &role, "an-access-token", &[]),
        400,
        "InvalidIdentityToken",
    );
    let event = world.last_event();
    assert_eq!(event.user_identity.kind, IdentityType::Unknown);
    assert_eq!(event.request_parameters.unwrap()["roleArn"], role);
}

#[test]
fn a_key_signs_only_by_its_own_algorithm() {
    let key = Key::rsa("a");
    let world = world(&[&key]);
    let role = role(&world);
    let claims = claims(&world, &json!({}));
    for algorithm in ["none", "HS256", "RS384", "ES256", "PS256"] {
        let token = key.token_with(&json!({"alg": algorithm, "kid": "a"}), &claims);
        is(
            &bring(&world, &role, &token, &[]),
            400,
            "InvalidIdentityToken",
        );
    }
    let without_id = key.token_with(&json!({"alg": "RS256"}), &claims);
    let _ = bring(&world, &role, &without_id, &[]).checked();
}

#[test]
fn keys_are_kept_and_asked_for_again_when_one_is_unknown() {
    let (old, new) = (Key::ec("old"), Key::ec("new"));
    let world = world(&[&old]);
    let role = role(&world);
    let token = |key: &Key| key.token(&claims(&world, &json!({})));
    for _ in 0..3 {
        let _ = bring(&world, &role, &token(&old), &[]).checked();
    }
    assert_eq!(
        world.web.asked().len(),
        2,
        "the discovery document and the keys, once"
    );
    publish(&world, &[&new]);
    is(
        &bring(&world, &role, &token(&new), &[]),
        400,
        "InvalidIdentityToken",
    );
    assert_eq!(world.web.asked().len(), 2, "not so soon");
    world.clock.advance(SignedDuration::from_secs(10));
    let _ = bring(&world, &role, &token(&new), &[]).checked();
    assert_eq!(world.web.asked().len(), 4);
    world.clock.advance(SignedDuration::from_secs(10));
    is(
        &bring(&world, &role, &token(&old), &[]),
        400,
        "InvalidIdentityToken",
    );
}

#[test]
fn an_issuer_that_does_not_answer_is_told_apart_and_left_alone_for_a_while() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let role = role(&world);
    world.web.remove("https://idp.example.com/keys");
    let token = || key.token(&claims(&world, &json!({})));
    for _ in 0..2 {
        is(
            &bring(&world, &role, &token(), &[]),
            400,
            "IDPCommunicationError",
        );
    }
    assert_eq!(world.web.asked().len(), 2);
    publish(&world, &[&key]);
    world.clock.advance(SignedDuration::from_secs(10));
    let _ = bring(&world, &role, &token(), &[]).checked();
    // Keys come from where the issuer itself says, and over TLS.
    let elsewhere =
        json!({"issuer": "https://other.example.com", "jwks_uri": "https://idp.example.com/keys"});
    let plain = json!({"issuer": ISSUER, "jwks_uri": "http://idp.example.com/keys"});
    for discovery in [elsewhere, plain] {
        world.web.put(
            &format!("{ISSUER}/.well-known/openid-configuration"),
            &discovery,
        );
        world.clock.advance(SignedDuration::from_hours(1));
        is(
            &bring(&world, &role, &token(), &[]),
            400,
            "IDPCommunicationError",
        );
    }
}

#[test]
fn an_issuer_that_is_slow_holds_up_few() {
    let (known, unknown) = (Key::ec("known"), Key::ec("unknown"));
    let world = world(&[&known]);
    let role = role(&world);
    let token = |key: &Key| key.token(&claims(&world, &json!({})));
    let _ = bring(&world, &role, &token(&known), &[]).checked();
    world.clock.advance(SignedDuration::from_secs(10));
    world.web.hold(true);
    let (answers, answered) = channel();
    let soon = || answered.recv_timeout(Duration::from_secs(20));
    std::thread::scope(|scope| {
        let send = |token: String| {
            let (answers, world, role) = (answers.clone(), &world, &role);
            scope.spawn(move || answers.send(bring(world, role, &token, &[])).is_ok());
        };
        for _ in 0..40 {
            send(token(&unknown));
        }
        let early: Vec<_> = (0..8).map(|_| soon()).collect();
        send(token(&known));
        let in_time = soon();
        world.web.hold(false);
        for answer in early {
            is(&answer.unwrap(), 400, "IDPCommunicationError");
        }
        assert_eq!(in_time.unwrap().status, 200);
        for _ in 0..32 {
            is(&soon().unwrap(), 400, "InvalidIdentityToken");
        }
    });
    assert_eq!(world.web.asked().len(), 4);
}

#[test]
fn the_trust_policy_decides_by_what_the_token_says() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let role = role(&world);
    let bring = |more: Value| bring(&world, &role, &key.token(&claims(&world, &more)), &[]);
    let denied = bring(json!({"sub": "robot:1"}));
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert_eq!(denied.error(), ("AccessDenied".to_owned(), text.to_owned()));
    assert_eq!(denied.status, 403);
    assert_eq!(
        world.last_event().user_identity.user_name.as_deref(),
        Some("robot:1")
    );
    // Where the token says for which party it was issued, that is its audience.
    is(
        &bring(json!({"azp": "another"})),
        400,
        "InvalidIdentityToken",
    );
    let _ = bring(json!({"aud": "https://api", "azp": CLIENT})).checked();
    // Several audiences are several values of the key, which `StringEquals` alone never matches.
    is(
        &bring(json!({"aud": [CLIENT, "another"]})),
        403,
        "AccessDenied",
    );
    let nobody = format!("arn:aws:iam::{ACCOUNT}:role/None");
    let token = key.token(&claims(&world, &json!({})));
    let missing = crate::issuer::bring(&world, &nobody, &token, &[]);
    assert_eq!(
        missing.error().1,
        text,
        "a role that does not exist is refused alike"
    );
}

#[test]
fn several_audiences_and_methods_are_values_of_a_set() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let condition = json!({"ForAnyValue:StringEquals": {format!("{NAME}:aud"): CLIENT, format!("{NAME}:amr"): "otp"}});
    let role = world.role(
        "S",
        &trust(&["sts:AssumeRoleWithWebIdentity"], &condition),
        &Value::Null,
    );
    let bring = |more: Value| bring(&world, &role, &key.token(&claims(&world, &more)), &[]);
    let _ = bring(json!({"aud": [CLIENT, "another"], "amr": ["pwd", "otp"]})).checked();
    is(&bring(json!({"amr": "pwd"})), 403, "AccessDenied");
    is(&bring(json!({})), 403, "AccessDenied");
}

#[test]
fn claims_of_a_provider_that_aws_knows_are_condition_keys_where_the_role_is_assumed() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let role = |issuer: &str, condition: Value| {
        publish_as(&world, issuer, &[&key]);
        provide(&world, issuer);
        let name = issuer.strip_prefix("https://").unwrap();
        let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}");
        let rules = json!([{"Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}]);
        let may = json!([{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*",
            "Condition": {"Null": {format!("{name}:repository"): "true"}}}]);
        world.role(&name.replace('.', "-"), &document(&rules), &document(&may))
    };
    let bring = |issuer: &str, role: &str, more: Value| {
        let mut claims = claims(&world, &more);
        claims["iss"] = json!(issuer);
        bring(&world, role, &key.token(&claims), &[])
    };
    let github = "https://token.actions.githubusercontent.com";
    let name = "token.actions.githubusercontent.com";
    let condition = json!({"StringLike": {format!("{name}:repository"): "ml/*"},
        "StringNotEquals": {format!("{name}:ref"): "refs/heads/wild"}});
    let of_github = role(github, condition);
    let good = json!({"repository": "ml/models", "ref": "refs/heads/main"});
    let session = bring(github, &of_github, good).checked().credentials();
    let listed = world.http(&session, "s3", "GET", "/", &[], Vec::new().into());
    let _ = listed.checked();
    for bad in [
        json!({"repository": "other/models", "ref": "refs/heads/main"}),
        json!({"repository": "ml/models", "ref": "refs/heads/wild"}),
        json!({}),
    ] {
        is(&bring(github, &of_github, bad), 403, "AccessDenied");
    }
    let google = "https://accounts.google.com";
    let organization = "accounts.google.com:google/organization_number";
    let of_google = role(google, json!({"StringEquals": {organization: "7"}}));
    let told = json!({"google": {"organization_number": 7}});
    let _ = bring(google, &of_google, told).checked();
    // A provider that calls itself as AWS calls its own keys sets none of them.
    let named = "https://aws";
    let of_named = role(
        named,
        json!({"StringEquals": {"aws:RequestTag/team": "red"}}),
    );
    let told = json!({"RequestTag/team": "red"});
    is(&bring(named, &of_named, told), 403, "AccessDenied");
}

#[test]
fn tags_and_source_identity_of_the_token_need_their_permissions_and_go_down_the_chain() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let more = json!({
        "https://aws.amazon.com/tags": {
            "principal_tags": {"Project": ["Lighthouse"], "Team": "a"},
            "transitive_tag_keys": ["Project"]},
        "https://aws.amazon.com/source_identity": "alice"});
    let token = key.token(&claims(&world, &more));
    let actions = [
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ];
    let may = document(&json!([
        {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringEquals": {
            "aws:PrincipalTag/Team": "a", "aws:SourceIdentity": "alice", "aws:FederatedProvider": provider(),
            format!("{NAME}:sub"): "user:alice"}}}]));
    for lacking in [1, 2] {
        let held: Vec<&str> = actions
            .iter()
            .copied()
            .filter(|it| *it != actions[lacking])
            .collect();
        let role = world.role(&format!("L{lacking}"), &trust(&held, &json!({})), &may);
        let text = format!("Not authorized to perform {}", actions[lacking]);
        assert_eq!(bring(&world, &role, &token, &[]).error().1, text);
    }
    let role = world.role("T", &trust(&actions, &json!({})), &may);
    let answer = bring(&world, &role, &token, &[]).checked();
    assert_eq!(answer.xml("SourceIdentity"), "alice");
    let parameters = world.last_event().request_parameters.unwrap();
    assert_eq!(parameters["principalTags"]["Project"], "Lighthouse");
    assert_eq!(parameters["transitiveTagKeys"], json!(["Project"]));
    assert_eq!(parameters["sourceIdentity"], "alice");
    let session = answer.credentials();
    world
        .http(&session, "s3", "GET", "/", &[], Vec::new().into())
        .checked();
    let next = json!([{"Effect": "Allow", "Principal": {"AWS": role}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {"StringEquals": {"aws:PrincipalTag/Project": "Lighthouse"}}}]);
    let next = world.role("Next", &document(&next), &Value::Null);
    let _ = world.assume(&session, &next, &[]).checked();
    let parameters = world.last_event().request_parameters.unwrap();
    assert_eq!(
        parameters["incomingTransitiveTags"],
        json!({"Project": "Lighthouse"})
    );
}

#[test]
fn claims_that_cannot_be_are_rejected() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let role = role(&world);
    for more in [
        json!({"https://aws.amazon.com/tags": "Team"}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["a", "b"]}}}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"Team": 7}}}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"T*": ["a"]}}}),
        json!({"https://aws.amazon.com/source_identity": "a b"}),
        json!({"https://aws.amazon.com/source_identity": ""}),
    ] {
        let token = key.token(&claims(&world, &more));
        is(&bring(&world, &role, &token, &[]), 403, "IDPRejectedClaim");
    }
    let reserved = json!({"https://aws.amazon.com/source_identity": "aws:alice"});
    let token = key.token(&claims(&world, &reserved));
    is(&bring(&world, &role, &token, &[]), 403, "IDPRejectedClaim");
}

#[test]
fn a_session_of_a_token_has_the_limits_of_every_session() {
    let key = Key::ec("a");
    let world = world(&[&key]);
    let role = role(&world);
    let token = key.token(&claims(&world, &json!({})));
    is(
        &bring(&world, &role, &token, &[("DurationSeconds", "3601")]),
        400,
        "ValidationError",
    );
    let policy = allow(&["sts:*"], "*").to_string();
    let limited = bring(&world, &role, &token, &[("Policy", &policy)])
        .checked()
        .credentials();
    assert_eq!(
        world
            .http(&limited, "s3", "GET", "/", &[], Vec::new().into())
            .status,
        403
    );
    is(
        &bring(&world, &role, &token, &[("ProviderId", "www.amazon.com")]),
        501,
        "UnsupportedOperation",
    );
}

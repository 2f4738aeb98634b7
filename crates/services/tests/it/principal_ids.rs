//! Principals of stored policies are unique ids (IAM User Guide, "AWS JSON policy elements: Principal").

use serde_json::{Value, json};
use store::{Key, Write};
use testkit::documents::{allow, document, trust, user_arn};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

fn shown_trust(world: &World, role: &str) -> Value {
    let answer = world.query(world.root(), "iam", "GetRole", &[("RoleName", role)]);
    let text = answer.checked().xml("AssumeRolePolicyDocument");
    serde_json::from_slice(&wire::uri::decode(&text)).unwrap()
}

fn delete_user(world: &World, name: &str, key: &Credentials) {
    let input = [("UserName", name), ("AccessKeyId", &key.access_key_id)];
    for (operation, input) in [("DeleteAccessKey", &input[..]), ("DeleteUser", &input[..1])] {
        let _ = world.query(world.root(), "iam", operation, input).checked();
    }
}

fn put_bucket_policy(world: &World, principal: &str) -> Answer {
    let policy = document(&json!([{"Effect": "Allow", "Principal": {"AWS": principal},
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data"}]));
    let body = policy.to_string().into();
    world.http(world.root(), "s3", "PUT", "/data?policy", &[], body)
}

fn get(world: &World, who: &Credentials, path: &str) -> Answer {
    world.http(who, "s3", "GET", path, &[], Vec::new().into())
}

#[test]
fn a_trusted_user_who_is_recreated_is_not_trusted() {
    let world = World::new();
    let alice = world.user("alice");
    let trusting = trust(&user_arn("alice"), &["sts:AssumeRole"]);
    let role = world.role("R", &trusting, &Value::Null);
    assert_eq!(shown_trust(&world, "R"), trusting);
    let _ = world.assume(&alice, &role, &[]).checked();
    delete_user(&world, "alice", &alice);
    let gone = shown_trust(&world, "R")["Statement"][0]["Principal"]["AWS"].clone();
    assert!(gone.as_str().unwrap().starts_with("AIDA"), "{gone}");
    let again = world.user("alice");
    assert_eq!(world.assume(&again, &role, &[]).status, 403);
    assert_eq!(
        shown_trust(&world, "R")["Statement"][0]["Principal"]["AWS"],
        gone
    );
    let stale = trust(gone.as_str().unwrap(), &["sts:AssumeRole"]).to_string();
    let input = [("RoleName", "R"), ("PolicyDocument", stale.as_str())];
    let refused = world.query(world.root(), "iam", "UpdateAssumeRolePolicy", &input);
    assert_eq!(refused.error().0, "MalformedPolicyDocument");
}

#[test]
fn a_principal_that_does_not_exist_is_refused_in_the_words_of_each_service() {
    let world = World::new();
    let bob = user_arn("bob");
    let policy = trust(&bob, &["sts:AssumeRole"]).to_string();
    let input = [
        ("RoleName", "R"),
        ("AssumeRolePolicyDocument", policy.as_str()),
    ];
    let answer = world.query(world.root(), "iam", "CreateRole", &input);
    let text = format!("Invalid principal in policy: \"AWS\":\"{bob}\"");
    assert_eq!(answer.status, 400);
    assert_eq!(answer.error(), ("MalformedPolicyDocument".to_owned(), text));
    world
        .http(world.root(), "s3", "PUT", "/data", &[], Vec::new().into())
        .checked();
    let answer = put_bucket_policy(&world, &bob);
    assert_eq!(answer.status, 400);
    let expected = (
        "MalformedPolicy".to_owned(),
        "Invalid principal in policy".to_owned(),
    );
    assert_eq!(answer.error(), expected);
    assert_eq!(answer.xml("Detail"), format!("\"AWS\" : \"{bob}\""));
    let secret = json!({"Name": "s", "SecretString": "x"});
    world
        .json(world.root(), "secretsmanager", "CreateSecret", &secret)
        .checked();
    let policy = document(&json!([{"Effect": "Allow", "Principal": {"AWS": bob},
        "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]));
    let input = json!({"SecretId": "s", "ResourcePolicy": policy.to_string()});
    let answer = world.json(world.root(), "secretsmanager", "PutResourcePolicy", &input);
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .error()
            .0
            .contains("MalformedPolicyDocumentException")
    );
}

#[test]
fn a_bucket_policy_knows_a_role_by_its_id() {
    let world = World::new();
    let alice = world.user("alice");
    let trusting = trust(&user_arn("alice"), &["sts:AssumeRole"]);
    let role = world.role("R", &trusting, &allow(&["s3:GetBucketPolicy"], "*"));
    world
        .http(world.root(), "s3", "PUT", "/data", &[], Vec::new().into())
        .checked();
    put_bucket_policy(&world, &role).checked();
    let session = world.assume(&alice, &role, &[]).checked().credentials();
    get(&world, &session, "/data").checked();
    assert!(
        get(&world, world.root(), "/data?policy")
            .text()
            .contains(&role)
    );
    let policy = [("RoleName", "R"), ("PolicyName", "test")];
    let _ = world
        .query(world.root(), "iam", "DeleteRolePolicy", &policy)
        .checked();
    let _ = world
        .query(world.root(), "iam", "DeleteRole", &policy[..1])
        .checked();
    assert!(
        get(&world, world.root(), "/data?policy")
            .text()
            .contains("AROA")
    );
    let _ = world.role("R", &trusting, &Value::Null);
    let session = world.assume(&alice, &role, &[]).checked().credentials();
    assert_eq!(get(&world, &session, "/data").status, 403);
}

#[test]
fn accounts_become_their_root_and_the_rest_stays_as_it_was_written() {
    let world = World::new();
    let _ = world.user("alice");
    let text = format!(
        r#"{{"Version" : "2012-10-17", "Statement": {{ "Sid":"é", "Effect":"Allow",
            "Principal": {{"AWS": ["{OTHER_ACCOUNT}", "arn:aws:iam::{ACCOUNT}:user\u002falice", "*"]}},
            "Action":"sts:AssumeRole"}}}}"#
    );
    let input = [
        ("RoleName", "R"),
        ("AssumeRolePolicyDocument", text.as_str()),
    ];
    let _ = world
        .query(world.root(), "iam", "CreateRole", &input)
        .checked();
    let shown = shown_trust(&world, "R");
    assert_eq!(shown["Statement"]["Sid"], "é");
    let root = format!("arn:aws:iam::{OTHER_ACCOUNT}:root");
    let principals = json!([root, user_arn("alice"), "*"]);
    assert_eq!(shown["Statement"]["Principal"]["AWS"], principals);
}

/// A role as the first format kept it.
fn old_role(name: &str, id: &str, principal: &str) -> Vec<u8> {
    let trust = trust(principal, &["sts:AssumeRole"]).to_string();
    let role = json!({
        "name": name, "path": "/", "id": id, "created": "2026-01-02T03:04:05Z",
        "description": null, "max_session_duration": 3600, "trust": trust, "tags": [],
        "policies": {"inline": {}, "managed": [], "boundary": null}
    });
    role.to_string().into_bytes()
}

#[test]
fn policies_that_were_stored_by_name_are_bound_to_those_who_live() {
    let world = World::new();
    let alice = world.user("alice");
    let store = world.platform.store();
    let old = |name: &str, id: &str, principal: &str| {
        let (key, json) = (Key::new([ACCOUNT, name]), old_role(name, id, principal));
        let write = |tx: &mut dyn Write| tx.put_bytes("iam-role", &key, 1, &json);
        store.write(write).unwrap();
    };
    old("living", "AROALIVING00000000000", &user_arn("alice"));
    old("gone", "AROAGONE0000000000000", &user_arn("bob"));
    services::migrate(&world.platform).unwrap();
    services::migrate(&world.platform).unwrap();
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let _ = world.assume(&alice, &role("living"), &[]).checked();
    let bob = world.user("bob");
    assert_eq!(world.assume(&bob, &role("gone"), &[]).status, 403);
    delete_user(&world, "alice", &alice);
    let alice = world.user("alice");
    assert_eq!(world.assume(&alice, &role("living"), &[]).status, 403);
    // The index knows roles that were there before it.
    world
        .http(world.root(), "s3", "PUT", "/data", &[], Vec::new().into())
        .checked();
    put_bucket_policy(&world, "AROALIVING00000000000").checked();
    assert!(
        get(&world, world.root(), "/data?policy")
            .text()
            .contains(&role("living"))
    );
}

#[test]
fn a_blueprint_may_name_principals_that_it_makes_later() {
    let world = World::new();
    let policy = |account: &str, name: &str| {
        trust(
            &format!("arn:aws:iam::{account}:role/{name}"),
            &["sts:AssumeRole"],
        )
        .to_string()
    };
    let text = format!(
        r#"
region = "us-east-1"
[[account]]
id = "{ACCOUNT}"
name = "one"
[[account]]
id = "{OTHER_ACCOUNT}"
name = "two"
[[role]]
account = "one"
name = "Near"
trust = '{}'
[[role]]
account = "two"
name = "Far"
trust = '{}'
"#,
        policy(OTHER_ACCOUNT, "Far"),
        policy(ACCOUNT, "Near"),
    );
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let apply = |text: &str| {
        let read = blueprint::read("test.toml", text, &none).unwrap_or_else(|e| panic!("{e}"));
        services::bootstrap::apply(&world.platform, &read)
    };
    assert_eq!(apply(&text).unwrap().changes, 2);
    assert_eq!(apply(&text).unwrap().changes, 0);
    let near = format!("arn:aws:iam::{OTHER_ACCOUNT}:role/Far");
    assert_eq!(
        shown_trust(&world, "Near")["Statement"][0]["Principal"]["AWS"],
        near
    );
    let error = apply(&text.replace("role/Near", "role/None")).unwrap_err();
    assert!(error.message().contains("role/None"), "{error}");
}

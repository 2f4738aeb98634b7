//! Applying a blueprint: whole or not at all, and only once.

use serde_json::json;
use services::bootstrap::{self, Applied};
use testkit::{ACCOUNT, Credentials, World};

const TEXT: &str = r#"
region = "us-east-1"

[[account]]
id = "123456789012"
name = "platform"

[[policy]]
name = "Ceiling"
document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}'

[[role]]
name = "Reader"
trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"}, "Action": "sts:AssumeRole"}]}'
policies = [{ name = "read", document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]}' }]
tags = { team = "a" }

[[user]]
name = "alice"
boundary = "Ceiling"
managed_policies = ["Ceiling"]

[[bucket]]
name = "ml-data"
policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::ml-data/shared/*"}]}'
objects = [{ key = "shared/a.txt", text = "for all" }, { key = "own/b.txt", text = "for none" }]

[[secret]]
name = "team/token"
value = "hidden-value"
description = "the team's"
tags = { team = "a" }

[[domain]]
name = "vision"
id = "d-vision"
user_profiles = ["alice", "bob"]
execution_role_identity_config = "USER_PROFILE_NAME"
tags = { team = "vision" }

[domain.execution_role]
name = "Execution"
trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}]}'

[[user]]
name = "bob"
access_key = { id = "AKIABOBBOBBOBBOBBOBB", secret = "bob-secret-bob-secret" }
"#;

fn apply(world: &World, text: &str) -> Result<Applied, String> {
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let blueprint = blueprint::read("test.toml", text, &none).map_err(|it| it.to_string())?;
    bootstrap::apply(&world.platform, &blueprint).map_err(|it| it.to_string())
}

#[test]
fn what_it_names_is_there_and_works() {
    let world = World::new();
    let applied = apply(&world, TEXT).unwrap();
    let [made] = applied.new_keys.as_slice() else {
        panic!("one new key")
    };
    assert_eq!(
        (made.user.as_str(), made.account.as_str()),
        ("alice", ACCOUNT)
    );
    let alice = Credentials {
        access_key_id: made.key.id.clone(),
        secret: made.key.secret.clone(),
        token: None,
    };
    let role = format!("arn:aws:iam::{ACCOUNT}:role/Reader");
    let session = world.assume(&alice, &role, &[]).checked().credentials();
    let got = world
        .query(&session, "iam", "GetRole", &[("RoleName", "Reader")])
        .checked();
    assert_eq!(
        (got.xml("Key"), got.xml("Value")),
        ("team".to_owned(), "a".to_owned())
    );
    let _ = world.query(&alice, "iam", "ListUsers", &[]).checked();
    let bob = Credentials {
        access_key_id: "AKIABOBBOBBOBBOBBOBB".to_owned(),
        secret: "bob-secret-bob-secret".to_owned(),
        token: None,
    };
    let _ = world.query(&bob, "sts", "GetCallerIdentity", &[]).checked();
}

#[test]
fn its_buckets_and_secrets_hold_what_they_held_from_the_beginning() {
    let world = World::new();
    let _ = apply(&world, TEXT).unwrap();
    let bob = Credentials {
        access_key_id: "AKIABOBBOBBOBBOBBOBB".to_owned(),
        secret: "bob-secret-bob-secret".to_owned(),
        token: None,
    };
    let get = |who: &Credentials, key: &str| {
        world.http(
            who,
            "s3",
            "GET",
            &format!("/ml-data/{key}"),
            &[],
            Vec::new().into(),
        )
    };
    assert_eq!(get(&bob, "shared/a.txt").checked().text(), "for all");
    assert_eq!(get(&bob, "own/b.txt").error().0, "AccessDenied");
    let put = world.http(
        world.root(),
        "s3",
        "PUT",
        "/ml-data/own/b.txt",
        &[],
        "changed".into(),
    );
    let _ = put.checked();
    let value = || {
        let input = json!({"SecretId": "team/token"});
        let answer = world.json(world.root(), "secretsmanager", "GetSecretValue", &input);
        answer.checked().json()["SecretString"].clone()
    };
    assert_eq!(value(), "hidden-value");
    let again = apply(&world, &TEXT.replace("hidden-value", "another")).unwrap();
    assert_eq!(
        again.changes, 0,
        "values and objects are the owners' from then on"
    );
    assert_eq!(value(), "hidden-value");
    assert_eq!(get(world.root(), "own/b.txt").checked().text(), "changed");
    let described = json!({"SecretId": "team/token"});
    let described = world.json(world.root(), "secretsmanager", "DescribeSecret", &described);
    assert_eq!(described.checked().json()["Tags"][0]["Value"], "a");
    let text: String = world
        .events()
        .iter()
        .map(|event| format!("{event:?}"))
        .collect();
    assert!(!text.contains("hidden-value"));
}

#[test]
fn a_bucket_of_another_account_is_refused() {
    let world = World::new();
    let made = world.http(
        world.other_root(),
        "s3",
        "PUT",
        "/ml-data",
        &[],
        Vec::new().into(),
    );
    let _ = made.checked();
    let refused = apply(&world, TEXT).unwrap_err();
    assert!(refused.contains("the bucket `ml-data` exists in the account 210987654321"));
}

#[test]
fn its_tenants_open_studio_under_their_own_names() {
    let world = World::new();
    let _ = apply(&world, TEXT).unwrap();
    let input = json!({"DomainId": "d-vision", "UserProfileName": "bob"});
    let described = world
        .json(world.root(), "sagemaker", "DescribeUserProfile", &input)
        .checked();
    assert_eq!(described.json()["Status"], "InService");
    let url = world
        .json(
            world.root(),
            "sagemaker",
            "CreatePresignedDomainUrl",
            &input,
        )
        .checked();
    let url = url.json()["AuthorizedUrl"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("http://localhost").unwrap();
    let opened = world
        .send(testkit::parts("GET", path, &[]), Vec::new().into())
        .checked();
    let member = |name: &str| opened.json()[name].as_str().unwrap().to_owned();
    let session = Credentials {
        access_key_id: member("AccessKeyId"),
        secret: member("SecretAccessKey"),
        token: Some(member("SessionToken")),
    };
    let _ = world
        .query(&session, "sts", "GetCallerIdentity", &[])
        .checked();
    let identity = world.last_event().user_identity;
    assert_eq!(identity.source_identity(), Some("bob"));
    let arn = identity.arn.as_deref().unwrap();
    assert!(arn.ends_with("assumed-role/Execution/SageMaker"));
    let input = json!({"DomainId": "d-vision"});
    let domain = world
        .json(world.root(), "sagemaker", "DescribeDomain", &input)
        .checked();
    assert_eq!(
        domain.json()["DomainSettings"]["ExecutionRoleIdentityConfig"],
        "USER_PROFILE_NAME"
    );
}

#[test]
fn a_second_time_changes_nothing_and_a_change_only_what_it_changes() {
    let world = World::new();
    assert!(apply(&world, TEXT).unwrap().changes > 4);
    let ids = |name: &str| {
        world
            .query(world.root(), "iam", "GetRole", &[("RoleName", name)])
            .xml("RoleId")
    };
    let id = ids("Reader");
    let events = world.events().len();
    let again = apply(&world, TEXT).unwrap();
    assert_eq!((again.changes, again.new_keys.len()), (0, 0));
    assert_eq!(
        world.events().len(),
        events,
        "nothing happened, so nothing is recorded"
    );
    let changed = apply(&world, &TEXT.replace("iam:Get*", "iam:GetRole")).unwrap();
    assert_eq!(changed.changes, 1);
    assert_eq!(world.last_event().event_name, "ApplyBlueprint");
    assert_eq!(ids("Reader"), id);
    let changed = apply(&world, &TEXT.replace("\"iam:*\"", "\"s3:*\"")).unwrap();
    assert_eq!(changed.changes, 2, "the policy, and the role as it was");
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/Ceiling");
    let got = world
        .query(world.root(), "iam", "GetPolicy", &[("PolicyArn", &arn)])
        .checked();
    assert_eq!(got.xml("DefaultVersionId"), "v2");
}

#[test]
fn what_cannot_be_leaves_all_as_it_was() {
    let world = World::new();
    let _ = world
        .query(
            world.root(),
            "iam",
            "CreateUser",
            &[("UserName", "bob"), ("Path", "/x/")],
        )
        .checked();
    let refused = apply(&world, TEXT).unwrap_err();
    assert!(
        refused.contains("the user `bob` exists with the path `/x/`"),
        "{refused}"
    );
    let role = world.query(world.root(), "iam", "GetRole", &[("RoleName", "Reader")]);
    assert_eq!(role.status, 404);
}

#[test]
fn an_access_key_of_somebody_else_is_refused() {
    let world = World::new();
    let carol = world.user("carol");
    let text = TEXT.replace("AKIABOBBOBBOBBOBBOBB", &carol.access_key_id);
    assert!(
        apply(&world, &text)
            .unwrap_err()
            .contains("already belongs to somebody else")
    );
    let _ = world
        .query(&carol, "sts", "GetCallerIdentity", &[])
        .checked();
}

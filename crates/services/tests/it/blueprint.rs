//! Applying a blueprint: whole or not at all, and only once.

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

//! IAM: users, their keys, and roles (IAM API Reference).

use serde_json::Value;
use testkit::{ACCOUNT, Answer, Credentials, World};

use testkit::documents::{allow, trust, user_arn};

fn error(answer: &Answer) -> (u16, String, String) {
    let (code, message) = answer.error();
    (answer.status, code, message)
}

fn is(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!(error(answer), (status, code.to_owned(), message.to_owned()));
}

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input)
}

#[test]
fn a_user_lives_from_creation_to_deletion() {
    let world = World::new();
    let input = [
        ("UserName", "alice"),
        ("Path", "/team/"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
    ];
    let made = root(&world, "CreateUser", &input).checked();
    assert_eq!(
        made.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/team/alice")
    );
    assert_eq!(made.xml("CreateDate"), "2026-01-02T03:04:05Z");
    assert_eq!(
        root(&world, "GetUser", &[("UserName", "alice")]).xml("UserId"),
        made.xml("UserId")
    );
    is(
        &root(&world, "CreateUser", &[("UserName", "ALICE")]),
        409,
        "EntityAlreadyExists",
        "User with name ALICE already exists.",
    );
    is(
        &root(&world, "GetUser", &[("UserName", "Alice")]),
        404,
        "NoSuchEntity",
        "The user with name Alice cannot be found.",
    );
    let key = root(&world, "CreateAccessKey", &[("UserName", "alice")]).checked();
    is(
        &root(&world, "DeleteUser", &[("UserName", "alice")]),
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete access keys first.",
    );
    let id = key.xml("AccessKeyId");
    let input = [("UserName", "alice"), ("AccessKeyId", id.as_str())];
    let _ = root(&world, "DeleteAccessKey", &input).checked();
    let _ = root(&world, "DeleteUser", &[("UserName", "alice")]).checked();
    assert_eq!(
        root(&world, "GetUser", &[("UserName", "alice")]).status,
        404
    );
    assert!(
        root(&world, "ListUsers", &[])
            .checked()
            .find("UserName")
            .is_none()
    );
}

#[test]
fn a_key_works_while_it_is_active_and_its_user_exists() {
    let world = World::new();
    let alice = world.user("alice");
    let who = |credentials: &Credentials| {
        let answer = world.query(credentials, "sts", "GetCallerIdentity", &[]);
        answer.find("Code").unwrap_or_else(|| answer.xml("Arn"))
    };
    assert_eq!(who(&alice), user_arn("alice"));
    let status = |status: &str| {
        let id = alice.access_key_id.as_str();
        let input = [
            ("UserName", "alice"),
            ("AccessKeyId", id),
            ("Status", status),
        ];
        let _ = root(&world, "UpdateAccessKey", &input).checked();
    };
    status("Inactive");
    assert_eq!(who(&alice), "InvalidClientTokenId");
    status("Active");
    assert_eq!(who(&alice), user_arn("alice"));
    let second = root(&world, "CreateAccessKey", &[("UserName", "alice")]).checked();
    is(
        &root(&world, "CreateAccessKey", &[("UserName", "alice")]),
        409,
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    );
    let listed = root(&world, "ListAccessKeys", &[("UserName", "alice")])
        .checked()
        .text();
    assert!(listed.contains(&second.xml("AccessKeyId")));
    assert!(!listed.contains(&second.xml("SecretAccessKey")));
    let other = world.user("bob");
    let input = [
        ("UserName", "alice"),
        ("AccessKeyId", other.access_key_id.as_str()),
    ];
    assert_eq!(
        root(&world, "DeleteAccessKey", &input).error().0,
        "NoSuchEntity"
    );
    assert_eq!(who(&other), user_arn("bob"));
}

#[test]
fn secrets_of_keys_never_stand_in_the_trail() {
    let world = World::new();
    let alice = world.user("alice");
    let text: String = world
        .events()
        .iter()
        .map(|event| format!("{event:?}"))
        .collect();
    assert!(text.contains(&alice.access_key_id) && !text.contains(&alice.secret));
}

#[test]
fn a_user_manages_its_own_keys_without_naming_itself() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy(
        "User",
        "alice",
        &allow(&["iam:*AccessKey*"], &user_arn("${aws:username}")),
    );
    let made = world.query(&alice, "iam", "CreateAccessKey", &[]).checked();
    assert_eq!(made.xml("UserName"), "alice");
    let _ = world.user("bob");
    let answer = world.query(&alice, "iam", "CreateAccessKey", &[("UserName", "bob")]);
    assert_eq!(
        answer.error().1,
        format!(
            "User: {} is not authorized to perform: iam:CreateAccessKey on resource: {} because \
             no identity-based policy allows the iam:CreateAccessKey action",
            user_arn("alice"),
            user_arn("bob")
        )
    );
}

#[test]
fn a_role_lives_from_creation_to_deletion() {
    let world = World::new();
    let trusting = trust("*", &["sts:AssumeRole"]);
    let arn = world.role("R", &trusting, &allow(&["s3:*"], "*"));
    let got = root(&world, "GetRole", &[("RoleName", "R")]).checked();
    assert_eq!(
        (got.xml("Arn"), got.xml("MaxSessionDuration")),
        (arn, "3600".to_owned())
    );
    let document = wire::uri::decode(&got.xml("AssumeRolePolicyDocument"));
    assert_eq!(
        serde_json::from_slice::<Value>(&document).unwrap(),
        trusting
    );
    let text = trusting.to_string();
    let input = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", text.as_str()),
    ];
    is(
        &root(&world, "CreateRole", &input),
        409,
        "EntityAlreadyExists",
        "Role with name r already exists.",
    );
    is(
        &root(&world, "DeleteRole", &[("RoleName", "R")]),
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
    );
    let input = [("RoleName", "R"), ("PolicyName", "test")];
    let _ = root(&world, "DeleteRolePolicy", &input).checked();
    let input = [("RoleName", "R"), ("PolicyDocument", "{}")];
    assert_eq!(
        root(&world, "UpdateAssumeRolePolicy", &input).error().0,
        "MalformedPolicyDocument"
    );
    let _ = world.user("alice");
    let changed = trust(&user_arn("alice"), &["sts:AssumeRole"]).to_string();
    let input = [("RoleName", "R"), ("PolicyDocument", changed.as_str())];
    let _ = root(&world, "UpdateAssumeRolePolicy", &input).checked();
    let _ = root(&world, "DeleteRole", &[("RoleName", "R")]).checked();
    is(
        &root(&world, "GetRole", &[("RoleName", "R")]),
        404,
        "NoSuchEntity",
        "The role with name R cannot be found.",
    );
}

#[test]
fn who_may_not_ask_does_not_learn_whether_there_is_one() {
    let world = World::new();
    let alice = world.user("alice");
    let _ = world.role("R", &trust("*", &["sts:AssumeRole"]), &Value::Null);
    let ask = |name: &str| {
        world
            .query(&alice, "iam", "GetRole", &[("RoleName", name)])
            .error()
    };
    let (there, not_there) = (ask("R"), ask("None"));
    assert_eq!(there.0, "AccessDenied");
    assert_eq!(there.1.replace("role/R", "role/None"), not_there.1);
}

#[test]
fn listings_come_in_pages_whose_markers_are_good_only_there() {
    let world = World::new();
    for name in ["c", "a", "b"] {
        let _ = world.user(name);
    }
    let first = root(&world, "ListUsers", &[("MaxItems", "2")]).checked();
    assert_eq!(first.xml("IsTruncated"), "true");
    let marker = first.xml("Marker");
    let next = root(&world, "ListUsers", &[("Marker", &marker)]).checked();
    assert_eq!(
        (next.xml("UserName"), next.xml("IsTruncated")),
        ("c".to_owned(), "false".to_owned())
    );
    for (operation, input) in [
        ("ListRoles", vec![("Marker", marker.as_str())]),
        (
            "ListUsers",
            vec![("Marker", marker.as_str()), ("PathPrefix", "/x/")],
        ),
        ("ListUsers", vec![("Marker", "b")]),
    ] {
        assert_eq!(
            root(&world, operation, &input).error().0,
            "ValidationError",
            "{operation}"
        );
    }
}

#[test]
fn accounts_do_not_see_each_other() {
    let world = World::new();
    let _ = world.user("alice");
    let other = world.other_root();
    let answer = world.query(other, "iam", "GetUser", &[("UserName", "alice")]);
    assert_eq!(answer.error().0, "NoSuchEntity");
    let _ = world
        .query(other, "iam", "CreateUser", &[("UserName", "alice")])
        .checked();
    assert!(
        world
            .query(other, "iam", "ListUsers", &[])
            .text()
            .matches("<UserName>")
            .count()
            == 1
    );
}

#[test]
fn input_that_breaks_the_shapes_changes_nothing() {
    let world = World::new();
    for input in [
        vec![("UserName", "a b")],
        vec![("UserName", "")],
        vec![],
        vec![("UserName", "a"), ("Path", "no-slash")],
    ] {
        let answer = root(&world, "CreateUser", &input);
        assert_eq!(
            (answer.status, answer.error().0.as_str()),
            (400, "ValidationError"),
            "{input:?}"
        );
    }
    assert!(
        root(&world, "ListUsers", &[])
            .checked()
            .find("UserName")
            .is_none()
    );
}

//! Listing, filtering and reading many (Secrets Manager API Reference).

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::World;
use testkit::documents::{allow, document};

use crate::secrets::{call, create, root};

fn names(answer: &Value) -> Vec<String> {
    let listed = answer["SecretList"].as_array().unwrap().iter();
    listed
        .map(|it| it["Name"].as_str().unwrap().to_owned())
        .collect()
}

fn listed(world: &World, input: &Value) -> Vec<String> {
    names(&root(world, "ListSecrets", input).checked().json())
}

/// A world with some secrets, each made a minute after the one before.
fn filled() -> World {
    let world = World::new();
    for (name, description, tag) in [
        (
            "team/alice",
            "Password of the billing database",
            ("env", "prod"),
        ),
        ("team/bob", "", ("env", "test")),
        ("Team/carol", "billing API key", ("Env", "prod-eu")),
    ] {
        let input = json!({"Name": name, "SecretString": "v", "Description": description,
                           "Tags": [{"Key": tag.0, "Value": tag.1}]});
        root(&world, "CreateSecret", &input).checked();
        world.clock.advance(SignedDuration::from_secs(60));
    }
    world
}

#[test]
fn filters_match_prefixes_and_words() {
    let world = filled();
    for (key, values, expected) in [
        ("name", json!(["team/"]), vec!["team/alice", "team/bob"]),
        ("name", json!(["alice"]), vec![]),
        (
            "name",
            json!(["team/a", "Team/"]),
            vec!["team/alice", "Team/carol"],
        ),
        ("name", json!(["!team/a"]), vec!["team/bob", "Team/carol"]),
        (
            "description",
            json!(["BILLING"]),
            vec!["team/alice", "Team/carol"],
        ),
        ("description", json!(["dat bil"]), vec!["team/alice"]),
        ("description", json!(["illing"]), vec![]),
        ("description", json!(["database key"]), vec![]),
        ("tag-key", json!(["env"]), vec!["team/alice", "team/bob"]),
        (
            "tag-value",
            json!(["prod"]),
            vec!["team/alice", "Team/carol"],
        ),
        ("tag-value", json!(["!prod"]), vec!["team/bob"]),
        ("all", json!(["BILL"]), vec!["team/alice", "Team/carol"]),
        ("all", json!(["billing database"]), vec!["team/alice"]),
        (
            "all",
            json!(["team prod"]),
            vec!["team/alice", "Team/carol"],
        ),
        ("all", json!(["illing"]), vec![]),
        (
            "primary-region",
            json!(["us-"]),
            vec!["team/alice", "team/bob", "Team/carol"],
        ),
        ("owning-service", json!(["rds"]), vec![]),
    ] {
        let input = json!({"Filters": [{"Key": key, "Values": values}], "SortOrder": "asc"});
        assert_eq!(listed(&world, &input), expected, "{key} {values}");
    }
    for empty in [json!({"Values": ["x"]}), json!({"Key": "description"})] {
        let input = json!({"Filters": [empty]});
        for operation in ["ListSecrets", "BatchGetSecretValue"] {
            let refused = root(&world, operation, &input).error();
            assert_eq!(refused.0, "InvalidParameterException", "{empty}");
        }
    }
    let both = json!({"Filters": [{"Key": "name", "Values": ["team/"]}, {"Key": "tag-value", "Values": ["prod"]}]});
    assert_eq!(listed(&world, &both), ["team/alice"]);
    let unknown = json!({"Filters": [{"Key": "color", "Values": ["red"]}]});
    assert_eq!(
        root(&world, "ListSecrets", &unknown).error().0,
        "ValidationException"
    );
}

#[test]
fn lists_are_sorted_as_asked_and_cut_into_pages() {
    let world = filled();
    assert_eq!(
        listed(&world, &json!({})),
        ["team/alice", "team/bob", "Team/carol"]
    );
    let by = |key: &str, order: &str| listed(&world, &json!({"SortBy": key, "SortOrder": order}));
    assert_eq!(by("name", "asc"), ["Team/carol", "team/alice", "team/bob"]);
    world.clock.advance(SignedDuration::from_hours(48));
    root(&world, "GetSecretValue", &json!({"SecretId": "team/bob"})).checked();
    assert_eq!(by("last-accessed-date", "desc")[0], "team/bob");
    let described = root(&world, "DescribeSecret", &json!({"SecretId": "team/bob"})).json();
    let read = described["LastAccessedDate"].as_f64().unwrap();
    assert!(read % 86_400.0 == 0.0, "{read}");
    root(
        &world,
        "UpdateSecret",
        &json!({"SecretId": "team/alice", "Description": "new"}),
    )
    .checked();
    assert_eq!(by("last-changed-date", "desc")[0], "team/alice");
    let first = root(&world, "ListSecrets", &json!({"MaxResults": 2}))
        .checked()
        .json();
    assert_eq!(names(&first), ["team/alice", "team/bob"]);
    let next = json!({"MaxResults": 2, "NextToken": first["NextToken"]});
    let second = root(&world, "ListSecrets", &next).checked().json();
    assert_eq!(names(&second), ["Team/carol"]);
    assert!(second.get("NextToken").is_none());
    let other = json!({"SortOrder": "desc", "NextToken": first["NextToken"]});
    assert_eq!(
        root(&world, "ListSecrets", &other).error().0,
        "InvalidNextTokenException"
    );
}

#[test]
fn a_batch_decides_on_each_secret_by_itself() {
    let world = World::new();
    for name in ["red/a", "red/b", "blue/a"] {
        create(&world, name, name);
    }
    root(&world, "DeleteSecret", &json!({"SecretId": "red/b"})).checked();
    let alice = world.user("alice");
    let read = "arn:aws:secretsmanager:*:*:secret:red/*";
    let rules = json!([
        {"Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": read},
    ]);
    world.put_policy("User", "alice", &document(&rules));
    let batch = |input: Value| call(&world, &alice, "BatchGetSecretValue", &input);
    let ids = json!({"SecretIdList": ["red/a", "red/b", "red/none", "blue/a", "blue/none"]});
    let answer = batch(ids).checked().json();
    let values = answer["SecretValues"].as_array().unwrap();
    assert_eq!(values.len(), 1);
    assert_eq!(
        (&values[0]["Name"], &values[0]["SecretString"]),
        (&json!("red/a"), &json!("red/a"))
    );
    let errors = answer["Errors"].as_array().unwrap().iter();
    let errors: Vec<(&str, &str)> = errors
        .map(|it| {
            (
                it["SecretId"].as_str().unwrap(),
                it["ErrorCode"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        errors,
        [
            ("red/b", "InvalidRequestException"),
            ("red/none", "ResourceNotFoundException"),
            ("blue/a", "AccessDeniedException"),
            ("blue/none", "AccessDeniedException"),
        ]
    );
    let filtered = json!({"Filters": [{"Key": "name", "Values": ["red/", "blue/"]}]});
    assert_eq!(batch(filtered.clone()).error().0, "AccessDeniedException");
    for wrong in [
        json!({}),
        json!({"SecretIdList": ["a"], "Filters": [{"Key": "name", "Values": ["a"]}]}),
        json!({"SecretIdList": ["a"], "MaxResults": 3}),
    ] {
        let refused = root(&world, "BatchGetSecretValue", &wrong);
        assert_eq!(refused.error().0, "InvalidParameterException", "{wrong}");
    }
    world.put_policy("User", "alice", &allow(&["secretsmanager:*"], "*"));
    let answer = batch(filtered).checked().json();
    assert_eq!(answer["SecretValues"].as_array().unwrap().len(), 2);
    let paged = json!({"Filters": [{"Key": "name", "Values": ["red/", "blue/"]}], "MaxResults": 1});
    let page = batch(paged).checked().json();
    assert_eq!(page["SecretValues"].as_array().unwrap().len(), 1);
    assert!(page["NextToken"].is_string());
}

//! Secrets Manager: versions, names, permissions and sealing (Secrets Manager User Guide).

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Key, Scan};
use testkit::documents::document;
use testkit::{ACCOUNT, Answer, Credentials, REGION, World};

pub(crate) fn call(world: &World, who: &Credentials, operation: &str, input: &Value) -> Answer {
    world.json(who, "secretsmanager", operation, input)
}

pub(crate) fn root(world: &World, operation: &str, input: &Value) -> Answer {
    call(world, world.root(), operation, input)
}

pub(crate) fn create(world: &World, name: &str, value: &str) -> String {
    let input = json!({"Name": name, "SecretString": value});
    let made = root(world, "CreateSecret", &input).checked().json();
    made["ARN"].as_str().unwrap().to_owned()
}

pub(crate) fn value(world: &World, input: &Value) -> Value {
    root(world, "GetSecretValue", input).checked().json()["SecretString"].clone()
}

#[test]
fn a_secret_goes_by_name_arn_and_partial_arn() {
    let world = World::new();
    let arn = create(&world, "team/alice-key", "v");
    let prefix = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:team/alice-key");
    assert_eq!(arn.len(), prefix.len() + 7);
    assert!(arn.starts_with(&prefix));
    for id in ["team/alice-key", &arn, &prefix] {
        assert_eq!(value(&world, &json!({"SecretId": id})), "v", "{id}");
    }
    let (start, _) = arn.split_at(arn.len() - 1);
    for id in [
        "team/alice",
        "Team/alice-key",
        &format!("{start}~"),
        &prefix.replace(REGION, "eu-west-1"),
    ] {
        let refused = root(&world, "GetSecretValue", &json!({"SecretId": id}));
        let (code, _) = refused.error();
        assert!(
            ["ResourceNotFoundException", "ValidationException"].contains(&code.as_str()),
            "{id}: {code}"
        );
    }
}

#[test]
fn the_current_value_becomes_the_previous_one() {
    let world = World::new();
    create(&world, "s", "one");
    let id = json!({"SecretId": "s"});
    let put = root(
        &world,
        "PutSecretValue",
        &json!({"SecretId": "s", "SecretString": "two"}),
    );
    assert_eq!(put.checked().json()["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(value(&world, &id), "two");
    let previous = json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"});
    assert_eq!(value(&world, &previous), "one");
    root(
        &world,
        "UpdateSecret",
        &json!({"SecretId": "s", "SecretString": "three"}),
    )
    .checked();
    assert_eq!(value(&world, &previous), "two");
    let staged = json!({"SecretId": "s", "SecretString": "four", "VersionStages": ["next"]});
    let staged = root(&world, "PutSecretValue", &staged).checked().json();
    assert_eq!(value(&world, &id), "three");
    let version = json!({"SecretId": "s", "VersionId": staged["VersionId"]});
    assert_eq!(value(&world, &version), "four");
    let wrong =
        json!({"SecretId": "s", "VersionId": staged["VersionId"], "VersionStage": "AWSCURRENT"});
    assert_eq!(
        root(&world, "GetSecretValue", &wrong).error().0,
        "InvalidRequestException"
    );
    for unknown in [
        json!({"SecretId": "s", "VersionStage": "x"}),
        json!({"SecretId": "s", "VersionId": "x".repeat(32)}),
    ] {
        assert_eq!(
            root(&world, "GetSecretValue", &unknown).error().0,
            "ResourceNotFoundException"
        );
    }
    let described = root(&world, "DescribeSecret", &id).checked().json();
    assert_eq!(
        described["VersionIdsToStages"].as_object().unwrap().len(),
        3
    );
    let all = json!({"SecretId": "s", "IncludeDeprecated": true});
    let all = root(&world, "ListSecretVersionIds", &all).checked().json();
    assert_eq!(all["Versions"].as_array().unwrap().len(), 4);
}

#[test]
fn the_same_token_makes_the_same_version_once() {
    let world = World::new();
    let token = "t".repeat(32);
    let input = json!({"Name": "s", "SecretString": "one", "ClientRequestToken": token});
    let first = root(&world, "CreateSecret", &input).checked().json();
    assert_eq!(root(&world, "CreateSecret", &input).checked().json(), first);
    let put = |value: &str| {
        let input = json!({"SecretId": "s", "SecretString": value, "ClientRequestToken": token});
        root(&world, "PutSecretValue", &input)
    };
    assert_eq!(put("one").checked().json()["VersionId"], token);
    assert_eq!(put("two").error().0, "ResourceExistsException");
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "one");
    let other = json!({"Name": "s", "SecretString": "one"});
    assert_eq!(
        root(&world, "CreateSecret", &other).error().0,
        "ResourceExistsException"
    );
}

#[test]
fn an_update_with_a_token_that_is_taken_changes_nothing() {
    let world = World::new();
    let token = "t".repeat(32);
    let create = json!({"Name": "s", "SecretString": "one", "Description": "first",
                        "ClientRequestToken": token});
    let made = root(&world, "CreateSecret", &create).checked().json();
    let update = |value: &str, text: &str| {
        let input = json!({"SecretId": "s", "SecretString": value, "Description": text,
                           "ClientRequestToken": token});
        root(&world, "UpdateSecret", &input)
    };
    let (code, text) = update("two", "second").error();
    assert_eq!(code, "ResourceExistsException");
    assert_eq!(
        text,
        format!(
            "You can't use ClientRequestToken {token} because that value is already in use for a \
             version of secret {}.",
            made["ARN"].as_str().unwrap()
        )
    );
    let described = || {
        let it = root(&world, "DescribeSecret", &json!({"SecretId": "s"}));
        it.checked().json()["Description"].clone()
    };
    assert_eq!(described(), "first");
    assert_eq!(update("one", "second").checked().json()["VersionId"], token);
    assert_eq!(described(), "second");
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "one");
}

#[test]
fn a_token_is_good_again_when_its_secret_is_gone() {
    let world = World::new();
    let token = "t".repeat(32);
    let create = |value: &str| {
        let input = json!({"Name": "s", "SecretString": value, "ClientRequestToken": token});
        root(&world, "CreateSecret", &input)
    };
    let first = create("one").checked().json();
    let gone = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true});
    let _ = root(&world, "DeleteSecret", &gone).checked();
    let second = create("two").checked().json();
    assert_ne!(first["ARN"], second["ARN"]);
    assert_eq!(create("one").error().0, "ResourceExistsException");
    let _ = root(&world, "DeleteSecret", &json!({"SecretId": "s"})).checked();
    assert_eq!(create("two").error().0, "InvalidRequestException");
}

#[test]
fn a_value_is_in_neither_state_nor_trail() {
    let world = World::new();
    let arn = create(&world, "s", "open sesame");
    value(&world, &json!({"SecretId": "s"}));
    let trail = serde_json::to_string(&world.events()).unwrap();
    assert!(trail.contains(trail::HIDDEN) && !trail.contains("open sesame"));
    let tx = world.platform.store().begin_read().unwrap();
    let rows = tx
        .scan_bytes("secret-value", &Scan::under(&Key::new([arn.as_str()])))
        .unwrap();
    assert_eq!(rows.len(), 1);
    for (_, row) in &rows {
        assert!(!String::from_utf8_lossy(&row.json).contains("sesame"));
    }
}

#[test]
fn a_sealed_value_opens_for_its_own_secret_and_version_only() {
    let world = World::new();
    let (first, second) = (
        create(&world, "a", "open sesame"),
        create(&world, "b", "other"),
    );
    let store = world.platform.store();
    let under = |arn: &str| Scan::under(&Key::new([arn]));
    store
        .write(|tx| -> Result<(), store::Error> {
            let from = tx.scan_bytes("secret-value", &under(&first))?;
            let to = tx.scan_bytes("secret-value", &under(&second))?;
            let ((_, stored), (key, _)) = (&from[0], &to[0]);
            tx.put_bytes("secret-value", key, stored.version, &stored.json)
        })
        .unwrap();
    let moved = root(&world, "GetSecretValue", &json!({"SecretId": "b"}));
    assert_eq!(moved.error().0, "DecryptionFailure");
    assert!(!moved.text().contains("sesame"));
}

#[test]
fn who_may_not_read_a_name_does_not_learn_whether_it_exists() {
    let world = World::new();
    create(&world, "team/bob/key", "v");
    let alice = world.user("alice");
    let own = "arn:aws:secretsmanager:*:*:secret:team/${aws:username}/*";
    let rule = json!([{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": own}]);
    world.put_policy("User", "alice", &document(&rule));
    let get = |id: &str| call(&world, &alice, "GetSecretValue", &json!({"SecretId": id})).error();
    let denied = |shown: &str| {
        let text = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
             secretsmanager:GetSecretValue on resource: {shown} because no identity-based policy \
             allows the secretsmanager:GetSecretValue action"
        );
        ("AccessDeniedException".to_owned(), text)
    };
    assert_eq!(get("team/bob/key"), denied("team/bob/key"));
    assert_eq!(get("team/bob/none"), denied("team/bob/none"));
    let (code, message) = get("team/alice/none");
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "Secrets Manager can't find the specified secret.");
    let make = |name: &str| {
        call(
            &world,
            &alice,
            "CreateSecret",
            &json!({"Name": name, "SecretString": "x"}),
        )
    };
    assert_eq!(make("team/bob/new").error().0, "AccessDeniedException");
    make("team/alice/new").checked();
}

#[test]
fn tags_and_the_request_take_part() {
    let world = World::new();
    for (name, team) in [("a", "red"), ("b", "blue")] {
        let input =
            json!({"Name": name, "SecretString": name, "Tags": [{"Key": "team", "Value": team}]});
        root(&world, "CreateSecret", &input).checked();
    }
    let alice = world.user("alice");
    let allow = |action: &str, condition: Value| {
        json!({"Effect": "Allow", "Action": format!("secretsmanager:{action}"), "Resource": "*",
               "Condition": {"StringEquals": condition}})
    };
    let rules = json!([
        allow(
            "GetSecretValue",
            json!({"secretsmanager:ResourceTag/team": "red", "secretsmanager:VersionStage": "AWSCURRENT"})
        ),
        allow(
            "CreateSecret",
            json!({"aws:RequestTag/team": "red", "secretsmanager:Name": "made"})
        ),
        allow("TagResource", json!({"aws:RequestTag/team": "red"})),
    ]);
    world.put_policy("User", "alice", &document(&rules));
    let get = |input: &Value| call(&world, &alice, "GetSecretValue", input).status;
    assert_eq!(get(&json!({"SecretId": "a"})), 200);
    assert_eq!(get(&json!({"SecretId": "b"})), 400);
    assert_eq!(
        get(&json!({"SecretId": "a", "VersionStage": "AWSPREVIOUS"})),
        400
    );
    let version = root(&world, "DescribeSecret", &json!({"SecretId": "a"})).json();
    let (version, _) = version["VersionIdsToStages"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    assert_eq!(get(&json!({"SecretId": "a", "VersionId": version})), 400);
    let make = |name: &str, team: &str| {
        let input =
            json!({"Name": name, "SecretString": "x", "Tags": [{"Key": "team", "Value": team}]});
        call(&world, &alice, "CreateSecret", &input).status
    };
    assert_eq!(
        (
            make("made", "blue"),
            make("other", "red"),
            make("made", "red")
        ),
        (400, 400, 200)
    );
}

#[test]
fn a_deleted_secret_can_be_restored_until_its_window_ends() {
    let world = World::new();
    let arn = create(&world, "s", "v");
    let id = json!({"SecretId": "s"});
    for (window, code) in [
        (6, "InvalidParameterException"),
        (31, "InvalidParameterException"),
    ] {
        let input = json!({"SecretId": "s", "RecoveryWindowInDays": window});
        assert_eq!(root(&world, "DeleteSecret", &input).error().0, code);
    }
    let week = json!({"SecretId": "s", "RecoveryWindowInDays": 7});
    root(&world, "DeleteSecret", &week).checked();
    for operation in [
        "GetSecretValue",
        "PutSecretValue",
        "DeleteSecret",
        "UpdateSecret",
    ] {
        let input = if operation == "PutSecretValue" {
            json!({"SecretId": "s", "SecretString": "x"})
        } else {
            id.clone()
        };
        assert_eq!(
            root(&world, operation, &input).error().0,
            "InvalidRequestException",
            "{operation}"
        );
    }
    assert!(root(&world, "DescribeSecret", &id).checked().json()["DeletedDate"].is_number());
    let again = json!({"Name": "s", "SecretString": "x"});
    assert_eq!(
        root(&world, "CreateSecret", &again).error().0,
        "InvalidRequestException"
    );
    assert_eq!(
        root(&world, "ListSecrets", &json!({})).json()["SecretList"],
        json!([])
    );
    root(&world, "RestoreSecret", &id).checked();
    assert_eq!(value(&world, &id), "v");
    root(&world, "DeleteSecret", &week).checked();
    world.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(
        root(&world, "RestoreSecret", &id).error().0,
        "ResourceNotFoundException"
    );
    assert_ne!(create(&world, "s", "w"), arn);
    assert_eq!(value(&world, &id), "w");
    let now = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true});
    root(&world, "DeleteSecret", &now).checked();
    assert_eq!(
        root(&world, "DescribeSecret", &id).error().0,
        "ResourceNotFoundException"
    );
    let tx = world.platform.store().begin_read().unwrap();
    assert!(
        tx.scan_bytes("secret-value", &Scan::under(&Key::default()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_resource_policy_lets_others_in() {
    let world = World::new();
    let lets = json!([{"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, testkit::OTHER_ACCOUNT]},
        "Action": "kms:*", "Resource": "*"}]);
    let key = json!({"Policy": document(&lets).to_string()});
    let key = world
        .json(world.root(), "kms", "CreateKey", &key)
        .checked()
        .json();
    let input = json!({"Name": "s", "SecretString": "v", "KmsKeyId": key["KeyMetadata"]["KeyId"]});
    let made = root(&world, "CreateSecret", &input).checked().json();
    let arn = made["ARN"].as_str().unwrap().to_owned();
    let id = json!({"SecretId": arn});
    let guest = world.other_root();
    assert_eq!(
        call(&world, guest, "GetSecretValue", &id).error().0,
        "AccessDeniedException"
    );
    let put = |principal: Value, block: bool| {
        let policy = document(&json!([{"Effect": "Allow", "Principal": principal,
            "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]));
        let input = json!({"SecretId": "s", "ResourcePolicy": policy.to_string(), "BlockPublicPolicy": block});
        root(&world, "PutResourcePolicy", &input)
    };
    assert_eq!(put(json!("*"), true).error().0, "PublicPolicyException");
    put(json!({"AWS": testkit::OTHER_ACCOUNT}), true).checked();
    let read = call(&world, guest, "GetSecretValue", &id).checked().json();
    assert_eq!(read["SecretString"], "v");
    assert_eq!(
        call(&world, guest, "DescribeSecret", &id).error().0,
        "AccessDeniedException"
    );
    root(&world, "DeleteResourcePolicy", &json!({"SecretId": "s"})).checked();
    assert_eq!(
        call(&world, guest, "GetSecretValue", &id).error().0,
        "AccessDeniedException"
    );
    let bad = json!({"SecretId": "s", "ResourcePolicy": "{}"});
    assert_eq!(
        root(&world, "PutResourcePolicy", &bad).error().0,
        "MalformedPolicyDocumentException"
    );
}

#[test]
fn what_is_not_built_or_not_allowed_makes_no_secret() {
    let world = World::new();
    let with = |member: &str, value: Value| {
        let mut input = json!({"Name": "s", "SecretString": "v"});
        input[member] = value;
        root(&world, "CreateSecret", &input).error().0
    };
    assert_eq!(with("KmsKeyId", json!("alias/k")), "EncryptionFailure");
    assert_eq!(
        with("AddReplicaRegions", json!([{"Region": "eu-west-1"}])),
        "UnsupportedOperationException"
    );
    assert_eq!(
        with("SecretBinary", json!("AAAA")),
        "InvalidParameterException"
    );
    assert_eq!(with("Name", json!("a b")), "ValidationException");
    assert_eq!(with("Name", json!("a:b")), "ValidationException");
    assert_eq!(
        with("Tags", json!([{"Key": "aws:x", "Value": "y"}])),
        "InvalidParameterException"
    );
    assert_eq!(
        with(
            "Tags",
            json!([{"Key": "a", "Value": "y"}, {"Key": "A", "Value": "z"}])
        ),
        "InvalidParameterException"
    );
    assert_eq!(
        root(&world, "ListSecrets", &json!({})).json()["SecretList"],
        json!([])
    );
}

//! Staging labels, passwords, policies on trial and deletion in the end.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::documents::{allow, document};
use testkit::{ACCOUNT, World};

use crate::secrets::{call, create, root, value};

fn put(world: &World, text: &str, stages: &Value) -> String {
    let input = json!({"SecretId": "s", "SecretString": text, "VersionStages": stages});
    let made = root(world, "PutSecretValue", &input).checked().json();
    made["VersionId"].as_str().unwrap().to_owned()
}

/// The labels of each version, by version.
fn stages(world: &World) -> Value {
    let described = root(world, "DescribeSecret", &json!({"SecretId": "s"})).json();
    described["VersionIdsToStages"].clone()
}

fn first(world: &World) -> String {
    let all = stages(world);
    all.as_object().unwrap().keys().next().unwrap().clone()
}

fn shift(world: &World, stage: &str, to: Option<&str>, from: Option<&str>) -> Result<(), String> {
    let mut input = json!({"SecretId": "s", "VersionStage": stage});
    for (member, value) in [("MoveToVersionId", to), ("RemoveFromVersionId", from)] {
        if let Some(value) = value {
            input[member] = json!(value);
        }
    }
    let answer = root(world, "UpdateSecretVersionStage", &input);
    if answer.status == 200 {
        Ok(())
    } else {
        Err(answer.error().0)
    }
}

#[test]
fn a_rotation_by_hand_moves_the_labels_as_aws_does() {
    let world = World::new();
    create(&world, "s", "old");
    let old = first(&world);
    let new = put(&world, "new", &json!(["AWSPENDING"]));
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "old");
    assert_eq!(
        value(
            &world,
            &json!({"SecretId": "s", "VersionStage": "AWSPENDING"})
        ),
        "new"
    );
    let to_new = |from: Option<&str>| shift(&world, "AWSCURRENT", Some(&new), from);
    assert_eq!(to_new(None), Err("InvalidParameterException".to_owned()));
    assert_eq!(
        to_new(Some(&new)),
        Err("InvalidParameterException".to_owned())
    );
    to_new(Some(&old)).unwrap();
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "new");
    assert_eq!(stages(&world)[&old], json!(["AWSPREVIOUS"]));
    // Back again: the label of the previous one goes to where the current one came from.
    shift(&world, "AWSCURRENT", Some(&old), Some(&new)).unwrap();
    assert_eq!(stages(&world)[&old], json!(["AWSCURRENT"]));
    assert_eq!(stages(&world)[&new], json!(["AWSPENDING", "AWSPREVIOUS"]));
    assert_eq!(
        shift(&world, "AWSCURRENT", None, Some(&old)),
        Err("InvalidParameterException".to_owned())
    );
    assert_eq!(
        shift(&world, "AWSPENDING", None, Some(&old)),
        Err("InvalidParameterException".to_owned())
    );
    assert_eq!(
        shift(&world, "AWSPENDING", None, None),
        Err("InvalidParameterException".to_owned())
    );
    shift(&world, "AWSPENDING", None, Some(&new)).unwrap();
    shift(&world, "AWSPREVIOUS", None, Some(&new)).unwrap();
    // Without a label it is deprecated: it is listed only on request, and still read by its id.
    assert!(stages(&world).get(&new).is_none());
    let count = |all: bool| {
        let input = json!({"SecretId": "s", "IncludeDeprecated": all});
        let listed = root(&world, "ListSecretVersionIds", &input).json();
        listed["Versions"].as_array().unwrap().len()
    };
    assert_eq!((count(false), count(true)), (1, 2));
    assert_eq!(
        value(&world, &json!({"SecretId": "s", "VersionId": new})),
        "new"
    );
    shift(&world, "mine", Some(&new), None).unwrap();
    assert_eq!(
        value(&world, &json!({"SecretId": "s", "VersionStage": "mine"})),
        "new"
    );
    let nothing = "0".repeat(32);
    assert_eq!(
        shift(&world, "mine", Some(&nothing), Some(&new)),
        Err("ResourceNotFoundException".to_owned())
    );
}

#[test]
fn a_version_has_up_to_twenty_labels() {
    let world = World::new();
    create(&world, "s", "v");
    let id = first(&world);
    for number in 1..20 {
        shift(&world, &format!("label-{number}"), Some(&id), None).unwrap();
    }
    assert_eq!(
        shift(&world, "one-more", Some(&id), None),
        Err("LimitExceededException".to_owned())
    );
}

#[test]
fn a_label_is_a_condition_of_its_own() {
    let world = World::new();
    create(&world, "s", "v");
    let id = first(&world);
    let alice = world.user("alice");
    let rule = json!([{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
        "Condition": {"StringEquals": {"secretsmanager:VersionStage": "mine"}}}]);
    world.put_policy("User", "alice", &document(&rule));
    let shift = |stage: &str| {
        let input = json!({"SecretId": "s", "VersionStage": stage, "MoveToVersionId": id});
        call(&world, &alice, "UpdateSecretVersionStage", &input).status
    };
    assert_eq!((shift("mine"), shift("other")), (200, 400));
}

#[test]
fn the_bounds_of_values_are_in_bytes() {
    let world = World::new();
    let make = |text: &str| {
        let input = json!({"Name": "s", "SecretString": text});
        root(&world, "CreateSecret", &input)
    };
    assert_eq!(
        make(&"ü".repeat(32_769)).error().0,
        "InvalidParameterException"
    );
    make(&"ü".repeat(32_768)).checked();
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "ü".repeat(32_768));
}

#[test]
fn passwords_have_what_is_asked_for_and_nothing_else() {
    let world = World::new();
    let draw = |input: &Value| {
        let answer = root(&world, "GetRandomPassword", input).checked().json();
        answer["RandomPassword"].as_str().unwrap().to_owned()
    };
    assert_eq!(draw(&json!({})).len(), 32);
    for _ in 0..200 {
        let short = draw(&json!({"PasswordLength": 4}));
        let has = |kind: fn(&char) -> bool| short.chars().filter(kind).count() == 1;
        assert!(
            has(char::is_ascii_lowercase)
                && has(char::is_ascii_uppercase)
                && has(char::is_ascii_digit)
                && has(char::is_ascii_punctuation),
            "{short}"
        );
        let digits = draw(
            &json!({"PasswordLength": 9, "ExcludeLowercase": true, "ExcludeUppercase": true,
            "ExcludePunctuation": true, "ExcludeCharacters": "01234"}),
        );
        assert!(
            digits.bytes().all(|digit| (b'5'..=b'9').contains(&digit)),
            "{digits}"
        );
    }
    let spaced = draw(&json!({"PasswordLength": 4096, "IncludeSpace": true}));
    assert!(spaced.contains(' ') && spaced.len() == 4096);
    assert!(!draw(&json!({"PasswordLength": 4096})).contains(' '));
    for wrong in [
        json!({"PasswordLength": 3}),
        json!({"ExcludeLowercase": true, "ExcludeUppercase": true, "ExcludePunctuation": true, "ExcludeNumbers": true}),
    ] {
        let refused = root(&world, "GetRandomPassword", &wrong);
        assert_eq!(refused.error().0, "InvalidParameterException", "{wrong}");
    }
    assert_eq!(
        draw(&json!({"PasswordLength": 1, "RequireEachIncludedType": false})).len(),
        1
    );
    let trail = serde_json::to_string(&world.events()).unwrap();
    assert!(!trail.contains(&spaced));
}

#[test]
fn letters_of_passwords_are_equally_likely() {
    let world = World::new();
    let input = json!({"PasswordLength": 4096, "RequireEachIncludedType": false});
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..10 {
        let answer = root(&world, "GetRandomPassword", &input).checked().json();
        for letter in answer["RandomPassword"].as_str().unwrap().chars() {
            *counts.entry(letter).or_insert(0.0) += 1.0;
        }
    }
    let expected = 40_960.0 / 94.0;
    assert_eq!(counts.len(), 94);
    let chi: f64 = counts
        .values()
        .map(|count: &f64| (count - expected).powi(2) / expected)
        .sum();
    // 93 degrees of freedom: beyond 160 one time in a hundred thousand. `byte % 94` gives above 2,000.
    assert!(chi < 160.0, "{chi}");
}

#[test]
fn a_policy_is_looked_at_before_it_is_put() {
    let world = World::new();
    create(&world, "s", "v");
    let look = |principal: Value, condition: Value| {
        let mut rule = json!({"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"});
        if !condition.is_null() {
            rule["Condition"] = condition;
        }
        let text = document(&json!([rule])).to_string();
        let input = json!({"SecretId": "s", "ResourcePolicy": text, "BlockPublicPolicy": true});
        let looked = root(
            &world,
            "ValidateResourcePolicy",
            &json!({"ResourcePolicy": text}),
        )
        .checked()
        .json();
        let put = root(&world, "PutResourcePolicy", &input);
        assert_eq!(
            looked["PolicyValidationPassed"] == true,
            put.status == 200,
            "{text}"
        );
        put.status == 200
    };
    assert!(!look(json!("*"), Value::Null));
    assert!(look(json!({"AWS": ACCOUNT}), Value::Null));
    // A condition that leaves the public in is not one that keeps it out.
    assert!(!look(
        json!("*"),
        json!({"StringLike": {"aws:PrincipalArn": "*"}})
    ));
    assert!(!look(
        json!("*"),
        json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}})
    ));
    assert!(look(
        json!("*"),
        json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})
    ));
    let broken = root(
        &world,
        "ValidateResourcePolicy",
        &json!({"ResourcePolicy": "{}"}),
    );
    assert_eq!(broken.error().0, "MalformedPolicyDocumentException");
}

#[test]
fn rotation_by_functions_is_refused_and_never_pretended() {
    let world = World::new();
    create(&world, "s", "v");
    let rotate = |more: Value| {
        let mut input = json!({"SecretId": "s"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        root(&world, "RotateSecret", &input).error().0
    };
    assert_eq!(rotate(json!({})), "InvalidRequestException");
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    assert_eq!(
        rotate(json!({"RotationLambdaARN": function})),
        "AccessDeniedException"
    );
    root(&world, "CancelRotateSecret", &json!({"SecretId": "s"})).checked();
    let described = root(&world, "DescribeSecret", &json!({"SecretId": "s"})).json();
    assert!(described.get("RotationEnabled").is_none());
    let alice = world.user("alice");
    let rule = json!([{"Effect": "Allow", "Action": "secretsmanager:RotateSecret", "Resource": "*",
        "Condition": {"ArnEquals": {"secretsmanager:RotationLambdaARN": "arn:aws:lambda:us-east-1:123456789012:function:g"}}}]);
    world.put_policy("User", "alice", &document(&rule));
    let input = json!({"SecretId": "s", "RotationLambdaARN": function});
    let (_, text) = call(&world, &alice, "RotateSecret", &input).error();
    assert!(text.contains("is not authorized to perform"), "{text}");
}

#[test]
fn what_was_deleted_is_gone_when_its_day_comes() {
    let world = World::new();
    create(&world, "s", "v");
    root(
        &world,
        "DeleteSecret",
        &json!({"SecretId": "s", "RecoveryWindowInDays": 7}),
    )
    .checked();
    let expire = || {
        let now = world.platform.now();
        let gone: Result<usize, platform::ApiError> = world
            .platform
            .store()
            .write(|tx| secretsmanager::expire(tx, now));
        gone.unwrap()
    };
    world
        .clock
        .advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    assert_eq!(expire(), 0);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(expire(), 1);
    let tx = world.platform.store().begin_read().unwrap();
    let everything = store::Scan::under(&store::Key::new([] as [&str; 0]));
    for kind in ["secret", "secret-value", "secret-accessed"] {
        assert!(
            tx.scan_bytes(kind, &everything).unwrap().is_empty(),
            "{kind}"
        );
    }
}

#[test]
fn the_window_and_the_force_of_a_deletion_are_conditions() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        create(&world, name, "v");
    }
    let alice = world.user("alice");
    let rules = json!([
        {"Effect": "Allow", "Action": "secretsmanager:DeleteSecret", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"secretsmanager:RecoveryWindowInDays": "14"}}},
    ]);
    world.put_policy("User", "alice", &document(&rules));
    let delete = |input: Value| call(&world, &alice, "DeleteSecret", &input).status;
    assert_eq!(
        delete(json!({"SecretId": "a", "ForceDeleteWithoutRecovery": true})),
        400
    );
    assert_eq!(
        delete(json!({"SecretId": "a", "RecoveryWindowInDays": 7})),
        400
    );
    assert_eq!(
        delete(json!({"SecretId": "a", "RecoveryWindowInDays": 14})),
        200
    );
    assert_eq!(delete(json!({"SecretId": "b"})), 200);
    let bob = world.user("bob");
    world.put_policy(
        "User",
        "bob",
        &allow(&["secretsmanager:RestoreSecret"], "*"),
    );
    call(&world, &bob, "RestoreSecret", &json!({"SecretId": "a"})).checked();
    assert_eq!(value(&world, &json!({"SecretId": "a"})), "v");
}

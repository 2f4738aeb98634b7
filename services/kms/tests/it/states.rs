//! Key states, deletion, rotation and tags (KMS Developer Guide, "Key states of AWS KMS keys").

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::World;

use crate::{blob, key, open, refused, root};

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn state(world: &World, arn: &str) -> Value {
    root(world, "DescribeKey", json!({"KeyId": arn}))["KeyMetadata"]["KeyState"].clone()
}

#[test]
fn a_disabled_key_is_of_no_use_until_it_is_enabled() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let made = root(
        &world,
        "Encrypt",
        json!({"KeyId": arn, "Plaintext": blob("x")}),
    );
    let id = json!({"KeyId": arn});
    root(&world, "DisableKey", id.clone());
    assert_eq!(state(&world, &arn), "Disabled");
    let decrypt = json!({"CiphertextBlob": made["CiphertextBlob"]});
    for (operation, input) in [
        ("Decrypt", decrypt.clone()),
        ("GenerateDataKey", json!({"KeyId": arn, "NumberOfBytes": 8})),
        ("EnableKeyRotation", id.clone()),
        ("RotateKeyOnDemand", id.clone()),
    ] {
        assert_eq!(
            refused(&world, world.root(), operation, input),
            "DisabledException",
            "{operation}"
        );
    }
    root(&world, "EnableKey", id);
    assert_eq!(open(&root(&world, "Decrypt", decrypt)["Plaintext"]), "x");
}

#[test]
fn a_deleted_key_waits_can_be_had_back_disabled_and_is_gone_in_the_end() {
    let world = World::new();
    let arn = key(&world, json!({}));
    root(
        &world,
        "CreateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": arn}),
    );
    let id = json!({"KeyId": arn});
    let not_pending = refused(&world, world.root(), "CancelKeyDeletion", id.clone());
    assert_eq!(not_pending, "KMSInvalidStateException");
    for window in [6, 31] {
        let input = json!({"KeyId": arn, "PendingWindowInDays": window});
        assert_eq!(
            refused(&world, world.root(), "ScheduleKeyDeletion", input),
            "ValidationException"
        );
    }
    let asked = root(
        &world,
        "ScheduleKeyDeletion",
        json!({"KeyId": arn, "PendingWindowInDays": 7}),
    );
    assert_eq!(
        (&asked["KeyState"], &asked["PendingWindowInDays"]),
        (&json!("PendingDeletion"), &json!(7))
    );
    for (operation, input) in [
        ("Encrypt", json!({"KeyId": arn, "Plaintext": blob("x")})),
        ("EnableKey", id.clone()),
        ("DisableKey", id.clone()),
        ("ScheduleKeyDeletion", id.clone()),
        (
            "TagResource",
            json!({"KeyId": arn, "Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ),
        (
            "UpdateKeyDescription",
            json!({"KeyId": arn, "Description": "d"}),
        ),
    ] {
        assert_eq!(
            refused(&world, world.root(), operation, input),
            "KMSInvalidStateException",
            "{operation}"
        );
    }
    root(&world, "CancelKeyDeletion", id.clone());
    assert_eq!(state(&world, &arn), "Disabled");
    root(
        &world,
        "ScheduleKeyDeletion",
        json!({"KeyId": arn, "PendingWindowInDays": 7}),
    );
    world.clock.advance(days(7) - SignedDuration::from_secs(1));
    assert_eq!(state(&world, &arn), "PendingDeletion");
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(
        refused(&world, world.root(), "DescribeKey", id),
        "NotFoundException"
    );
    assert_eq!(root(&world, "ListKeys", json!({}))["Keys"], json!([]));
    assert_eq!(root(&world, "ListAliases", json!({}))["Aliases"], json!([]));
    let now = world.platform.now();
    let gone: Result<usize, platform::ApiError> =
        world.platform.store().write(|tx| kms::expire(tx, now));
    assert_eq!(gone.unwrap(), 1);
    let other = key(&world, json!({}));
    root(
        &world,
        "CreateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": other}),
    );
}

#[test]
fn what_the_old_material_encrypted_still_opens_after_rotation() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let id = json!({"KeyId": arn});
    let encrypt = || {
        root(
            &world,
            "Encrypt",
            json!({"KeyId": arn, "Plaintext": blob("x")}),
        )["CiphertextBlob"]
            .clone()
    };
    let material = |text: &Value| {
        let opened = root(&world, "Decrypt", json!({"CiphertextBlob": text}));
        assert_eq!(open(&opened["Plaintext"]), "x");
        opened["KeyMaterialId"].clone()
    };
    let first = encrypt();
    root(&world, "RotateKeyOnDemand", id.clone());
    let second = encrypt();
    assert_ne!(material(&first), material(&second));
    root(
        &world,
        "EnableKeyRotation",
        json!({"KeyId": arn, "RotationPeriodInDays": 90}),
    );
    let status = root(&world, "GetKeyRotationStatus", id.clone());
    assert_eq!(
        (
            &status["KeyRotationEnabled"],
            &status["RotationPeriodInDays"]
        ),
        (&json!(true), &json!(90))
    );
    world.clock.advance(days(89));
    assert_eq!(material(&encrypt()), material(&second));
    world.clock.advance(days(200));
    let third = encrypt();
    assert_ne!(material(&third), material(&second));
    assert_eq!(material(&encrypt()), material(&third));
    let done = root(&world, "ListKeyRotations", id.clone());
    let kinds: Vec<&Value> = done["Rotations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["RotationType"])
        .collect();
    assert_eq!(kinds, ["ON_DEMAND", "AUTOMATIC"]);
    let all = root(
        &world,
        "ListKeyRotations",
        json!({"KeyId": arn, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}),
    );
    assert_eq!(all["Rotations"].as_array().unwrap().len(), 3);
    root(&world, "DisableKeyRotation", id.clone());
    world.clock.advance(days(400));
    assert_eq!(material(&encrypt()), material(&third));
    let hmac = key(
        &world,
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
    );
    assert_eq!(
        refused(
            &world,
            world.root(),
            "EnableKeyRotation",
            json!({"KeyId": hmac})
        ),
        "UnsupportedOperationException"
    );
}

#[test]
fn on_demand_rotations_are_counted() {
    let world = World::new();
    let arn = key(&world, json!({}));
    for _ in 0..25 {
        root(&world, "RotateKeyOnDemand", json!({"KeyId": arn}));
    }
    assert_eq!(
        refused(
            &world,
            world.root(),
            "RotateKeyOnDemand",
            json!({"KeyId": arn})
        ),
        "LimitExceededException"
    );
}

#[test]
fn tags_are_kept_to_the_letter() {
    let world = World::new();
    let arn = key(
        &world,
        json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]}),
    );
    let tag = |key: &str, value: &str| json!({"KeyId": arn, "Tags": [{"TagKey": key, "TagValue": value}]});
    root(&world, "TagResource", tag("team", "blue"));
    root(&world, "TagResource", tag("more", ""));
    let listed = root(&world, "ListResourceTags", json!({"KeyId": arn}));
    assert_eq!(
        listed["Tags"],
        json!([{"TagKey": "more", "TagValue": ""}, {"TagKey": "team", "TagValue": "blue"}])
    );
    for wrong in ["Team", "aws:x"] {
        assert_eq!(
            refused(&world, world.root(), "TagResource", tag(wrong, "x")),
            "TagException",
            "{wrong}"
        );
    }
    root(
        &world,
        "UntagResource",
        json!({"KeyId": arn, "TagKeys": ["more", "team"]}),
    );
    assert_eq!(
        root(&world, "ListResourceTags", json!({"KeyId": arn}))["Tags"],
        json!([])
    );
}

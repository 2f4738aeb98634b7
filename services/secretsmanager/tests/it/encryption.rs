//! Which KMS key seals a value, and who may use it (Secrets Manager User Guide, "Secret encryption and
//! decryption").

use serde_json::{Value, json};
use testkit::documents::{allow, document, root_arn};
use testkit::{ACCOUNT, Answer, OTHER_ACCOUNT, REGION, World};

use crate::secrets::{call, create, root, value};

fn kms(world: &World, operation: &str, input: &Value) -> Answer {
    world.json(world.root(), "kms", operation, input)
}

/// Makes a key of KMS, and returns its ARN.
fn key(world: &World, input: &Value) -> String {
    let made = kms(world, "CreateKey", input).checked().json();
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

#[test]
fn the_default_key_is_made_at_the_first_use_and_serves_through_the_service_alone() {
    let world = World::new();
    let alias = json!({"KeyId": "alias/aws/secretsmanager"});
    assert_eq!(
        kms(&world, "DescribeKey", &alias).error().0,
        "NotFoundException"
    );
    create(&world, "a", "v");
    create(&world, "b", "v");
    let made = kms(&world, "DescribeKey", &alias).checked().json();
    let made = &made["KeyMetadata"];
    assert_eq!(made["KeyManager"], "AWS");
    let listed = kms(&world, "ListKeys", &json!({})).checked().json();
    assert_eq!(listed["Keys"].as_array().unwrap().len(), 1);
    // Who may read the secret needs no permission of KMS.
    let alice = world.user("alice");
    world.put_policy(
        "User",
        "alice",
        &allow(&["secretsmanager:GetSecretValue"], "*"),
    );
    call(&world, &alice, "GetSecretValue", &json!({"SecretId": "a"})).checked();
    // Nobody uses the key by itself, not even the root user, nor changes it.
    for (operation, input) in [
        (
            "Encrypt",
            json!({"KeyId": made["KeyId"], "Plaintext": "AAAA"}),
        ),
        (
            "GenerateDataKey",
            json!({"KeyId": made["KeyId"], "NumberOfBytes": 8}),
        ),
        (
            "PutKeyPolicy",
            json!({"KeyId": made["KeyId"], "Policy": "{}"}),
        ),
        ("ScheduleKeyDeletion", json!({"KeyId": made["KeyId"]})),
        ("DisableKey", json!({"KeyId": made["KeyId"]})),
    ] {
        assert_eq!(
            kms(&world, operation, &input).error().0,
            "AccessDeniedException",
            "{operation}"
        );
    }
}

#[test]
fn each_reading_is_a_decryption_by_the_reader_in_the_trail() {
    let world = World::new();
    let arn = create(&world, "a", "v");
    value(&world, &json!({"SecretId": "a"}));
    let events = world.events();
    let [.., decrypt, read] = events.as_slice() else {
        panic!("no two events");
    };
    assert_eq!(read.event_name, "GetSecretValue");
    assert_eq!(
        (decrypt.event_name.as_ref(), decrypt.event_source.as_ref()),
        ("Decrypt", "kms.amazonaws.com")
    );
    let told = serde_json::to_value(decrypt).unwrap();
    assert_eq!(
        told["userIdentity"]["invokedBy"],
        "secretsmanager.amazonaws.com"
    );
    let context = &told["requestParameters"]["encryptionContext"];
    assert_eq!(context["SecretARN"], arn.as_str());
    assert!(context["SecretVersionId"].is_string());
}

#[test]
fn a_key_of_ones_own_needs_permission_under_the_readers_name() {
    let world = World::new();
    let arn = key(&world, &json!({}));
    let input = json!({"Name": "s", "SecretString": "v", "KmsKeyId": arn});
    root(&world, "CreateSecret", &input).checked();
    let alice = world.user("alice");
    let secrets = || json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"});
    let get = || call(&world, &alice, "GetSecretValue", &json!({"SecretId": "s"}));
    world.put_policy("User", "alice", &document(&json!([secrets()])));
    let (code, text) = get().error();
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("AccessDeniedException", "Access to KMS is not allowed")
    );
    let with = |condition: Value| {
        let rule = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn, "Condition": condition});
        world.put_policy("User", "alice", &document(&json!([secrets(), rule])));
        get().status
    };
    let via = |service: &str| json!({"StringEquals": {"kms:ViaService": format!("{service}.{REGION}.amazonaws.com")}});
    assert_eq!(with(via("secretsmanager")), 200);
    assert_eq!(with(via("s3")), 400);
    let bound = |pattern: &str| json!({"StringLike": {"kms:EncryptionContext:SecretARN": pattern}});
    assert_eq!(
        with(bound("arn:aws:secretsmanager:*:*:secret:s-??????")),
        200
    );
    assert_eq!(
        with(bound("arn:aws:secretsmanager:*:*:secret:other-??????")),
        400
    );
    assert_eq!(with(json!({"Bool": {"aws:ViaAWSService": "true"}})), 200);
    let called =
        json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "secretsmanager.amazonaws.com"}});
    assert_eq!(with(called), 200);
}

#[test]
fn a_key_that_cannot_be_used_fails_the_call_and_changes_nothing() {
    let world = World::new();
    let arn = key(&world, &json!({}));
    let input = json!({"Name": "s", "SecretString": "v", "KmsKeyId": arn});
    root(&world, "CreateSecret", &input).checked();
    kms(&world, "DisableKey", &json!({"KeyId": arn})).checked();
    let get = || root(&world, "GetSecretValue", &json!({"SecretId": "s"}));
    assert_eq!(get().error().0, "DecryptionFailure");
    let put = json!({"SecretId": "s", "SecretString": "w"});
    assert_eq!(
        root(&world, "PutSecretValue", &put).error().0,
        "EncryptionFailure"
    );
    kms(&world, "EnableKey", &json!({"KeyId": arn})).checked();
    assert_eq!(get().checked().json()["SecretString"], "v");
}

#[test]
fn an_update_takes_labelled_versions_to_the_new_key() {
    let world = World::new();
    let (one, two) = (key(&world, &json!({})), key(&world, &json!({})));
    let input = json!({"Name": "s", "SecretString": "first", "KmsKeyId": one});
    root(&world, "CreateSecret", &input).checked();
    root(
        &world,
        "PutSecretValue",
        &json!({"SecretId": "s", "SecretString": "second"}),
    )
    .checked();
    root(
        &world,
        "UpdateSecret",
        &json!({"SecretId": "s", "KmsKeyId": two}),
    )
    .checked();
    kms(&world, "DisableKey", &json!({"KeyId": one})).checked();
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "second");
    let previous = json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"});
    assert_eq!(value(&world, &previous), "first");
    let described = root(&world, "DescribeSecret", &json!({"SecretId": "s"})).json();
    assert_eq!(described["KmsKeyId"], two.as_str());
    let versions = root(&world, "ListSecretVersionIds", &json!({"SecretId": "s"})).json();
    for version in versions["Versions"].as_array().unwrap() {
        assert_eq!(version["KmsKeyIds"], json!([two]));
    }
    let back = json!({"SecretId": "s", "KmsKeyId": "alias/aws/secretsmanager"});
    root(&world, "UpdateSecret", &back).checked();
    let described = root(&world, "DescribeSecret", &json!({"SecretId": "s"})).json();
    assert!(described.get("KmsKeyId").is_none());
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "second");
}

#[test]
fn others_do_not_reach_what_the_default_key_seals() {
    let world = World::new();
    let arn = create(&world, "s", "v");
    let lets = json!([{"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "secretsmanager:*", "Resource": "*"}]);
    let policy = json!({"SecretId": "s", "ResourcePolicy": document(&lets).to_string()});
    root(&world, "PutResourcePolicy", &policy).checked();
    let refused = call(
        &world,
        world.other_root(),
        "GetSecretValue",
        &json!({"SecretId": arn}),
    );
    let (code, text) = refused.error();
    assert_eq!(code, "InvalidRequestException");
    assert!(text.contains("default KMS service key"), "{text}");
}

#[test]
fn conditions_see_the_key_behind_an_alias() {
    let world = World::new();
    let arn = key(&world, &json!({}));
    let alias = json!({"AliasName": "alias/k", "TargetKeyId": arn});
    kms(&world, "CreateAlias", &alias).checked();
    let alice = world.user("alice");
    let make = |key: &str, value: &str, given: &str| {
        let rules = json!([
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "secretsmanager:CreateSecret", "Resource": "*",
             "Condition": {"StringEquals": {key: value}}},
        ]);
        world.put_policy("User", "alice", &document(&rules));
        let input = json!({"Name": format!("{}-{given}", key.replace(':', "-")).replace(['/', ':'], "_"),
                           "SecretString": "v", "KmsKeyId": given});
        call(&world, &alice, "CreateSecret", &input).status
    };
    let id = arn.rsplit('/').next().unwrap();
    let alias_arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/k");
    for given in [id, arn.as_str(), "alias/k", alias_arn.as_str()] {
        assert_eq!(
            make("secretsmanager:KmsKeyArn", &arn, given),
            200,
            "{given}"
        );
        assert_eq!(
            make("secretsmanager:KmsKeyArn", "arn:aws:kms:x", given),
            400,
            "{given}"
        );
        assert_eq!(
            make("secretsmanager:KmsKeyId", given, given),
            200,
            "{given}"
        );
    }
}

#[test]
fn a_key_policy_can_keep_the_account_out_and_the_secret_with_it() {
    let world = World::new();
    let statement = json!([{"Effect": "Allow", "Principal": {"AWS": root_arn()}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": format!("secretsmanager.{REGION}.amazonaws.com")}}}]);
    let input =
        json!({"Policy": document(&statement).to_string(), "BypassPolicyLockoutSafetyCheck": true});
    let arn = key(&world, &input);
    let input = json!({"Name": "s", "SecretString": "v", "KmsKeyId": arn});
    root(&world, "CreateSecret", &input).checked();
    assert_eq!(value(&world, &json!({"SecretId": "s"})), "v");
    let directly = json!({"KeyId": arn, "Plaintext": "AAAA"});
    assert_eq!(
        kms(&world, "Encrypt", &directly).error().0,
        "AccessDeniedException"
    );
}

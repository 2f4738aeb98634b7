//! What is encrypted, and what opens it (KMS API Reference).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use testkit::{ACCOUNT, REGION, World};

use crate::{blob, call, key, open, refused, root};

#[test]
fn a_ciphertext_tells_its_key_and_opens_with_its_context_alone() {
    let world = World::new();
    let arn = key(&world, json!({"Description": "a"}));
    let context = json!({"tenant": "alice", "purpose": "model"});
    let made = root(
        &world,
        "Encrypt",
        json!({"KeyId": arn, "Plaintext": blob("hello"), "EncryptionContext": context}),
    );
    assert_eq!(made["KeyId"], arn.as_str());
    let text = &made["CiphertextBlob"];
    let back = root(
        &world,
        "Decrypt",
        json!({"CiphertextBlob": text, "EncryptionContext": {"purpose": "model", "tenant": "alice"}}),
    );
    assert_eq!(
        (open(&back["Plaintext"]).as_str(), &back["KeyId"]),
        ("hello", &made["KeyId"])
    );
    for wrong in [
        json!({}),
        json!({"tenant": "alice"}),
        json!({"tenant": "Alice", "purpose": "model"}),
    ] {
        let input = json!({"CiphertextBlob": text, "EncryptionContext": wrong});
        assert_eq!(
            refused(&world, world.root(), "Decrypt", input),
            "InvalidCiphertextException",
            "{wrong}"
        );
    }
    let twice =
        json!({"KeyId": arn, "Plaintext": blob("x"), "EncryptionContext": {"a": "1", "A": "2"}});
    assert_eq!(
        refused(&world, world.root(), "Encrypt", twice),
        "ValidationException"
    );
}

#[test]
fn another_key_or_a_changed_byte_does_not_open() {
    let world = World::new();
    let (one, two) = (key(&world, json!({})), key(&world, json!({})));
    let made = root(
        &world,
        "Encrypt",
        json!({"KeyId": one, "Plaintext": blob("hello")}),
    );
    let text = made["CiphertextBlob"].as_str().unwrap();
    let with_other = json!({"KeyId": two, "CiphertextBlob": text});
    assert_eq!(
        refused(&world, world.root(), "Decrypt", with_other),
        "IncorrectKeyException"
    );
    let bytes = STANDARD.decode(text).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let input = json!({"KeyId": one, "CiphertextBlob": STANDARD.encode(changed)});
        let code = refused(&world, world.root(), "Decrypt", input);
        assert!(
            ["InvalidCiphertextException", "IncorrectKeyException"].contains(&code.as_str()),
            "byte {at}: {code}"
        );
    }
    let nonsense = json!({"CiphertextBlob": blob("nonsense")});
    assert_eq!(
        refused(&world, world.root(), "Decrypt", nonsense),
        "InvalidCiphertextException"
    );
}

#[test]
fn a_key_goes_by_id_arn_alias_and_alias_arn() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let id = arn.rsplit('/').next().unwrap();
    root(
        &world,
        "CreateAlias",
        json!({"AliasName": "alias/team/model", "TargetKeyId": id}),
    );
    let alias_arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/team/model");
    for name in [id, arn.as_str(), "alias/team/model", alias_arn.as_str()] {
        let made = root(
            &world,
            "Encrypt",
            json!({"KeyId": name, "Plaintext": blob("x")}),
        );
        assert_eq!(made["KeyId"], arn.as_str(), "{name}");
    }
    for (name, code) in [
        ("alias/other", "NotFoundException"),
        ("12345678-1234-1234-1234-123456789012", "NotFoundException"),
        ("nothing", "NotFoundException"),
        (&arn.replace(REGION, "eu-west-1"), "NotFoundException"),
        (&arn.replace(":key/", ":thing/"), "InvalidArnException"),
    ] {
        let input = json!({"KeyId": name, "Plaintext": blob("x")});
        assert_eq!(
            refused(&world, world.root(), "Encrypt", input),
            code,
            "{name}"
        );
    }
    // What changes keys takes no aliases.
    let input = json!({"KeyId": "alias/team/model"});
    assert_eq!(
        refused(&world, world.root(), "DisableKey", input),
        "NotFoundException"
    );
}

#[test]
fn aliases_move_and_the_reserved_ones_are_nobodys() {
    let world = World::new();
    let (one, two) = (key(&world, json!({})), key(&world, json!({})));
    let alias = |operation: &str, target: &str| {
        let input = json!({"AliasName": "alias/a", "TargetKeyId": target});
        call(&world, world.root(), operation, input)
    };
    alias("CreateAlias", &one).checked();
    assert_eq!(
        alias("CreateAlias", &two).error().0,
        "AlreadyExistsException"
    );
    alias("UpdateAlias", &two).checked();
    alias("UpdateAlias", &two).checked();
    let described = root(&world, "DescribeKey", json!({"KeyId": "alias/a"}));
    assert_eq!(described["KeyMetadata"]["Arn"], two.as_str());
    let listed = root(&world, "ListAliases", json!({"KeyId": two}));
    assert_eq!(listed["Aliases"][0]["AliasName"], "alias/a");
    assert_eq!(
        root(&world, "ListAliases", json!({"KeyId": one}))["Aliases"],
        json!([])
    );
    let hmac = key(
        &world,
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
    );
    assert_eq!(alias("UpdateAlias", &hmac).error().0, "ValidationException");
    root(&world, "DeleteAlias", json!({"AliasName": "alias/a"}));
    assert_eq!(alias("UpdateAlias", &two).error().0, "NotFoundException");
    let reserved = json!({"AliasName": "alias/aws/s3", "TargetKeyId": one});
    assert_eq!(
        refused(&world, world.root(), "CreateAlias", reserved),
        "NotAuthorizedException"
    );
    for (name, target) in [
        ("a", one.as_str()),
        ("alias/a:b", &one),
        ("alias/b", "alias/a"),
    ] {
        let bad = json!({"AliasName": name, "TargetKeyId": target});
        assert_eq!(
            refused(&world, world.root(), "CreateAlias", bad),
            "ValidationException"
        );
    }
}

#[test]
fn data_keys_are_of_the_length_that_is_asked_for() {
    let world = World::new();
    let arn = key(&world, json!({}));
    for (asked, length) in [
        (json!({"KeySpec": "AES_256"}), 32),
        (json!({"KeySpec": "AES_128"}), 16),
        (json!({"NumberOfBytes": 1024}), 1024),
    ] {
        let mut input = asked.clone();
        input["KeyId"] = json!(arn);
        let made = root(&world, "GenerateDataKey", input.clone());
        let plain = STANDARD
            .decode(made["Plaintext"].as_str().unwrap())
            .unwrap();
        assert_eq!(plain.len(), length);
        let back = root(
            &world,
            "Decrypt",
            json!({"CiphertextBlob": made["CiphertextBlob"]}),
        );
        assert_eq!(back["Plaintext"], made["Plaintext"]);
        let hidden = root(&world, "GenerateDataKeyWithoutPlaintext", input);
        assert!(hidden.get("Plaintext").is_none());
    }
    for wrong in [
        json!({"KeyId": arn}),
        json!({"KeyId": arn, "KeySpec": "AES_256", "NumberOfBytes": 32}),
        json!({"KeyId": arn, "NumberOfBytes": 1025}),
    ] {
        assert_eq!(
            refused(&world, world.root(), "GenerateDataKey", wrong),
            "ValidationException"
        );
    }
    let made = root(&world, "GenerateRandom", json!({"NumberOfBytes": 7}));
    assert_eq!(
        STANDARD
            .decode(made["Plaintext"].as_str().unwrap())
            .unwrap()
            .len(),
        7
    );
    let enclave = json!({"KeyId": arn, "KeySpec": "AES_256", "Recipient": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}});
    assert_eq!(
        refused(&world, world.root(), "GenerateDataKey", enclave),
        "UnsupportedOperationException"
    );
    let dry = json!({"KeyId": arn, "KeySpec": "AES_256", "DryRun": true});
    let answer = call(&world, world.root(), "GenerateDataKey", dry);
    assert_eq!(
        (answer.status, answer.error().0.as_str()),
        (412, "DryRunOperationException")
    );
}

#[test]
fn re_encryption_moves_to_another_key_and_context() {
    let world = World::new();
    let (one, two) = (key(&world, json!({})), key(&world, json!({})));
    let made = root(
        &world,
        "Encrypt",
        json!({"KeyId": one, "Plaintext": blob("x"), "EncryptionContext": {"a": "1"}}),
    );
    let moved = root(
        &world,
        "ReEncrypt",
        json!({"CiphertextBlob": made["CiphertextBlob"], "SourceEncryptionContext": {"a": "1"},
               "DestinationKeyId": two, "DestinationEncryptionContext": {"b": "2"}}),
    );
    assert_eq!(
        (&moved["SourceKeyId"], &moved["KeyId"]),
        (&json!(one), &json!(two))
    );
    let back = json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": {"b": "2"}});
    assert_eq!(open(&root(&world, "Decrypt", back)["Plaintext"]), "x");
}

#[test]
fn a_mac_is_verified_with_its_key_and_algorithm_alone() {
    let world = World::new();
    let make = json!({"KeySpec": "HMAC_384", "KeyUsage": "GENERATE_VERIFY_MAC"});
    let arn = key(&world, make);
    let input = |algorithm: &str, mac: Option<&serde_json::Value>| {
        let mut input = json!({"KeyId": arn, "Message": blob("m"), "MacAlgorithm": algorithm});
        if let Some(mac) = mac {
            input["Mac"] = mac.clone();
        }
        input
    };
    let made = root(&world, "GenerateMac", input("HMAC_SHA_384", None));
    let mac = &made["Mac"];
    assert_eq!(STANDARD.decode(mac.as_str().unwrap()).unwrap().len(), 48);
    let verified = root(&world, "VerifyMac", input("HMAC_SHA_384", Some(mac)));
    assert_eq!(verified["MacValid"], true);
    let other = blob("0123456789012345678901234567890123456789");
    let code = refused(
        &world,
        world.root(),
        "VerifyMac",
        input("HMAC_SHA_384", Some(&other)),
    );
    assert_eq!(code, "KMSInvalidMacException");
    let code = refused(
        &world,
        world.root(),
        "GenerateMac",
        input("HMAC_SHA_256", None),
    );
    assert_eq!(code, "InvalidKeyUsageException");
    let encrypting = json!({"KeyId": arn, "Plaintext": blob("x")});
    assert_eq!(
        refused(&world, world.root(), "Encrypt", encrypting),
        "InvalidKeyUsageException"
    );
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let world = World::new();
    for (input, code) in [
        (
            json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
            "UnsupportedOperationException",
        ),
        (
            json!({"Origin": "EXTERNAL"}),
            "UnsupportedOperationException",
        ),
        (
            json!({"MultiRegion": true}),
            "UnsupportedOperationException",
        ),
        (
            json!({"CustomKeyStoreId": "cks-1"}),
            "UnsupportedOperationException",
        ),
        (json!({"KeySpec": "HMAC_256"}), "ValidationException"),
        (
            json!({"KeyUsage": "GENERATE_VERIFY_MAC"}),
            "ValidationException",
        ),
        (json!({"KeySpec": "NO_SUCH"}), "ValidationException"),
    ] {
        assert_eq!(
            refused(&world, world.root(), "CreateKey", input.clone()),
            code,
            "{input}"
        );
    }
    assert_eq!(root(&world, "ListKeys", json!({}))["Keys"], json!([]));
}

#[test]
fn listings_come_in_pages_and_material_never_leaves() {
    let world = World::new();
    let mut made: Vec<String> = (0..5).map(|_| key(&world, json!({}))).collect();
    made.sort();
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let mut input = json!({"Limit": 2});
        if let Some(marker) = marker.take() {
            input["Marker"] = marker;
        }
        let page = root(&world, "ListKeys", input);
        let keys = page["Keys"].as_array().unwrap();
        listed.extend(
            keys.iter()
                .map(|key| key["KeyArn"].as_str().unwrap().to_owned()),
        );
        if page["Truncated"] == false {
            break;
        }
        marker = Some(page["NextMarker"].clone());
    }
    assert_eq!(listed, made);
    let wrong = json!({"Marker": "nonsense"});
    assert_eq!(
        refused(&world, world.root(), "ListKeys", wrong),
        "InvalidMarkerException"
    );
    root(
        &world,
        "Encrypt",
        json!({"KeyId": made[0], "Plaintext": blob("in-the-open")}),
    );
    let trail = format!("{:?}", world.events());
    assert!(!trail.contains("in-the-open") && !trail.contains(&STANDARD.encode("in-the-open")));
}

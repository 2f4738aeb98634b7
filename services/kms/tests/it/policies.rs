//! Key policies, and the rule that is KMS's own (KMS Developer Guide, "Key policies in AWS KMS" and
//! "Authentication and access control").

use serde_json::{Value, json};
use testkit::documents::{allow, document, root_arn, trust, user_arn};
use testkit::{ACCOUNT, OTHER_ACCOUNT, REGION, World};

use crate::{blob, call, key, refused, root};

fn lets(principal: Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
}

/// A key whose policy has these statements, and one of no matter.
fn key_with(world: &World, mut statements: Vec<Value>) -> String {
    statements.push(lets(
        json!({"AWS": root_arn()}),
        "kms:GetParametersForImport",
    ));
    let policy = document(&Value::Array(statements)).to_string();
    let input = json!({"Policy": policy, "BypassPolicyLockoutSafetyCheck": true});
    key(world, input)
}

#[test]
fn each_row_of_the_rule() {
    let world = World::new();
    let (with, without) = (world.user("with"), world.user("without"));
    world.put_policy("User", "with", &allow(&["kms:Encrypt"], "*"));
    let account = || json!({"AWS": root_arn()});
    let rows = [
        // The key's policy, and whether a user with an identity policy, one without, and root get through.
        ("says nothing", vec![], (false, false, false)),
        (
            "leaves it to the account",
            vec![lets(account(), "kms:*")],
            (true, false, true),
        ),
        (
            "names one user",
            vec![lets(json!({"AWS": user_arn("without")}), "kms:Encrypt")],
            (false, true, false),
        ),
        (
            "names everyone",
            vec![lets(json!("*"), "kms:Encrypt")],
            (true, true, true),
        ),
        (
            "leaves other actions to the account",
            vec![lets(account(), "kms:Decrypt")],
            (false, false, false),
        ),
        (
            "denies one user",
            vec![
                lets(account(), "kms:*"),
                json!({"Effect": "Deny", "Principal": {"AWS": user_arn("with")}, "Action": "kms:Encrypt", "Resource": "*"}),
            ],
            (false, false, true),
        ),
    ];
    for (name, statements, expected) in rows {
        let arn = key_with(&world, statements);
        let passes = |who| {
            let input = json!({"KeyId": arn, "Plaintext": blob("x")});
            call(&world, who, "Encrypt", input).status == 200
        };
        assert_eq!(
            (passes(&with), passes(&without), passes(world.root())),
            expected,
            "{name}"
        );
    }
}

#[test]
fn another_account_needs_both_policies_and_reaches_few_operations() {
    let world = World::new();
    let arn = key_with(&world, vec![lets(json!({"AWS": OTHER_ACCOUNT}), "kms:*")]);
    let guest = world.other_root();
    let input = json!({"KeyId": arn, "Plaintext": blob("x")});
    call(&world, guest, "Encrypt", input.clone()).checked();
    let id = json!({"KeyId": arn});
    call(&world, guest, "DescribeKey", id.clone()).checked();
    for operation in [
        "GetKeyPolicy",
        "DisableKey",
        "ScheduleKeyDeletion",
        "ListResourceTags",
    ] {
        assert_eq!(
            refused(&world, guest, operation, id.clone()),
            "AccessDeniedException",
            "{operation}"
        );
    }
    let closed = key_with(&world, vec![lets(json!({"AWS": root_arn()}), "kms:*")]);
    let absent = arn.replace(
        arn.rsplit('/').next().unwrap(),
        "12345678-1234-1234-1234-123456789012",
    );
    // Whether there is such a key is not told to strangers.
    let refusal = |arn: &str| {
        let input = json!({"KeyId": arn, "Plaintext": blob("x")});
        let (code, text) = call(&world, guest, "Encrypt", input).error();
        (code, text.replace(arn, "KEY"))
    };
    assert_eq!(refusal(&closed), refusal(&absent));
    let (code, text) = refusal(&closed);
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains("because the resource does not exist in this Region, no"),
        "{text}"
    );
    // What was done with a key is in the trail of its account too.
    let copies = world
        .events()
        .into_iter()
        .filter(|event| event.event_name == "DescribeKey" && event.recipient_account_id == ACCOUNT);
    assert_eq!(copies.count(), 1);
}

#[test]
fn who_may_not_use_a_key_does_not_learn_whether_it_is_there() {
    let world = World::new();
    let stranger = world.user("stranger");
    let absent = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012");
    for id in [absent.as_str(), "alias/none"] {
        let input = json!({"KeyId": id, "Plaintext": blob("x")});
        assert_eq!(
            refused(&world, &stranger, "Encrypt", input),
            "AccessDeniedException",
            "{id}"
        );
    }
    world.put_policy("User", "stranger", &allow(&["kms:Encrypt"], "*"));
    let input = json!({"KeyId": "alias/none", "Plaintext": blob("x")});
    assert_eq!(
        refused(&world, &stranger, "Encrypt", input),
        "NotFoundException"
    );
}

#[test]
fn a_policy_that_locks_its_author_out_is_refused() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let admin = world.user("admin");
    let _ = world.user("other");
    world.put_policy("User", "admin", &allow(&["kms:*"], "*"));
    let put = |statement: Value, more: Value| {
        let mut input = json!({"KeyId": arn, "Policy": document(&json!([statement])).to_string()});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        call(&world, &admin, "PutKeyPolicy", input)
    };
    let for_other = || lets(json!({"AWS": user_arn("other")}), "kms:*");
    let (code, text) = put(for_other(), json!({})).error();
    assert_eq!(code, "MalformedPolicyDocumentException");
    assert_eq!(
        text,
        "The new key policy will not allow you to update the key policy in the future."
    );
    put(lets(json!({"AWS": root_arn()}), "kms:*"), json!({})).checked();
    put(lets(json!({"AWS": user_arn("admin")}), "kms:*"), json!({})).checked();
    let denied =
        json!({"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"});
    assert_eq!(
        put(denied, json!({})).error().0,
        "MalformedPolicyDocumentException"
    );
    assert_eq!(
        put(for_other(), json!({"PolicyName": "mine"})).error().0,
        "NotFoundException"
    );
    put(for_other(), json!({"BypassPolicyLockoutSafetyCheck": true})).checked();
    // And so it is: the account's own policies count no more.
    assert_eq!(
        refused(&world, &admin, "GetKeyPolicy", json!({"KeyId": arn})),
        "AccessDeniedException"
    );
    let nobody = lets(json!({"AWS": user_arn("nobody")}), "kms:*");
    let nobody = json!({"Policy": document(&json!([nobody])).to_string()});
    assert_eq!(
        refused(&world, world.root(), "CreateKey", nobody),
        "MalformedPolicyDocumentException"
    );
    let broken = json!({"Policy": "{}"});
    assert_eq!(
        refused(&world, world.root(), "CreateKey", broken),
        "MalformedPolicyDocumentException"
    );
}

#[test]
fn the_default_policy_leaves_it_to_the_account() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let got = root(&world, "GetKeyPolicy", json!({"KeyId": arn}));
    let policy: Value = serde_json::from_str(got["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], root_arn());
    assert_eq!(policy["Statement"][0]["Action"], "kms:*");
    let names = root(&world, "ListKeyPolicies", json!({"KeyId": arn}));
    assert_eq!(names["PolicyNames"], json!(["default"]));
}

/// Whether a user whose identity policy has this condition on `kms:*` gets through.
fn passes(condition: Value, operation: &str, input: impl Fn(&World, &str) -> Value) -> bool {
    let world = World::new();
    let arn = key(
        &world,
        json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]}),
    );
    root(
        &world,
        "CreateAlias",
        json!({"AliasName": "alias/one", "TargetKeyId": arn}),
    );
    let user = world.user("user");
    let rule =
        json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition}]);
    world.put_policy("User", "user", &document(&rule));
    let input = input(&world, &arn);
    call(&world, &user, operation, input).status == 200
}

#[test]
fn condition_keys_of_the_key_the_request_and_the_context() {
    let encrypt = |_: &World, arn: &str| json!({"KeyId": arn, "Plaintext": blob("x"), "EncryptionContext": {"tenant": "alice"}});
    let by_alias = |_: &World, _: &str| json!({"KeyId": "alias/one", "Plaintext": blob("x")});
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (condition, expected) in [
        (equals("kms:EncryptionContext:tenant", "alice"), true),
        (equals("kms:EncryptionContext:tenant", "bob"), false),
        (equals("kms:EncryptionContext:other", "alice"), false),
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["tenant"]}}),
            true,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["other"]}}),
            false,
        ),
        (equals("kms:CallerAccount", ACCOUNT), true),
        (equals("kms:CallerAccount", OTHER_ACCOUNT), false),
        (equals("kms:KeySpec", "SYMMETRIC_DEFAULT"), true),
        (equals("kms:KeyUsage", "SIGN_VERIFY"), false),
        (equals("kms:KeyOrigin", "AWS_KMS"), true),
        (equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"), true),
        (
            json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/one"}}),
            true,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/two"}}),
            false,
        ),
        (equals("kms:RequestAlias", "alias/one"), false),
        (equals("aws:ResourceTag/team", "red"), true),
        (equals("aws:ResourceTag/team", "blue"), false),
        (
            equals("kms:ViaService", "s3.us-east-1.amazonaws.com"),
            false,
        ),
        (json!({"Null": {"kms:ViaService": "true"}}), true),
    ] {
        assert_eq!(
            passes(condition.clone(), "Encrypt", encrypt),
            expected,
            "{condition}"
        );
    }
    assert!(passes(
        equals("kms:RequestAlias", "alias/one"),
        "Encrypt",
        by_alias
    ));
    assert!(!passes(
        equals("kms:RequestAlias", "alias/two"),
        "Encrypt",
        by_alias
    ));
    let data_key = |_: &World, arn: &str| json!({"KeyId": arn, "NumberOfBytes": 8});
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        let algorithm = equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
        assert!(passes(algorithm, operation, data_key), "{operation}");
    }
    let retire = |world: &World, arn: &str| {
        let made = root(
            world,
            "CreateGrant",
            json!({"KeyId": arn, "GranteePrincipal": user_arn("user"), "Operations": ["Encrypt"],
                "Constraints": {"EncryptionContextSubset": {"tenant": "alice"}}}),
        );
        json!({"KeyId": arn, "GrantId": made["GrantId"]})
    };
    for (condition, expected) in [
        (
            equals("kms:GrantConstraintType", "EncryptionContextSubset"),
            true,
        ),
        (equals("kms:EncryptionContext:tenant", "alice"), true),
        (equals("kms:EncryptionContext:tenant", "bob"), false),
    ] {
        assert_eq!(
            passes(condition.clone(), "RetireGrant", retire),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn condition_keys_of_making_deleting_and_rotating() {
    let id = |_: &World, arn: &str| json!({"KeyId": arn});
    let make = |_: &World, _: &str| json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]});
    let days =
        |operator: &str| json!({operator: {"kms:ScheduleKeyDeletionPendingWindowInDays": "14"}});
    assert!(passes(
        days("NumericGreaterThanEquals"),
        "ScheduleKeyDeletion",
        id
    ));
    assert!(!passes(days("NumericLessThan"), "ScheduleKeyDeletion", id));
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    assert!(passes(
        equals("aws:RequestTag/team", "red"),
        "CreateKey",
        make
    ));
    assert!(!passes(
        equals("aws:RequestTag/team", "blue"),
        "CreateKey",
        make
    ));
    assert!(passes(
        equals("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        "CreateKey",
        |_, _| json!({})
    ));
    let bypass = json!({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}});
    assert!(passes(bypass.clone(), "CreateKey", |_, _| json!({})));
    let bypassing = |_: &World, _: &str| json!({"BypassPolicyLockoutSafetyCheck": true});
    assert!(!passes(bypass, "CreateKey", bypassing));
    let period = json!({"NumericEquals": {"kms:RotationPeriodInDays": "365"}});
    assert!(passes(period, "EnableKeyRotation", id));
}

#[test]
fn an_alias_needs_permission_on_itself_and_on_the_key() {
    let world = World::new();
    let arn = key(&world, json!({}));
    let user = world.user("user");
    let alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/a");
    let input = json!({"AliasName": "alias/a", "TargetKeyId": arn});
    for one in [arn.as_str(), alias.as_str()] {
        world.put_policy("User", "user", &allow(&["kms:CreateAlias"], one));
        assert_eq!(
            refused(&world, &user, "CreateAlias", input.clone()),
            "AccessDeniedException",
            "{one}"
        );
    }
    let both = json!([{"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": [arn, alias]}]);
    world.put_policy("User", "user", &document(&both));
    call(&world, &user, "CreateAlias", input).checked();
}

#[test]
fn re_encryption_needs_both_ends() {
    let world = World::new();
    let (one, two) = (key(&world, json!({})), key(&world, json!({})));
    let made = root(
        &world,
        "Encrypt",
        json!({"KeyId": one, "Plaintext": blob("x")}),
    );
    let user = world.user("user");
    let input = json!({"CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": two});
    let rule = |from: &str, to: &str| {
        document(&json!([
            {"Effect": "Allow", "Action": "kms:ReEncryptFrom", "Resource": from},
            {"Effect": "Allow", "Action": "kms:ReEncryptTo", "Resource": to},
        ]))
    };
    for (from, to, passes) in [(&two, &two, false), (&one, &one, false), (&one, &two, true)] {
        world.put_policy("User", "user", &rule(from, to));
        let answer = call(&world, &user, "ReEncrypt", input.clone());
        assert_eq!(answer.status == 200, passes, "{}", answer.text());
    }
}

#[test]
fn a_role_named_by_the_policy_is_still_bounded_by_its_session() {
    let world = World::new();
    let role = world.role("r", &trust(&root_arn(), &["sts:AssumeRole"]), &Value::Null);
    let arn = key_with(&world, vec![lets(json!({"AWS": role}), "kms:*")]);
    let caller = world.user("assumer");
    world.put_policy("User", "assumer", &allow(&["sts:AssumeRole"], "*"));
    let input = json!({"KeyId": arn, "Plaintext": blob("x")});
    let session = world.assume(&caller, &role, &[]).checked().credentials();
    call(&world, &session, "Encrypt", input.clone()).checked();
    let narrow = allow(&["s3:GetObject"], "*").to_string();
    let session = world
        .assume(&caller, &role, &[("Policy", &narrow)])
        .checked()
        .credentials();
    assert_eq!(
        refused(&world, &session, "Encrypt", input),
        "AccessDeniedException"
    );
}

#[test]
fn who_takes_the_name_of_a_deleted_user_takes_neither_policy_nor_grant() {
    let world = World::new();
    let old = world.user("alice");
    let named = key_with(
        &world,
        vec![lets(json!({"AWS": user_arn("alice")}), "kms:Encrypt")],
    );
    let granted = key(&world, json!({}));
    let grant =
        json!({"KeyId": granted, "GranteePrincipal": user_arn("alice"), "Operations": ["Encrypt"]});
    root(&world, "CreateGrant", grant);
    let encrypt = |who, arn: &str| {
        let input = json!({"KeyId": arn, "Plaintext": blob("x")});
        call(&world, who, "Encrypt", input).status
    };
    assert_eq!((encrypt(&old, &named), encrypt(&old, &granted)), (200, 200));
    let id = [
        ("UserName", "alice"),
        ("AccessKeyId", old.access_key_id.as_str()),
    ];
    let iam = |operation: &str, input: &[(&str, &str)]| {
        world.query(world.root(), "iam", operation, input).checked();
    };
    iam("DeleteAccessKey", &id);
    iam("DeleteUser", &id[..1]);
    let new = world.user("alice");
    assert_eq!((encrypt(&new, &named), encrypt(&new, &granted)), (400, 400));
}

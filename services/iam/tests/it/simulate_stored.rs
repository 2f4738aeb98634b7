//! Simulations ask the policies of the resources themselves, as a request does.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::{allow, document, trust, user_arn};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

fn ask(world: &World, source: &str, action: &str, resource: &str, more: &[(&str, &str)]) -> Answer {
    let mut input = vec![
        ("PolicySourceArn", source),
        ("ActionNames.member.1", action),
        ("ResourceArns.member.1", resource),
    ];
    input.extend_from_slice(more);
    world.query(world.root(), "iam", "SimulatePrincipalPolicy", &input)
}

fn decision(world: &World, source: &str, action: &str, resource: &str) -> String {
    let answer = ask(world, source, action, resource, &[]);
    answer.checked().xml("EvalDecision")
}

fn statement(effect: &str, principal: &str, actions: &[&str], resource: &str) -> Value {
    json!([{"Effect": effect, "Principal": {"AWS": principal}, "Action": actions, "Resource": resource}])
}

fn secrets(world: &World, operation: &str, input: &Value) -> Answer {
    world.json(world.root(), "secretsmanager", operation, input)
}

#[test]
fn the_policy_of_a_bucket_allows_and_denies() {
    let world = World::new();
    let alice = world.user("alice");
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "x").checked();
    let (who, object) = (user_arn("alice"), "arn:aws:s3:::data/k");
    let real = || bucket.get(&alice, "k").status == 200;
    assert_eq!(
        decision(&world, &who, "s3:GetObject", object),
        "implicitDeny"
    );
    let wide = "arn:aws:s3:::data/*";
    bucket
        .policy(&statement("Allow", &who, &["s3:GetObject"], wide))
        .checked();
    let allowed = ask(&world, &who, "s3:GetObject", object, &[]).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert_eq!(allowed.xml("SourcePolicyId"), "bucket policy");
    assert_eq!(allowed.xml("SourcePolicyType"), "resource");
    assert!(real());
    world.put_policy("User", "alice", &allow(&["s3:*"], "*"));
    bucket
        .policy(&statement("Deny", &who, &["s3:GetObject"], wide))
        .checked();
    assert_eq!(
        decision(&world, &who, "s3:GetObject", object),
        "explicitDeny"
    );
    assert!(!real());
    // What the input brings is asked instead of what is stored.
    let nothing = document(&statement("Allow", &who, &["s3:PutObject"], wide)).to_string();
    let other = [("ResourcePolicy", nothing.as_str())];
    let answer = ask(&world, &who, "s3:GetObject", object, &other).checked();
    assert_eq!(answer.xml("EvalDecision"), "allowed");
    // Who takes the name is not who was named.
    let deny = statement("Deny", &user_arn("bob"), &["s3:GetObject"], wide);
    let _ = world.user("bob");
    bucket.policy(&deny).checked();
    assert_eq!(decision(&world, &who, "s3:GetObject", object), "allowed");
    let posing = [
        ("ContextEntries.member.1.ContextKeyName", "aws:userid"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "AIDAX"),
    ];
    bucket
        .policy(&statement("Deny", &who, &["s3:GetObject"], wide))
        .checked();
    let answer = ask(&world, &who, "s3:GetObject", object, &posing).checked();
    assert_eq!(answer.xml("EvalDecision"), "explicitDeny");
}

#[test]
fn roles_are_known_to_the_policies_of_resources() {
    let world = World::new();
    let nobody = trust(&format!("arn:aws:iam::{ACCOUNT}:root"), &["sts:AssumeRole"]);
    let role = world.role("Studio", &nobody, &Value::Null);
    let bucket = Bucket::new(&world, "data");
    bucket
        .policy(&statement(
            "Allow",
            &role,
            &["s3:ListBucket"],
            "arn:aws:s3:::data",
        ))
        .checked();
    assert_eq!(
        decision(&world, &role, "s3:ListBucket", "arn:aws:s3:::data"),
        "allowed"
    );
}

#[test]
fn the_policy_and_the_tags_of_a_secret_count() {
    let world = World::new();
    let alice = world.user("alice");
    let who = user_arn("alice");
    let made =
        json!({"Name": "s", "SecretString": "x", "Tags": [{"Key": "owner", "Value": "alice"}]});
    let made = secrets(&world, "CreateSecret", &made).checked().json();
    let arn = made["ARN"].as_str().unwrap();
    let own = document(&json!([{
        "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
    }]));
    world.put_policy("User", "alice", &own);
    let action = "secretsmanager:DescribeSecret";
    let allowed = ask(&world, &who, action, arn, &[]).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert!(
        !allowed.text().contains("<member>aws:ResourceTag"),
        "{}",
        allowed.text()
    );
    let absent = format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other-AbCdEf");
    let missing = ask(&world, &who, action, &absent, &[]).checked();
    assert_eq!(missing.xml("EvalDecision"), "implicitDeny");
    assert!(
        missing
            .text()
            .contains("<member>aws:ResourceTag/owner</member>"),
        "{}",
        missing.text()
    );
    let entry = [
        (
            "ContextEntries.member.1.ContextKeyName",
            "aws:ResourceTag/owner",
        ),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "bob"),
    ];
    let other = ask(&world, &who, action, arn, &entry).checked();
    assert_eq!(other.xml("EvalDecision"), "implicitDeny");
    let deny = document(&statement(
        "Deny",
        &who,
        &["secretsmanager:DescribeSecret"],
        "*",
    ));
    let put = json!({"SecretId": "s", "ResourcePolicy": deny.to_string()});
    let _ = secrets(&world, "PutResourcePolicy", &put).checked();
    assert_eq!(decision(&world, &who, action, arn), "explicitDeny");
    let real = world.json(
        &alice,
        "secretsmanager",
        "DescribeSecret",
        &json!({"SecretId": "s"}),
    );
    assert_eq!(real.error().0, "AccessDeniedException");
}

#[test]
fn a_key_policy_must_allow() {
    let world = World::new();
    let _ = world.user("alice");
    let who = user_arn("alice");
    world.put_policy("User", "alice", &allow(&["kms:*"], "*"));
    let kms = |operation: &str, input: &Value| world.json(world.root(), "kms", operation, input);
    let made = kms("CreateKey", &json!({})).checked().json();
    let arn = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    assert_eq!(decision(&world, &who, "kms:Decrypt", &arn), "allowed");
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let narrow = json!([
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:Put*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:CreateGrant", "Resource": "*"},
    ]);
    let put = json!({"KeyId": arn, "Policy": document(&narrow).to_string()});
    let put = |_: ()| world.json(world.root(), "kms", "PutKeyPolicy", &put);
    assert!([200].contains(&put(()).status));
    assert_eq!(decision(&world, &who, "kms:Decrypt", &arn), "implicitDeny");
    let grant = json!({"KeyId": arn, "GranteePrincipal": who, "Operations": ["Decrypt"]});
    let _ = kms("CreateGrant", &grant).checked();
    assert_eq!(decision(&world, &who, "kms:Decrypt", &arn), "allowed");
    // Without a caller nobody is named, and the policies of the input stand for themselves.
    let text = allow(&["kms:Encrypt"], "*").to_string();
    let input = [
        ("PolicyInputList.member.1", text.as_str()),
        ("ActionNames.member.1", "kms:Encrypt"),
        ("ResourceArns.member.1", arn.as_str()),
        ("PermissionsBoundaryPolicyInputList.member.1", text.as_str()),
    ];
    let custom = world
        .query(world.root(), "iam", "SimulateCustomPolicy", &input)
        .checked();
    assert_eq!(custom.xml("EvalDecision"), "allowed");
    assert_eq!(custom.xml("AllowedByPermissionsBoundary"), "true");
}

/// A bucket of the other account with this statement about alice.
fn others(world: &World, statements: &Value) {
    let put = |path: &str, body: String| {
        world.http(world.other_root(), "s3", "PUT", path, &[], body.into())
    };
    if put("/theirs", String::new()).status != 409 {
        put("/theirs/k", "x".to_owned()).checked();
    }
    put("/theirs?policy", document(statements).to_string()).checked();
}

#[test]
fn another_account_tells_no_more_than_whether_it_allows() {
    let world = World::new();
    let alice: Credentials = world.user("alice");
    let who = user_arn("alice");
    let object = "arn:aws:s3:::theirs/k";
    let real = || {
        let got = world.http(&alice, "s3", "GET", "/theirs/k", &[], "".into());
        got.status == 200
    };
    world.put_policy("User", "alice", &allow(&["s3:GetObject"], "*"));
    // Of a bucket that is not there nobody knows the owner.
    assert_eq!(decision(&world, &who, "s3:GetObject", object), "allowed");
    others(
        &world,
        &statement("Allow", &who, &["s3:PutObject"], "arn:aws:s3:::theirs/*"),
    );
    assert_eq!(
        decision(&world, &who, "s3:GetObject", object),
        "implicitDeny"
    );
    others(
        &world,
        &statement("Allow", &who, &["s3:GetObject"], "arn:aws:s3:::theirs/*"),
    );
    let allowed = ask(&world, &who, "s3:GetObject", object, &[]).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert!(
        !allowed.text().contains("bucket policy"),
        "{}",
        allowed.text()
    );
    assert!(real());
    others(
        &world,
        &json!([{
            "Effect": "Deny", "Principal": {"AWS": who}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*",
            "Condition": {"Null": {"s3:RequestObjectTag/secret": "true"}},
        }]),
    );
    let denied = ask(&world, &who, "s3:GetObject", object, &[]).checked();
    assert_eq!(denied.xml("EvalDecision"), "implicitDeny");
    assert!(!denied.text().contains("secret"), "{}", denied.text());
    assert!(!real());
    // Nobody asks for somebody of another account.
    others(
        &world,
        &statement(
            "Allow",
            OTHER_ACCOUNT,
            &["s3:GetObject"],
            "arn:aws:s3:::theirs/*",
        ),
    );
    let carol = format!("arn:aws:iam::{OTHER_ACCOUNT}:user/carol");
    let answer = ask(
        &world,
        &who,
        "s3:GetObject",
        object,
        &[("CallerArn", &carol)],
    )
    .checked();
    assert_eq!(answer.xml("MatchedStatements").matches("bucket").count(), 0);
    // An owner whom the input tells is believed, and then the stored policy is not asked.
    let told = [("ResourceOwner", "arn:aws:iam::123456789012:root")];
    let answer = ask(&world, &who, "s3:GetObject", object, &told).checked();
    assert_eq!(answer.xml("EvalDecision"), "allowed");
}

#[test]
fn tags_and_conditions_of_another_account_are_not_to_be_guessed() {
    let world = World::new();
    let alice = world.user("alice");
    let who = user_arn("alice");
    let tagged = |value: &str| {
        document(
            &json!([{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/project": value}}}]),
        )
    };
    let made =
        json!({"Name": "s", "SecretString": "x", "Tags": [{"Key": "project", "Value": "moon"}]});
    let other = world.other_root();
    let made = world.json(other, "secretsmanager", "CreateSecret", &made);
    let held = made.checked().json()["ARN"].as_str().unwrap().to_owned();
    let absent = format!("arn:aws:secretsmanager:us-east-1:{OTHER_ACCOUNT}:secret:t-AbCdEf");
    let action = "secretsmanager:GetSecretValue";
    let told = |arn: &str| {
        let right = tagged("moon").to_string();
        let boundary = [(
            "PermissionsBoundaryPolicyInputList.member.1",
            right.as_str(),
        )];
        let answer = ask(&world, &who, action, arn, &boundary).checked().text();
        let (_, result) = answer.split_once("<EvaluationResults>").unwrap();
        let (result, _) = result.split_once("</EvaluationResults>").unwrap();
        result.replace(arn, "ARN")
    };
    for value in ["moon", "mars"] {
        world.put_policy("User", "alice", &tagged(value));
        assert_eq!(told(&held), told(&absent), "{value}");
    }
    // Nor does a simulation try from where nobody can ask.
    world.put_policy("User", "alice", &allow(&["s3:GetObject"], "*"));
    others(
        &world,
        &json!([{
            "Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::theirs/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        }]),
    );
    let from = [
        ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
        ("ContextEntries.member.1.ContextKeyType", "ip"),
        (
            "ContextEntries.member.1.ContextKeyValues.member.1",
            "203.0.113.7",
        ),
    ];
    let object = "arn:aws:s3:::theirs/k";
    let answer = ask(&world, &who, "s3:GetObject", object, &from).checked();
    assert_eq!(answer.xml("EvalDecision"), "implicitDeny");
    let got = world.http(&alice, "s3", "GET", "/theirs/k", &[], "".into());
    assert_eq!(got.status, 403);
}

#[test]
fn the_policy_of_a_bucket_is_not_told_to_the_owner_of_an_object_in_it() {
    let world = World::new();
    let _ = world.user("alice");
    let who = user_arn("alice");
    world.put_policy("User", "alice", &allow(&["s3:GetObject"], "*"));
    let all = ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"];
    let rules = |range: &str| {
        json!([
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": all},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": all,
             "Condition": {"IpAddress": {"aws:SourceIp": range}}},
        ])
    };
    others(&world, &rules("203.0.113.0/24"));
    let writers = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
                   </OwnershipControls>";
    let put = |who: &Credentials, path: &str, body: &'static str| {
        world
            .http(who, "s3", "PUT", path, &[], body.into())
            .checked()
    };
    put(world.other_root(), "/theirs?ownershipControls", writers);
    put(world.root(), "/theirs/own", "x");
    let object = "arn:aws:s3:::theirs/own";
    let from = [
        ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
        ("ContextEntries.member.1.ContextKeyType", "ip"),
        (
            "ContextEntries.member.1.ContextKeyValues.member.1",
            "203.0.113.7",
        ),
    ];
    let asked = |more: &[(&str, &str)]| {
        let answer = ask(&world, &who, "s3:GetObject", object, more).checked();
        assert!(
            !answer.text().contains("bucket policy"),
            "{}",
            answer.text()
        );
        answer.xml("EvalDecision")
    };
    let there = asked(&from);
    others(&world, &rules("198.51.100.0/24"));
    assert_eq!(asked(&from), there, "from where, is not to be guessed");
    assert_eq!(asked(&[]), "allowed");
    others(&world, &rules("0.0.0.0/0"));
    let carol = format!("arn:aws:iam::{OTHER_ACCOUNT}:user/carol");
    let _ = asked(&[from[0], from[1], from[2], ("CallerArn", carol.as_str())]);
}

#[test]
fn roles_of_other_accounts_are_asked_for_their_trust() {
    let world = World::new();
    let _ = world.user("alice");
    let who = user_arn("alice");
    world.put_policy("User", "alice", &allow(&["sts:AssumeRole"], "*"));
    let role = |name: &str, principal: &str| {
        let text = trust(principal, &["sts:AssumeRole"]).to_string();
        let input = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", text.as_str()),
        ];
        let made = world.query(world.other_root(), "iam", "CreateRole", &input);
        made.checked().xml("Arn")
    };
    let open = role("Open", ACCOUNT);
    let closed = role("Closed", OTHER_ACCOUNT);
    let absent = format!("arn:aws:iam::{OTHER_ACCOUNT}:role/Absent");
    for (arn, expected) in [
        (&open, "allowed"),
        (&closed, "implicitDeny"),
        (&absent, "implicitDeny"),
    ] {
        assert_eq!(
            decision(&world, &who, "sts:AssumeRole", arn),
            expected,
            "{arn}"
        );
    }
    let own = format!("arn:aws:iam::{ACCOUNT}:role/Absent");
    let missing = ask(&world, &who, "sts:AssumeRole", &own, &[]);
    assert_eq!(missing.error().0, "NoSuchEntity");
    // A trust policy says nothing of other actions on the role.
    world.put_policy("User", "alice", &allow(&["iam:GetRole"], "*"));
    assert_eq!(decision(&world, &who, "iam:GetRole", &open), "implicitDeny");
}

#[test]
fn inputs_that_name_nobody_are_refused() {
    let world = World::new();
    let _ = world.user("alice");
    let who = user_arn("alice");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/s");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/R");
    for (name, value) in [
        ("CallerArn", session.as_str()),
        ("CallerArn", &role),
        ("CallerArn", "lambda.amazonaws.com"),
        ("ResourceOwner", "12345"),
        ("ResourceOwner", &who),
        ("ResourceHandlingOption", "EC2-Moon"),
    ] {
        let answer = ask(
            &world,
            &who,
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            &[(name, value)],
        );
        let (code, text) = answer.error();
        assert_eq!(code, "InvalidInput", "{name} {value}");
        assert!(text.contains(name), "{text}");
    }
}

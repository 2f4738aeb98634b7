//! What each section becomes.

use blueprint::{
    AccessKey, Blueprint, IdentityConfig, InlinePolicy, SecretText, UserKey, UserProfile,
};

use crate::{POLICY, TRUST, read, read_with};

fn names(policies: &[InlinePolicy]) -> Vec<&str> {
    policies.iter().map(|policy| policy.name.as_str()).collect()
}

#[test]
fn the_smallest_blueprint_is_an_empty_account() {
    assert_eq!(
        read("").unwrap(),
        Blueprint::empty("aws", "us-east-1", "123456789012")
    );
}

#[test]
fn roles_and_users_have_everything_that_iam_gives_them() {
    let blueprint = read(
        r#"
        name = "main"
        root_access_key = { id = "AKIAROOTROOTROOTROOT", secret = "rootrootrootroot" }
        [[policy]]
        name = "Ceiling"
        path = "/org/"
        document = "policy.json"
        [[role]]
        name = "Audit"
        path = "/team/"
        trust = "trust.json"
        policies = ["policy.json", { name = "Second", document = "policy.json" }]
        managed_policies = ["Ceiling"]
        boundary = "Ceiling"
        max_session_duration = 7_200
        tags = { team = "security", "cost center" = "" }
        [[user]]
        names = ["alice", "bob"]
        policies = ["policy.json"]
        [[user]]
        name = "carol"
        access_key = { id = "AKIACAROLCAROLCAROL1", secret = "carolcarolcarolcarol" }
        [[user]]
        name = "dave"
        access_key = "none"
        boundary = "Ceiling"
        "#,
    );
    let account = &blueprint.unwrap().accounts[0];
    assert_eq!(account.name, "main");
    assert_eq!(
        account.root_access_key.as_ref().unwrap().id,
        "AKIAROOTROOTROOTROOT"
    );
    let role = &account.roles[0];
    assert_eq!(
        (role.name.as_str(), role.path.as_str()),
        ("Audit", "/team/")
    );
    assert_eq!(
        (role.trust.text.as_str(), role.trust.origin.as_str()),
        (TRUST, "dir/trust.json")
    );
    assert_eq!(names(&role.policies), ["policy", "Second"]);
    assert_eq!(role.policies[1].document.text, POLICY);
    assert_eq!(
        role.managed_policies,
        ["arn:aws:iam::123456789012:policy/org/Ceiling"]
    );
    assert_eq!(
        role.boundary.as_deref(),
        Some("arn:aws:iam::123456789012:policy/org/Ceiling")
    );
    assert_eq!(role.max_session_duration, 7200);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(role.tags, [tag("team", "security"), tag("cost center", "")]);
    let users: Vec<_> = account
        .users
        .iter()
        .map(|user| user.name.as_str())
        .collect();
    assert_eq!(users, ["alice", "bob", "carol", "dave"]);
    assert_eq!(account.users[1].access_key, UserKey::Generate);
    assert_eq!(names(&account.users[1].policies), ["policy"]);
    let secret = SecretText("carolcarolcarolcarol".to_owned());
    let given = AccessKey {
        id: "AKIACAROLCAROLCAROL1".to_owned(),
        secret,
    };
    assert_eq!(account.users[2].access_key, UserKey::Given(given));
    assert_eq!(account.users[3].access_key, UserKey::None);
}

#[test]
fn documents_may_stand_in_the_blueprint() {
    let blueprint = read(
        r#"
        [[role]]
        name = "R"
        trust = '''
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
  "Action": "sts:AssumeRole"}]}'''
        [[role.policies]]
        name = "List"
        [role.policies.document]
        Version = "2012-10-17"
        [[role.policies.document.Statement]]
        Effect = "Allow"
        Action = ["s3:ListAllMyBuckets"]
        Resource = "*"
        Condition.Bool."aws:SecureTransport" = true
        "#,
    );
    let role = &blueprint.unwrap().accounts[0].roles[0];
    assert!(role.trust.text.starts_with(r#"{"Version": "2012-10-17","#));
    assert_eq!(role.trust.origin, "dir/test.toml");
    assert_eq!(
        role.policies[0].document.text,
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","#,
            r#""Action":["s3:ListAllMyBuckets"],"Resource":"*","#,
            r#""Condition":{"Bool":{"aws:SecureTransport":true}}}]}"#
        )
    );
}

#[test]
fn buckets_and_secrets_hold_something_from_the_beginning() {
    let files = [("logo.bin", "\u{1}\u{2}"), ("policy.json", POLICY)];
    let text = r#"
        region = "us-east-1"
        [[account]]
        id = "123456789012"
        [[bucket]]
        name = "data"
        objects = [{ key = "a/b", text = "hello" }, { key = "logo", file = "logo.bin" }]
        [[bucket]]
        name = "guarded"
        policy = { Version = "2012-10-17", Statement = [] }
        [[secret]]
        name = "vision/alice"
        description = "a token"
        value = "t0ken"
        tags = { team = "vision" }
    "#;
    let blueprint = read_with(text, &files).unwrap();
    let account = &blueprint.accounts[0];
    assert_eq!(account.buckets[0].policy, None);
    let objects: Vec<_> = account.buckets[0]
        .objects
        .iter()
        .map(|o| (o.key.as_str(), o.bytes.as_slice()))
        .collect();
    assert_eq!(
        objects,
        [("a/b", b"hello".as_slice()), ("logo", b"\x01\x02")]
    );
    assert!(account.buckets[1].policy.is_some());
    let secret = &account.secrets[0];
    assert_eq!(
        (secret.name.as_str(), secret.value.0.as_str()),
        ("vision/alice", "t0ken")
    );
    assert!(
        !format!("{blueprint:?}").contains("t0ken"),
        "secrets do not show themselves"
    );
}

#[test]
fn domains_have_roles_and_profiles() {
    let blueprint = read(
        r#"
        [[role]]
        name = "Shared"
        path = "/x/"
        trust = "trust.json"
        [[domain]]
        name = "vision"
        id = "d-vision"
        user_profiles = ["alice", { name = "bob", execution_role = "Shared" }]
        execution_role_identity_config = "USER_PROFILE_NAME"
        tags = { team = "vision" }
        [domain.execution_role]
        name = "VisionExecution"
        trust = "trust.json"
        [[domain]]
        name = "speech"
        execution_role = "Shared"
        "#,
    );
    let account = &blueprint.unwrap().accounts[0];
    assert_eq!(account.roles.len(), 2);
    let vision = &account.domains[0];
    assert_eq!(vision.id, "d-vision");
    assert_eq!(
        vision.execution_role,
        "arn:aws:iam::123456789012:role/VisionExecution"
    );
    assert_eq!(
        vision.execution_role_identity_config,
        IdentityConfig::UserProfileName
    );
    let shared = "arn:aws:iam::123456789012:role/x/Shared";
    let profile = |name: &str, role: Option<&str>| UserProfile {
        name: name.to_owned(),
        execution_role: role.map(str::to_owned),
    };
    assert_eq!(
        vision.user_profiles,
        [profile("alice", None), profile("bob", Some(shared))]
    );
    let speech = &account.domains[1];
    assert_eq!(speech.execution_role, shared);
    assert_eq!(
        speech.execution_role_identity_config,
        IdentityConfig::Disabled
    );
}

#[test]
fn a_derived_domain_id_is_always_the_same_and_never_another_domains() {
    let id = |name: &str| {
        let domain = format!("[[role]]\nname='R'\ntrust='trust.json'\n[[domain]]\nname='{name}'\n");
        read(&format!("{domain}execution_role='R'"))
            .unwrap()
            .accounts[0]
            .domains[0]
            .id
            .clone()
    };
    assert_eq!(id("vision"), id("vision"));
    assert_ne!(id("vision"), id("speech"));
    assert!(id("vision").starts_with("d-") && id("vision").len() == 14);
}

#[test]
fn with_several_accounts_everything_says_whose_it_is() {
    let text = r#"
        region = "cn-north-1"
        partition = "aws-cn"
        [[account]]
        id = "111111111111"
        name = "one"
        [[account]]
        id = "222222222222"
        [[role]]
        account = "222222222222"
        name = "R"
        trust = "trust.json"
        [[domain]]
        account = "222222222222"
        name = "d"
        execution_role = "R"
        [[role]]
        account = "one"
        name = "R"
        trust = "trust.json"
    "#;
    let blueprint = read_with(text, &[("trust.json", TRUST)]).unwrap();
    let roles: Vec<usize> = blueprint
        .accounts
        .iter()
        .map(|account| account.roles.len())
        .collect();
    assert_eq!(roles, [1, 1]);
    let domain = &blueprint.accounts[1].domains[0];
    assert_eq!(domain.execution_role, "arn:aws-cn:iam::222222222222:role/R");
}

#[test]
fn the_sample_in_the_documentation_is_a_blueprint() {
    let docs = include_str!("../../src/lib.rs");
    let lines = docs.lines().filter_map(|line| line.strip_prefix("//!"));
    let sample = lines.skip_while(|line| *line != " ```toml").skip(1);
    let sample: Vec<&str> = sample.take_while(|line| *line != " ```").collect();
    let guard = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let names = [
        "ceiling",
        "audit-trust",
        "read-trail",
        "studio",
        "bucket",
        "execution-trust",
    ];
    let mut files = vec![("own-jobs".to_owned(), POLICY), ("logo.png".to_owned(), "")];
    files.extend(names.map(|name| match name.contains("trust") {
        true => (name.to_owned(), TRUST),
        false => (
            name.to_owned(),
            if name == "bucket" { guard } else { POLICY },
        ),
    }));
    let paths = files.iter().map(|(name, text)| match name.as_str() {
        "logo.png" => (name.clone(), *text),
        _ => (format!("policies/{name}.json"), *text),
    });
    let files: Vec<_> = paths.collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), *text))
        .collect();
    let blueprint = read_with(&sample.join("\n"), &files).unwrap_or_else(|wrong| panic!("{wrong}"));
    let account = &blueprint.accounts[0];
    assert_eq!(
        (
            account.roles.len(),
            account.users.len(),
            account.domains.len()
        ),
        (2, 2, 1)
    );
}

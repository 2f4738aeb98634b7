//! Source identity, session tags and role chaining (IAM User Guide, "Monitor and control actions taken
//! with assumed roles", "Pass session tags in AWS STS").

use serde_json::{Value, json};
use testkit::{Answer, Credentials, World};

use testkit::documents::{allow, root_arn, trust};

const ALL: &[&str] = &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

/// A user `alice` who may assume everything, and roles that trust the account with `actions`.
fn world(roles: &[(&str, &[&str])]) -> (World, Credentials, Vec<String>) {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:*"], "*"));
    let arns = roles
        .iter()
        .map(|(name, actions)| {
            world.role(
                name,
                &trust(&root_arn(), actions),
                &allow(&["sts:*", "iam:Get*"], "*"),
            )
        })
        .collect();
    (world, alice, arns)
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error().0)
}

fn is_denied_for(answer: &Answer, action: &str) {
    let (code, message) = answer.error();
    assert_eq!(code, "AccessDenied");
    assert!(
        message.contains(&format!("is not authorized to perform: {action} on")),
        "{message}"
    );
}

#[test]
fn a_source_identity_needs_its_own_permission_in_the_trust_policy() {
    let (world, alice, roles) = world(&[("Plain", &["sts:AssumeRole"]), ("Named", ALL)]);
    let named = [("SourceIdentity", "alice")];
    is_denied_for(
        &world.assume(&alice, &roles[0], &named),
        "sts:SetSourceIdentity",
    );
    let answer = world.assume(&alice, &roles[1], &named).checked();
    assert_eq!(answer.xml("SourceIdentity"), "alice");
    let event = world.last_event();
    let parameters = event.request_parameters.unwrap();
    assert_eq!(parameters["sourceIdentity"], "alice");
    let elements = event.response_elements.unwrap();
    assert_eq!(elements["sourceIdentity"], "alice");
    assert_eq!(elements["credentials"]["secretAccessKey"], trail::HIDDEN);
    assert_eq!(
        event.user_identity.source_identity(),
        None,
        "it is set by this very call"
    );
}

#[test]
fn a_source_identity_goes_down_the_chain_and_never_changes() {
    let (world, alice, roles) = world(&[
        ("First", ALL),
        ("Second", ALL),
        ("Plain", &["sts:AssumeRole"]),
    ]);
    let first = world
        .assume(&alice, &roles[0], &[("SourceIdentity", "alice")])
        .checked();
    let first = first.credentials();
    let other = world.assume(&first, &roles[1], &[("SourceIdentity", "bob")]);
    is_denied_for(&other, "sts:SetSourceIdentity");
    let event = world.last_event();
    assert_eq!(event.request_parameters.unwrap()["sourceIdentity"], "bob");
    assert_eq!(event.user_identity.source_identity(), Some("alice"));
    is_denied_for(
        &world.assume(&first, &roles[2], &[]),
        "sts:SetSourceIdentity",
    );
    for more in [&[][..], &[("SourceIdentity", "alice")]] {
        let second = world.assume(&first, &roles[1], more).checked();
        assert_eq!(second.xml("SourceIdentity"), "alice");
        let _ = world
            .query(&second.credentials(), "sts", "GetCallerIdentity", &[])
            .checked();
        assert_eq!(
            world.last_event().user_identity.source_identity(),
            Some("alice")
        );
    }
}

#[test]
fn a_trust_policy_sees_the_source_identity_as_it_is_set_and_as_it_is_held() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:*"], "*"));
    let with = |key: &str| {
        let mut trust = trust(&root_arn(), ALL);
        trust["Statement"][0]["Condition"] = json!({"StringEquals": {key: "alice"}});
        trust
    };
    let setting = world.role(
        "Setting",
        &with("sts:SourceIdentity"),
        &allow(&["sts:*"], "*"),
    );
    let held = world.role("Held", &with("aws:SourceIdentity"), &Value::Null);
    let named = [("SourceIdentity", "alice")];
    is_denied_for(&world.assume(&alice, &held, &named), "sts:AssumeRole");
    is_denied_for(&world.assume(&alice, &setting, &[]), "sts:AssumeRole");
    let session = world
        .assume(&alice, &setting, &named)
        .checked()
        .credentials();
    let _ = world.assume(&session, &held, &[]).checked();
    let _ = world.assume(&session, &setting, &[]).checked();
}

#[test]
fn malformed_source_identities_are_refused_by_their_shape() {
    let (world, alice, roles) = world(&[("Named", ALL)]);
    for bad in ["a", "aws:bob", &"x".repeat(65), "b b", ""] {
        let answer = world.assume(&alice, &roles[0], &[("SourceIdentity", bad)]);
        assert_eq!(code(&answer), (400, "ValidationError".to_owned()), "{bad}");
    }
}

/// The tags with which the trail says that a session was asked for, and the principal tags that a
/// policy sees.
fn sees(world: &World, who: &Credentials, tag: &str, value: &str) -> bool {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*",
         "Condition": {"StringEquals": {format!("aws:PrincipalTag/{tag}"): value}}}
    ]});
    for role in ["Role1", "Role2", "Role3"] {
        let text = policy.to_string();
        let input = [
            ("RoleName", role),
            ("PolicyName", "sees"),
            ("PolicyDocument", text.as_str()),
        ];
        let _ = world
            .query(world.root(), "iam", "PutRolePolicy", &input)
            .checked();
    }
    world
        .query(who, "iam", "GetUser", &[("UserName", "alice")])
        .status
        == 200
}

fn tag_role(world: &World, role: &str, tags: &[(&str, &str)]) {
    for (key, value) in tags {
        let input = [
            ("RoleName", role),
            ("Tags.member.1.Key", *key),
            ("Tags.member.1.Value", *value),
        ];
        let _ = world
            .query(world.root(), "iam", "TagRole", &input)
            .checked();
    }
}

/// The worked example of the IAM User Guide, "Chaining roles with session tags".
#[test]
fn transitive_tags_go_down_the_chain_and_prevail_over_tags_of_roles() {
    let world = World::new();
    let alice = world.user("alice");
    world.put_policy("User", "alice", &allow(&["sts:*"], "*"));
    let roles: Vec<String> = ["Role1", "Role2", "Role3"]
        .iter()
        .map(|name| world.role(name, &trust(&root_arn(), ALL), &allow(&["sts:*"], "*")))
        .collect();
    tag_role(&world, "Role2", &[("Sun", "2")]);
    tag_role(&world, "Role3", &[("Star", "3"), ("Lightning", "3")]);
    let tags = [
        ("Tags.member.1.Key", "Star"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "Heart"),
        ("Tags.member.2.Value", "1"),
        ("TransitiveTagKeys.member.1", "Star"),
        ("TransitiveTagKeys.member.2", "Heart"),
    ];
    let first = world
        .assume(&alice, &roles[0], &tags)
        .checked()
        .credentials();
    let second = world.assume(&first, &roles[1], &[]).checked().credentials();
    for (tag, value) in [("Heart", "1"), ("Star", "1"), ("Sun", "2")] {
        assert!(sees(&world, &second, tag, value), "{tag}");
    }
    let third = world
        .assume(&second, &roles[2], &[])
        .checked()
        .credentials();
    for (tag, value) in [("Heart", "1"), ("STAR", "1"), ("Lightning", "3")] {
        assert!(sees(&world, &third, tag, value), "{tag}");
    }
    assert!(
        !sees(&world, &third, "Sun", "2"),
        "tags of roles are never transitive"
    );
    let again = [("Tags.member.1.Key", "star"), ("Tags.member.1.Value", "9")];
    assert_eq!(code(&world.assume(&second, &roles[2], &again)).0, 400);
}

#[test]
fn tags_need_their_own_permission_also_when_they_are_inherited() {
    let (world, alice, roles) = world(&[("Tagged", ALL), ("Plain", &["sts:AssumeRole"])]);
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")];
    is_denied_for(&world.assume(&alice, &roles[1], &tag), "sts:TagSession");
    let plain = world
        .assume(&alice, &roles[0], &tag)
        .checked()
        .credentials();
    let _ = world.assume(&plain, &roles[1], &[]).checked();
    let transitive = [tag[0], tag[1], ("TransitiveTagKeys.member.1", "team")];
    let passing = world
        .assume(&alice, &roles[0], &transitive)
        .checked()
        .credentials();
    is_denied_for(&world.assume(&passing, &roles[1], &[]), "sts:TagSession");
}

#[test]
fn tags_must_differ_be_unreserved_and_contain_the_transitive_ones() {
    let (world, alice, roles) = world(&[("Tagged", ALL)]);
    let bad: [&[(&str, &str)]; 3] = [
        &[
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "a"),
            ("Tags.member.2.Key", "TEAM"),
            ("Tags.member.2.Value", "b"),
        ],
        &[
            ("Tags.member.1.Key", "aws:team"),
            ("Tags.member.1.Value", "a"),
        ],
        &[("TransitiveTagKeys.member.1", "team")],
    ];
    for tags in bad {
        assert_eq!(
            world.assume(&alice, &roles[0], tags).status,
            400,
            "{tags:?}"
        );
    }
}

#[test]
fn a_chained_session_lasts_an_hour_at_most() {
    let (world, alice, roles) = world(&[("First", ALL), ("Second", ALL)]);
    for role in ["First", "Second"] {
        let input = [("RoleName", role), ("MaxSessionDuration", "43200")];
        let _ = world
            .query(world.root(), "iam", "UpdateRole", &input)
            .checked();
    }
    let two_hours = [("DurationSeconds", "7200")];
    let first = world
        .assume(&alice, &roles[0], &two_hours)
        .checked()
        .credentials();
    let (code, message) = world.assume(&first, &roles[1], &two_hours).error();
    assert_eq!(code, "ValidationError");
    assert!(message.contains("1 hour session limit for roles assumed by role chaining"));
    let _ = world.assume(&first, &roles[1], &[]).checked();
}

#[test]
fn a_session_token_is_good_only_with_its_own_key() {
    let (world, alice, roles) = world(&[("First", ALL)]);
    let one = world.assume(&alice, &roles[0], &[]).checked().credentials();
    let two = world.assume(&alice, &roles[0], &[]).checked().credentials();
    let swapped = Credentials {
        token: two.token,
        ..one.clone()
    };
    let untoken = Credentials {
        token: None,
        ..one.clone()
    };
    let long_term = Credentials {
        token: one.token.clone(),
        ..alice
    };
    for wrong in [swapped, untoken, long_term] {
        let answer = world.query(&wrong, "sts", "GetCallerIdentity", &[]);
        assert_eq!(code(&answer), (403, "InvalidClientTokenId".to_owned()));
    }
    let _ = world.query(&one, "sts", "GetCallerIdentity", &[]).checked();
}

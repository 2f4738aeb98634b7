//! STS: who one is, and becoming a role (STS API Reference, AssumeRole and GetCallerIdentity).

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::documents::{allow, root_arn, trust, user_arn};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

fn denied(answer: &Answer) -> String {
    let (code, message) = answer.error();
    assert_eq!(
        (answer.status, code.as_str()),
        (403, "AccessDenied"),
        "{message}"
    );
    message
}

#[test]
fn everybody_may_ask_who_they_are_whatever_a_policy_says() {
    let world = World::new();
    let alice = world.user("alice");
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "*", "Resource": "*"}
    ]});
    world.put_policy("User", "alice", &deny);
    let answer = world
        .query(&alice, "sts", "GetCallerIdentity", &[])
        .checked();
    assert_eq!(answer.xml("Arn"), user_arn("alice"));
    assert!(answer.xml("UserId").starts_with("AIDA"));
}

#[test]
fn a_role_is_assumed_by_those_whom_it_trusts() {
    let world = World::new();
    let (alice, bob) = (world.user("alice"), world.user("bob"));
    let role = world.role(
        "R",
        &trust(&user_arn("alice"), &["sts:AssumeRole"]),
        &Value::Null,
    );
    let session = world.assume(&alice, &role, &[]).checked();
    assert_eq!(
        session.xml("Arn"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/session")
    );
    let who = world
        .query(&session.credentials(), "sts", "GetCallerIdentity", &[])
        .checked();
    assert_eq!(who.xml("UserId"), session.xml("AssumedRoleId"));
    let expected = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {role} because no \
         role trust policy allows the sts:AssumeRole action",
        user_arn("bob")
    );
    assert_eq!(denied(&world.assume(&bob, &role, &[])), expected);
    let event = world.last_event();
    assert_eq!(event.error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(event.error_message, Some(expected));
    assert_eq!(event.user_identity.arn, Some(user_arn("bob")));
    assert_eq!(event.resources[0].arn.as_deref(), Some(role.as_str()));
    assert_eq!(event.resources[0].kind.as_deref(), Some("AWS::IAM::Role"));
}

#[test]
fn a_role_that_does_not_exist_is_refused_like_one_that_does_not_trust() {
    let world = World::new();
    let (alice, _) = (world.user("alice"), world.user("bob"));
    world.put_policy("User", "alice", &allow(&["sts:*"], "*"));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/none");
    let message = denied(&world.assume(&alice, &role, &[]));
    assert!(message.ends_with("because no role trust policy allows the sts:AssumeRole action"));
    let real = world.role(
        "R",
        &trust(&user_arn("bob"), &["sts:AssumeRole"]),
        &Value::Null,
    );
    assert_eq!(
        message.replace(&role, &real),
        denied(&world.assume(&alice, &real, &[]))
    );
}

#[test]
fn a_trusted_account_leaves_it_to_its_own_policies() {
    let world = World::new();
    let alice = world.user("alice");
    let role = world.role("R", &trust(&root_arn(), &["sts:AssumeRole"]), &Value::Null);
    let message = denied(&world.assume(&alice, &role, &[]));
    assert!(message.ends_with("because no identity-based policy allows the sts:AssumeRole action"));
    world.put_policy("User", "alice", &allow(&["sts:AssumeRole"], &role));
    let _ = world.assume(&alice, &role, &[]).checked();
}

#[test]
fn a_role_of_another_account_needs_both_sides_and_is_recorded_in_both() {
    let world = World::new();
    let alice = world.user("alice");
    let trust = trust(&root_arn(), &["sts:AssumeRole"]).to_string();
    let input = [
        ("RoleName", "Far"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    let role = world
        .query(world.other_root(), "iam", "CreateRole", &input)
        .checked()
        .xml("Arn");
    assert!(role.contains(OTHER_ACCOUNT));
    let _ = denied(&world.assume(&alice, &role, &[]));
    world.put_policy("User", "alice", &allow(&["sts:AssumeRole"], &role));
    let _ = world.assume(&alice, &role, &[]).checked();
    let events = world.events();
    let [.., near, far] = events.as_slice() else {
        panic!("two events")
    };
    assert_eq!(near.recipient_account_id, ACCOUNT);
    assert_eq!(far.recipient_account_id, OTHER_ACCOUNT);
    assert!(near.shared_event_id.is_some() && near.shared_event_id == far.shared_event_id);
    assert_eq!(
        far.user_identity.arn, None,
        "the other account learns only whose principal it was"
    );
    assert_eq!(far.user_identity.account_id.as_deref(), Some(ACCOUNT));
}

#[test]
fn the_root_user_assumes_no_role() {
    let world = World::new();
    let role = world.role("R", &trust("*", &["sts:AssumeRole"]), &Value::Null);
    let message = denied(&world.assume(world.root(), &role, &[]));
    assert_eq!(message, "Roles may not be assumed by root accounts.");
}

#[test]
fn an_external_id_is_a_condition_key() {
    let world = World::new();
    let alice = world.user("alice");
    let mut trust = trust(&user_arn("alice"), &["sts:AssumeRole"]);
    trust["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": "42"}});
    let role = world.role("R", &trust, &Value::Null);
    let _ = denied(&world.assume(&alice, &role, &[]));
    let _ = denied(&world.assume(&alice, &role, &[("ExternalId", "43")]));
    let _ = world
        .assume(&alice, &role, &[("ExternalId", "42")])
        .checked();
}

fn may_ask(world: &World, who: &Credentials) -> bool {
    let answer = world.query(who, "iam", "GetRole", &[("RoleName", "R")]);
    answer.status == 200
}

#[test]
fn session_policies_limit_and_never_grant() {
    let world = World::new();
    let alice = world.user("alice");
    let role = world.role(
        "R",
        &trust(&user_arn("alice"), &["sts:AssumeRole"]),
        &allow(&["iam:*"], "*"),
    );
    let mut tried = Vec::new();
    for policy in [
        allow(&["iam:GetRole"], "*"),
        allow(&["iam:ListRoles", "s3:*"], "*"),
    ] {
        let session = world
            .assume(&alice, &role, &[("Policy", &policy.to_string())])
            .checked();
        tried.push(may_ask(&world, &session.credentials()));
    }
    assert_eq!(tried, [true, false]);
    let document = allow(&["iam:ListRoles"], "*").to_string();
    let input = [
        ("PolicyName", "Managed"),
        ("PolicyDocument", document.as_str()),
    ];
    let managed = world
        .query(world.root(), "iam", "CreatePolicy", &input)
        .checked()
        .xml("Arn");
    let by_arn = [("PolicyArns.member.1.arn", managed.as_str())];
    let session = world.assume(&alice, &role, &by_arn).checked().credentials();
    let message = denied(&world.query(&session, "iam", "GetRole", &[("RoleName", "R")]));
    assert!(message.ends_with("because no session policy allows the iam:GetRole action"));
    let _ = world.query(&session, "iam", "ListRoles", &[]).checked();
    let bad = world.assume(&alice, &role, &[("Policy", "{}")]);
    let sentence = "Syntax errors in policy.".to_owned();
    assert_eq!(
        bad.error(),
        ("MalformedPolicyDocument".to_owned(), sentence)
    );
    let long = allow(&["iam:GetRole"], &"x".repeat(2_048)).to_string();
    assert_eq!(
        world.assume(&alice, &role, &[("Policy", &long)]).error().0,
        "PackedPolicyTooLarge"
    );
}

#[test]
fn a_session_ends_when_its_time_is_over_and_no_later_than_its_role_allows() {
    let world = World::new();
    let alice = world.user("alice");
    let role = world.role(
        "R",
        &trust(&user_arn("alice"), &["sts:AssumeRole"]),
        &allow(&["iam:*"], "*"),
    );
    let long = world.assume(&alice, &role, &[("DurationSeconds", "3601")]);
    assert_eq!(
        long.error(),
        (
            "ValidationError".to_owned(),
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                .to_owned()
        )
    );
    let session = world
        .assume(&alice, &role, &[("DurationSeconds", "900")])
        .checked();
    world.clock.advance(SignedDuration::from_secs(899));
    assert!(may_ask(&world, &session.credentials()));
    world.clock.advance(SignedDuration::from_secs(1));
    let over = world.query(
        &session.credentials(),
        "iam",
        "GetRole",
        &[("RoleName", "R")],
    );
    assert_eq!(
        (over.status, over.error().0.as_str()),
        (403, "ExpiredToken")
    );
    assert_eq!(
        world.last_event().error_code.as_deref(),
        Some("ExpiredToken")
    );
}

#[test]
fn a_session_dies_with_its_role_even_if_another_takes_the_name() {
    let world = World::new();
    let alice = world.user("alice");
    let trusting = trust(&user_arn("alice"), &["sts:AssumeRole"]);
    let role = world.role("R", &trusting, &Value::Null);
    let session = world.assume(&alice, &role, &[]).checked().credentials();
    let _ = world
        .query(world.root(), "iam", "DeleteRole", &[("RoleName", "R")])
        .checked();
    let _ = world.role("R", &trusting, &allow(&["*"], "*"));
    let gone = world.query(&session, "iam", "ListRoles", &[]);
    assert_eq!(
        (gone.status, gone.error().0.as_str()),
        (403, "InvalidClientTokenId")
    );
}

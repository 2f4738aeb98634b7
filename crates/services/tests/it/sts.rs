//! STS: who one is, and becoming a role (`reference/aws-semantics`, parts E.1 to E.8).

use serde_json::{Value, json};
use testkit::{ACCOUNT, World};

/// A trust policy that lets `principal` do `actions`.
fn trust(principal: &str, actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}
    ]})
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
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

    let denied = world.assume(&bob, &role, &[]);
    assert_eq!(denied.status, 403);
    let (code, message) = denied.error();
    assert_eq!(code, "AccessDenied");
    assert_eq!(
        message,
        format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {role} because no \
             role trust policy allows the sts:AssumeRole action",
            user_arn("bob")
        )
    );
    let event = world.last_event();
    assert_eq!(event.error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(
        event.user_identity.arn.as_deref(),
        Some(user_arn("bob").as_str())
    );
}

//! Tokens of pages belong to the caller and the question that they were given to, for a day.

use jiff::SignedDuration;
use serde_json::json;
use testkit::{Answer, Credentials, World};

/// Users with names `u0` to `u4`, and two more who may list them.
fn world() -> (World, Credentials, Credentials) {
    let world = World::new();
    for number in 0..5 {
        let _ = world.user(&format!("u{number}"));
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}
    ]});
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let user = world.user(name);
        world.put_policy("User", name, &policy);
        user
    });
    (world, alice, bob)
}

fn list(world: &World, who: &Credentials, more: &[(&str, &str)]) -> Answer {
    world.query(who, "iam", "ListUsers", more)
}

#[test]
fn a_token_is_good_for_its_caller_and_its_question_only() {
    let (world, alice, bob) = world();
    let first = list(&world, &alice, &[("MaxItems", "2"), ("PathPrefix", "/")]);
    let marker = first.xml("Marker").to_owned();
    let next = [("MaxItems", "3"), ("PathPrefix", "/"), ("Marker", &marker)];
    assert_eq!(list(&world, &alice, &next).status, 200);
    for refused in [
        list(&world, &bob, &next),
        list(&world, world.root(), &next),
        list(&world, &alice, &[("MaxItems", "2"), ("Marker", &marker)]),
        list(
            &world,
            &alice,
            &[("PathPrefix", "/x/"), ("Marker", &marker)],
        ),
        list(
            &world,
            &alice,
            &[("PathPrefix", "/"), ("Marker", &format!("{marker}A"))],
        ),
        world.query(
            &alice,
            "iam",
            "ListRoles",
            &[("PathPrefix", "/"), ("Marker", &marker)],
        ),
    ] {
        assert_eq!(refused.error().0, "ValidationError");
    }
}

#[test]
fn a_token_is_good_for_a_day() {
    let (world, alice, _) = world();
    let first = list(&world, &alice, &[("MaxItems", "2")]);
    let marker = first.xml("Marker").to_owned();
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(list(&world, &alice, &[("Marker", &marker)]).status, 200);
    world.clock.advance(SignedDuration::from_secs(1));
    let late = list(&world, &alice, &[("Marker", &marker)]);
    assert_eq!(late.error().0, "ValidationError");
}

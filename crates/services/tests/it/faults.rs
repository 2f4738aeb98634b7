//! A store that fails: what was acknowledged is there, what failed is answered as a failure of the
//! server and leaves nothing half-done.

use serde_json::json;
use std::sync::Arc;
use store::{Faults, Faulty, MemoryStore};
use testkit::{Answer, World};

const ROUNDS: usize = 60;

fn world() -> (World, Arc<Faulty<MemoryStore>>) {
    let store = Arc::new(Faulty::new(MemoryStore::new(), Faults::new(0)));
    let world = World::on(Arc::clone(&store) as Arc<dyn store::Store>);
    // The first object makes S3's own key, in a transaction of its own.
    for path in ["/bucket", "/bucket/first"] {
        let made = world.http(world.root(), "s3", "PUT", path, &[], "".into());
        assert_eq!(made.status, 200);
    }
    (world, store)
}

/// What is made in each round, and how it is looked at.
struct Kind {
    make: fn(&World, usize) -> Answer,
    /// Whether it is there; panics when it is there in part.
    there: fn(&World, usize) -> bool,
}

fn find(world: &World, operation: &str, name: &str) -> Option<Answer> {
    let answer = world.query(world.root(), "iam", operation, &[("UserName", name)]);
    (answer.status == 200).then_some(answer)
}

const KINDS: [Kind; 3] = [
    Kind {
        make: |world, i| {
            let name = format!("user-{i}");
            let parameters = [
                ("UserName", name.as_str()),
                ("Tags.member.1.Key", "round"),
                ("Tags.member.1.Value", &i.to_string()),
            ];
            world.query(world.root(), "iam", "CreateUser", &parameters)
        },
        there: |world, i| {
            let name = format!("user-{i}");
            let user = find(world, "GetUser", &name);
            if let Some(user) = &user {
                assert!(user.text().contains("<Key>round</Key>"), "{}", user.text());
            }
            user.is_some()
        },
    },
    Kind {
        make: |world, i| {
            let input = json!({
                "Name": format!("secret-{i}"),
                "SecretString": format!("value-{i}"),
                "ClientRequestToken": format!("{i:0>32}"),
            });
            world.json(world.root(), "secretsmanager", "CreateSecret", &input)
        },
        there: |world, i| {
            let input = json!({"SecretId": format!("secret-{i}")});
            let ask = |operation| world.json(world.root(), "secretsmanager", operation, &input);
            let (described, value) = (ask("DescribeSecret"), ask("GetSecretValue"));
            assert_eq!(described.status, value.status, "{}", value.text());
            if value.status == 200 {
                assert_eq!(value.json()["SecretString"], format!("value-{i}"));
            }
            value.status == 200
        },
    },
    Kind {
        make: |world, i| {
            let body = format!("object-{i}").into_bytes().into();
            world.http(
                world.root(),
                "s3",
                "PUT",
                &format!("/bucket/{i}"),
                &[],
                body,
            )
        },
        there: |world, i| {
            let found = world.http(
                world.root(),
                "s3",
                "GET",
                &format!("/bucket/{i}"),
                &[],
                "".into(),
            );
            if found.status == 200 {
                assert_eq!(found.text(), format!("object-{i}"));
            }
            found.status == 200
        },
    },
];

/// Makes one of each in every round; `check` gets the answer and whether it is there afterwards.
fn storm(faults: impl Fn(u64) -> Faults, check: impl Fn(&Answer, bool)) {
    let mut injected = 0;
    for (seed, kind) in (1..).zip(&KINDS) {
        let (world, store) = world();
        store.set(faults(seed));
        let answers: Vec<Answer> = (0..ROUNDS).map(|i| (kind.make)(&world, i)).collect();
        injected += store.injected();
        store.set(Faults::new(0));
        for (i, answer) in answers.iter().enumerate() {
            let failed_by_the_server = answer.status >= 500;
            assert!(
                answer.status < 300 || failed_by_the_server,
                "{}: {}",
                answer.status,
                answer.text()
            );
            check(answer, (kind.there)(&world, i));
        }
    }
    assert!(injected > 20, "{injected} faults try nothing");
}

#[test]
fn what_fails_leaves_nothing_and_what_is_acknowledged_is_there() {
    storm(
        |seed| Faults::new(seed).fail_anywhere(0.04),
        |answer, there| assert_eq!(answer.status < 300, there, "{}", answer.text()),
    );
}

#[test]
fn a_commit_whose_answer_is_lost_is_whole() {
    storm(
        |seed| Faults::new(seed).lose_answers(0.3),
        |answer, there| assert!(there, "{}", answer.text()),
    );
}

#[test]
fn every_call_is_recorded_whatever_the_store_does() {
    let (world, store) = world();
    store.set(Faults::new(5).fail_anywhere(0.2));
    let before = world.events().len();
    for i in 0..ROUNDS {
        let answer = (KINDS[0].make)(&world, i);
        let event = world.last_event();
        assert_eq!(event.event_name, "CreateUser");
        assert_eq!(event.error_code.is_some(), answer.status >= 300);
    }
    assert_eq!(world.events().len(), before + ROUNDS);
    assert!(store.injected() > 10);
}

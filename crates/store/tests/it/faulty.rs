//! Faults come as ordered, and nothing of what failed happens.

use std::time::{Duration, Instant};

use store::{Error, Faults, Faulty, Key, MemoryStore, Operation, Scan, Store};

use crate::conformance::{Note, note};

fn put(store: &dyn Store, name: &str) -> Result<(), Error> {
    store.write(|tx| tx.put(&Key::new([name]), &note(name)))
}

fn names(store: &dyn Store) -> Result<Vec<String>, Error> {
    let all = Scan::under(&Key::default());
    let found = store.read(|tx| tx.scan::<Note>(&all))?;
    Ok(found.into_iter().map(|entry| entry.value.0).collect())
}

fn faulty(faults: Faults) -> Faulty<MemoryStore> {
    Faulty::new(MemoryStore::new(), faults)
}

#[test]
fn the_nth_of_an_operation_fails_and_leaves_nothing() {
    for operation in [Operation::BeginWrite, Operation::Put, Operation::Commit] {
        let store = faulty(Faults::new(1).fail_nth(operation, 2));
        assert!(put(&store, "a").is_ok());
        assert!(put(&store, "b").is_err());
        assert!(put(&store, "c").is_ok());
        assert_eq!(names(&store).unwrap(), ["a", "c"], "{operation:?}");
        assert_eq!(store.injected(), 1);
    }
    for operation in [Operation::BeginRead, Operation::Scan] {
        let store = faulty(Faults::new(1).fail_nth(operation, 1));
        assert!(names(&store).is_err());
        assert_eq!(names(&store).unwrap(), [""; 0]);
    }
}

#[test]
fn a_transaction_with_a_failure_cannot_be_committed() {
    let store = faulty(Faults::new(1).fail_nth(Operation::Get, 1));
    let mut tx = store.begin_write().unwrap();
    tx.put(&Key::new(["a"]), &note("a")).unwrap();
    assert!(tx.get::<Note>(&Key::new(["a"])).is_err());
    assert!(tx.commit().is_err());
    assert_eq!(names(&store).unwrap(), [""; 0]);
}

#[test]
fn a_lost_answer_is_a_commit_that_happened() {
    let store = faulty(Faults::new(1).lose_answers(1.0));
    assert!(put(&store, "a").is_err());
    assert_eq!(names(&store).unwrap(), ["a"]);
}

#[test]
fn chances_follow_the_seed_and_the_probability() {
    let failed = |seed| {
        let store = faulty(Faults::new(seed).fail_sometimes(Operation::Commit, 0.25));
        let fails = |i: &usize| put(&store, &i.to_string()).is_err();
        (0..1_000).filter(fails).collect::<Vec<_>>()
    };
    assert_eq!(failed(1), failed(1));
    assert_ne!(failed(1), failed(2));
    assert!((200..300).contains(&failed(3).len()));
}

#[test]
fn delays_are_added_and_faults_can_be_replaced() {
    let time = Duration::from_millis(30);
    let store = faulty(
        Faults::new(1)
            .delay(Operation::Commit, time)
            .fail_anywhere(1.0),
    );
    assert!(put(&store, "a").is_err());
    store.set(Faults::new(1).delay(Operation::Commit, time));
    let begun = Instant::now();
    put(&store, "a").unwrap();
    assert!(begun.elapsed() >= time);
}

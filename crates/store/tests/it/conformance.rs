//! The conformance suite: every implementation passes every test here.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use store::{
    Durability, Error, Faults, Faulty, Key, MemoryStore, Record, Scan, SqliteStore, Store,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note(pub(crate) String);

impl Record for Note {
    const KIND: &'static str = "note";
    const VERSION: u32 = 1;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Other(u32);

impl Record for Other {
    const KIND: &'static str = "other";
    const VERSION: u32 = 1;
}

pub(crate) fn note(text: &str) -> Note {
    Note(text.to_owned())
}

fn key(parts: &[&str]) -> Key {
    Key::new(parts)
}

fn names(store: &dyn Store, scan: &Scan) -> Vec<String> {
    let found = store.read(|tx| tx.scan::<Note>(scan)).unwrap();
    found
        .iter()
        .map(|entry| entry.key.parts().join("/"))
        .collect()
}

fn fill(store: &dyn Store, keys: &[&[&str]]) {
    store
        .write(|tx| {
            keys.iter()
                .try_for_each(|k| tx.put(&key(k), &note(&k.join("/"))))
        })
        .unwrap();
}

fn on_memory(test: fn(&dyn Store)) {
    test(&MemoryStore::new());
}

fn on_decorated(test: fn(&dyn Store)) {
    test(&Faulty::new(MemoryStore::new(), Faults::new(0)));
}

fn on_sqlite(test: fn(&dyn Store)) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    test(&SqliteStore::open(&path, Durability::ProcessEnd).unwrap());
}

fn on_sqlite_alone(test: fn(&dyn Store)) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = SqliteStore::open(&path, Durability::ProcessEnd).and_then(SqliteStore::alone);
    test(&store.unwrap());
}

macro_rules! conformance {
    ($($test:ident)+) => {
        mod memory {
            $(#[test] fn $test() { super::on_memory(super::$test); })+
        }
        mod sqlite {
            $(#[test] fn $test() { super::on_sqlite(super::$test); })+
        }
        mod sqlite_alone {
            $(#[test] fn $test() { super::on_sqlite_alone(super::$test); })+
        }
        mod decorated {
            $(#[test] fn $test() { super::on_decorated(super::$test); })+
        }
        /// The suite by name, for a store that is dear to make.
        pub(crate) const SUITE: &[(&str, fn(&dyn Store))] = &[
            $((stringify!($test), $test)),+
        ];
    };
}

conformance! {
    what_is_put_is_got
    insert_keeps_what_is_there
    delete_says_whether_there_was_one
    kinds_are_apart
    a_transaction_sees_its_own_changes
    dropped_transactions_leave_no_trace
    failed_bodies_leave_no_trace
    readers_see_one_moment
    readers_do_not_wait_for_the_writer
    writers_run_one_after_the_other
    revisions_tell_what_changed
    last_change_tells_which_kind_changed
    the_same_number_is_the_same_state
    an_empty_commit_changes_nothing
    kinds_are_those_that_ever_had_a_record
    scans_are_ordered_and_bounded
    scans_go_on_where_they_stopped
    scans_do_not_cross_parts
    scans_by_stem_leap_over_common_prefixes
    scans_see_uncommitted_changes
    arbitrary_histories_agree_with_a_model
}

fn what_is_put_is_got(store: &dyn Store) {
    let k = key(&["1", "a"]);
    let read = || store.read(|tx| tx.get::<Note>(&k)).unwrap();
    assert_eq!(read(), None);
    store.write(|tx| tx.put(&k, &note("one"))).unwrap();
    assert_eq!(read(), Some(note("one")));
    store
        .write(|tx| tx.put(&k, &note("two \u{0}\u{10FFFF}")))
        .unwrap();
    assert_eq!(read(), Some(note("two \u{0}\u{10FFFF}")));
}

fn the_same_number_is_the_same_state(store: &dyn Store) {
    let number = || store.begin_read().unwrap().as_of();
    let Some(first) = number() else {
        // A database that several nodes share counts its commits otherwise.
        return;
    };
    let k = key(&["1", "a"]);
    let early = store.begin_read().unwrap();
    let mut tx = store.begin_write().unwrap();
    assert_eq!(tx.as_of(), Some(first));
    assert!(!tx.delete::<Note>(&k).unwrap());
    tx.put(&k, &note("one")).unwrap();
    assert_eq!(tx.as_of(), None);
    drop(tx);
    assert_eq!(number(), Some(first));
    store.write(|tx| tx.put(&k, &note("one"))).unwrap();
    let second = number().unwrap();
    assert!(second > first);
    assert_eq!(early.as_of(), Some(first));
    drop(early);
    assert_eq!(store.begin_write().unwrap().as_of(), Some(second));
    assert!(store.write(|tx| tx.delete::<Note>(&k)).unwrap());
    assert!(number().unwrap() > second);
}

fn insert_keeps_what_is_there(store: &dyn Store) {
    let k = key(&["1", "a"]);
    assert!(store.write(|tx| tx.insert(&k, &note("first"))).unwrap());
    assert!(!store.write(|tx| tx.insert(&k, &note("second"))).unwrap());
    assert_eq!(store.read(|tx| tx.get(&k)).unwrap(), Some(note("first")));
    let twice = |tx: &mut dyn store::Write| -> Result<(bool, bool), Error> {
        let gone = tx.delete::<Note>(&k)?;
        Ok((gone, tx.insert(&k, &note("third"))?))
    };
    assert_eq!(store.write(twice).unwrap(), (true, true));
}

fn delete_says_whether_there_was_one(store: &dyn Store) {
    let k = key(&["1", "a"]);
    fill(store, &[&["1", "a"]]);
    assert!(store.write(|tx| tx.delete::<Note>(&k)).unwrap());
    assert!(!store.write(|tx| tx.delete::<Note>(&k)).unwrap());
    assert_eq!(store.read(|tx| tx.get::<Note>(&k)).unwrap(), None);
    assert!(names(store, &Scan::under(&key(&[]))).is_empty());
}

fn kinds_are_apart(store: &dyn Store) {
    let k = key(&["1", "a"]);
    fill(store, &[&["1", "a"]]);
    store.write(|tx| tx.put(&k, &Other(7))).unwrap();
    store.write(|tx| tx.delete::<Note>(&k)).unwrap();
    assert_eq!(store.read(|tx| tx.get(&k)).unwrap(), Some(Other(7)));
    assert!(names(store, &Scan::under(&key(&[]))).is_empty());
}

fn a_transaction_sees_its_own_changes(store: &dyn Store) {
    fill(store, &[&["1", "a"], &["1", "b"]]);
    let mut tx = store.begin_write().unwrap();
    tx.put(&key(&["1", "a"]), &note("new")).unwrap();
    tx.delete::<Note>(&key(&["1", "b"])).unwrap();
    assert_eq!(tx.get(&key(&["1", "a"])).unwrap(), Some(note("new")));
    assert_eq!(tx.get::<Note>(&key(&["1", "b"])).unwrap(), None);
    let outside = store.read(|tx| tx.get(&key(&["1", "b"]))).unwrap();
    assert_eq!(outside, Some(note("1/b")));
}

fn dropped_transactions_leave_no_trace(store: &dyn Store) {
    fill(store, &[&["1", "a"]]);
    let mut tx = store.begin_write().unwrap();
    tx.put(&key(&["1", "a"]), &note("new")).unwrap();
    tx.put(&key(&["1", "b"]), &note("new")).unwrap();
    drop(tx);
    assert_eq!(
        store.read(|tx| tx.get(&key(&["1", "a"]))).unwrap(),
        Some(note("1/a"))
    );
    assert_eq!(names(store, &Scan::under(&key(&[]))), ["1/a"]);
}

fn failed_bodies_leave_no_trace(store: &dyn Store) {
    let failed = store.write::<(), Error>(|tx| {
        tx.put(&key(&["1", "a"]), &note("new"))?;
        Err(Error::Busy { place: "x".into() })
    });
    assert_eq!(failed, Err(Error::Busy { place: "x".into() }));
    assert!(names(store, &Scan::under(&key(&[]))).is_empty());
    fill(store, &[&["1", "b"]]);
    assert_eq!(names(store, &Scan::under(&key(&[]))), ["1/b"]);
}

fn readers_see_one_moment(store: &dyn Store) {
    fill(store, &[&["1", "a"], &["1", "b"]]);
    let early = store.begin_read().unwrap();
    for text in ["x", "y", "z"] {
        store
            .write(|tx| {
                tx.put(&key(&["1", "a"]), &note(text))?;
                tx.put(&key(&["1", text]), &note(text))?;
                tx.delete::<Note>(&key(&["1", "b"]))
            })
            .unwrap();
    }
    assert_eq!(early.get(&key(&["1", "a"])).unwrap(), Some(note("1/a")));
    assert_eq!(
        early
            .scan::<Note>(&Scan::under(&key(&["1"])))
            .unwrap()
            .len(),
        2
    );
    let change = early.last_change("note").unwrap();
    drop(early);
    assert_eq!(
        names(store, &Scan::under(&key(&["1"]))),
        ["1/a", "1/x", "1/y", "1/z"]
    );
    assert!(store.read(|tx| tx.last_change("note")).unwrap() > change);
}

fn readers_do_not_wait_for_the_writer(store: &dyn Store) {
    fill(store, &[&["1", "a"]]);
    let mut tx = store.begin_write().unwrap();
    tx.put(&key(&["1", "a"]), &note("new")).unwrap();
    let during = store.begin_read().unwrap();
    assert_eq!(during.get(&key(&["1", "a"])).unwrap(), Some(note("1/a")));
    tx.commit().unwrap();
    assert_eq!(during.get(&key(&["1", "a"])).unwrap(), Some(note("1/a")));
}

fn writers_run_one_after_the_other(store: &dyn Store) {
    let (k, stop, reads) = (key(&["n"]), AtomicBool::new(false), AtomicUsize::new(0));
    store.write(|tx| tx.put(&k, &Other(0))).unwrap();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut last = 0;
            while !stop.load(Ordering::Relaxed) || reads.load(Ordering::Relaxed) == 0 {
                let now = store.read(|tx| tx.get::<Other>(&k)).unwrap().unwrap().0;
                assert!(now >= last, "a reader went back in time");
                last = now;
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        let add = || {
            for _ in 0..50 {
                store
                    .write(|tx| {
                        let Other(n) = tx.get(&k)?.unwrap();
                        tx.put(&k, &Other(n + 1))
                    })
                    .unwrap();
            }
        };
        let adders = [scope.spawn(add), scope.spawn(add), scope.spawn(add)];
        adders.into_iter().for_each(|adder| adder.join().unwrap());
        stop.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
    });
    assert_eq!(store.read(|tx| tx.get(&k)).unwrap(), Some(Other(150)));
}

fn revisions_tell_what_changed(store: &dyn Store) {
    let (a, b) = (key(&["a"]), key(&["b"]));
    let revision = |k: &Key| {
        let entry = store.read(|tx| tx.entry::<Note>(k)).unwrap();
        entry.unwrap().revision
    };
    fill(store, &[&["a"], &["b"]]);
    let before = (revision(&a), revision(&b));
    assert_eq!(before.0, before.1, "one commit, one number");
    let mut tx = store.begin_write().unwrap();
    tx.put(&a, &note("new")).unwrap();
    let promised = tx.entry::<Note>(&a).unwrap().unwrap().revision;
    tx.commit().unwrap();
    assert_eq!(revision(&a), promised);
    assert!(revision(&a) > before.0);
    assert_eq!(revision(&b), before.1);
}

fn last_change_tells_which_kind_changed(store: &dyn Store) {
    let last = |kind: &str| store.read(|tx| tx.last_change(kind)).unwrap();
    assert_eq!((last("note"), last("other")), (0, 0));
    fill(store, &[&["a"]]);
    let put = last("note");
    assert!(put > 0);
    store.write(|tx| tx.put(&key(&["a"]), &Other(1))).unwrap();
    assert_eq!(last("note"), put);
    assert!(last("other") > put);
    store.write(|tx| tx.delete::<Note>(&key(&["b"]))).unwrap();
    assert_eq!(last("note"), put, "nothing was deleted");
    store.write(|tx| tx.delete::<Note>(&key(&["a"]))).unwrap();
    assert!(last("note") > last("other"));
}

fn an_empty_commit_changes_nothing(store: &dyn Store) {
    fill(store, &[&["a"]]);
    let before = store.read(|tx| tx.last_change("note")).unwrap();
    store.begin_write().unwrap().commit().unwrap();
    assert_eq!(store.read(|tx| tx.last_change("note")).unwrap(), before);
}

fn kinds_are_those_that_ever_had_a_record(store: &dyn Store) {
    let kinds = || store.read(|tx| tx.kinds()).unwrap();
    assert_eq!(kinds(), [""; 0]);
    store.write(|tx| tx.put(&key(&["a"]), &Other(1))).unwrap();
    fill(store, &[&["a"], &["b"]]);
    assert_eq!(kinds(), ["note", "other"]);
    store.write(|tx| tx.delete::<Other>(&key(&["a"]))).unwrap();
    assert_eq!(kinds(), ["note", "other"]);
    let mut tx = store.begin_write().unwrap();
    tx.put_bytes("earlier", &key(&["a"]), 1, b"1").unwrap();
    assert_eq!(tx.kinds().unwrap(), ["earlier", "note", "other"]);
    drop(tx);
    assert_eq!(kinds(), ["note", "other"]);
}

fn scans_are_ordered_and_bounded(store: &dyn Store) {
    fill(
        store,
        &[
            &["1", "b"],
            &["2", "a"],
            &["1", "é"],
            &["1", "a"],
            &["10", "a"],
            &["1", "B"],
        ],
    );
    let one = Scan::under(&key(&["1"]));
    assert_eq!(names(store, &one), ["1/B", "1/a", "1/b", "1/é"]);
    assert_eq!(names(store, &one.clone().limit(2)), ["1/B", "1/a"]);
    assert_eq!(names(store, &one.clone().limit(0)), [""; 0]);
    assert_eq!(
        names(store, &one.clone().descending()),
        ["1/é", "1/b", "1/a", "1/B"]
    );
    assert_eq!(names(store, &one.descending().limit(1)), ["1/é"]);
    assert_eq!(names(store, &Scan::under(&key(&[]))).len(), 6);
    assert_eq!(names(store, &Scan::under(&key(&["3"]))), [""; 0]);
}

fn scans_go_on_where_they_stopped(store: &dyn Store) {
    fill(store, &[&["1", "a"], &["1", "b"], &["1", "c"], &["2", "a"]]);
    let one = Scan::under(&key(&["1"]));
    assert_eq!(
        names(store, &one.clone().after(&key(&["1", "a"]))),
        ["1/b", "1/c"]
    );
    assert_eq!(
        names(store, &one.clone().after(&key(&["1", "aa"]))),
        ["1/b", "1/c"]
    );
    assert_eq!(names(store, &one.clone().after(&key(&["1", "c"]))), [""; 0]);
    assert_eq!(names(store, &one.clone().after(&key(&["0"]))).len(), 3);
    assert_eq!(names(store, &one.clone().after(&key(&["3"]))), [""; 0]);
    let down = one.descending().after(&key(&["1", "c"]));
    assert_eq!(names(store, &down), ["1/b", "1/a"]);
    assert_eq!(names(store, &down.after(&key(&["0"]))), [""; 0]);
}

fn scans_do_not_cross_parts(store: &dyn Store) {
    fill(
        store,
        &[
            &["a", "b/c"],
            &["a/b", "c"],
            &["a", "b", "c"],
            &["a\u{0}", "b"],
            &["", "a"],
        ],
    );
    let found = |parts: &[&str]| names(store, &Scan::under(&key(parts))).len();
    assert_eq!(found(&["a"]), 2);
    assert_eq!(found(&["a", "b"]), 1);
    assert_eq!(found(&["a/b"]), 1);
    assert_eq!(found(&["a\u{0}"]), 1);
    assert_eq!(found(&[""]), 1);
}

fn scans_by_stem_leap_over_common_prefixes(store: &dyn Store) {
    let objects = ["a.txt", "logs/1", "logs/2", "logs\u{0}x", "logsx", "z"];
    objects
        .iter()
        .for_each(|object| fill(store, &[&["bucket", object], &["bucket2", object]]));
    let bucket = key(&["bucket"]);
    assert_eq!(
        names(store, &Scan::stem(&bucket, "logs/")),
        ["bucket/logs/1", "bucket/logs/2"]
    );
    assert_eq!(names(store, &Scan::stem(&bucket, "logs")).len(), 4);
    assert_eq!(names(store, &Scan::stem(&bucket, "")).len(), 6);
    let leap = Scan::under(&bucket).past_stem(&bucket, "logs/");
    assert_eq!(names(store, &leap), ["bucket/logsx", "bucket/z"]);
    let beyond = Scan::stem(&bucket, "logs").past_stem(&bucket, "z");
    assert_eq!(names(store, &beyond), [""; 0]);
}

fn scans_see_uncommitted_changes(store: &dyn Store) {
    fill(store, &[&["a"], &["b"], &["c"], &["d"]]);
    let mut tx = store.begin_write().unwrap();
    tx.delete::<Note>(&key(&["b"])).unwrap();
    tx.put(&key(&["bb"]), &note("new")).unwrap();
    tx.put(&key(&["c"]), &note("new")).unwrap();
    tx.put(&key(&["e"]), &note("new")).unwrap();
    let found = |scan: Scan| -> String {
        let entries = tx.scan::<Note>(&scan).unwrap();
        entries
            .iter()
            .map(|e| e.key.name() + if e.value.0 == "new" { "!" } else { "" } + " ")
            .collect()
    };
    let all = Scan::under(&key(&[]));
    assert_eq!(found(all.clone()), "a bb! c! d e! ");
    assert_eq!(found(all.clone().descending()), "e! d c! bb! a ");
    assert_eq!(found(all.clone().limit(2)), "a bb! ");
    assert_eq!(found(all.after(&key(&["a"])).limit(3)), "bb! c! d ");
}

/// A key and the text put under it, or `None` to delete it.
type Step = (Vec<String>, Option<String>);

/// Random transactions, some of them dropped, give what a plain map gives.
fn arbitrary_histories_agree_with_a_model(store: &dyn Store) {
    let name = prop_oneof!["[ab\u{0}/]{0,2}", Just("\u{10FFFF}".to_owned())];
    let step = (prop::collection::vec(name, 0..3), prop::option::of("[xy]"));
    let history = prop::collection::vec((prop::collection::vec(step, 0..6), any::<bool>()), 1..6);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let round = AtomicUsize::new(0);
    let run = |transactions: Vec<(Vec<Step>, bool)>| {
        let root = Key::new([round.fetch_add(1, Ordering::Relaxed).to_string()]);
        let mut model = std::collections::BTreeMap::<Vec<String>, String>::new();
        for (steps, commit) in transactions {
            let (mut tx, mut next) = (store.begin_write().unwrap(), model.clone());
            for (parts, text) in steps {
                let k = parts.iter().fold(root.clone(), |k, part| k.child(part));
                match text {
                    Some(text) => {
                        tx.put(&k, &note(&text)).unwrap();
                        next.insert(parts, text);
                    }
                    None => {
                        let existed = tx.delete::<Note>(&k).unwrap();
                        prop_assert_eq!(existed, next.remove(&parts).is_some());
                    }
                }
            }
            if commit {
                tx.commit().unwrap();
                model = next;
            } else {
                drop(tx);
            }
            let found = store
                .read(|tx| tx.scan::<Note>(&Scan::under(&root)))
                .unwrap();
            let found = found
                .into_iter()
                .map(|e| (e.key.parts()[1..].to_vec(), e.value.0));
            prop_assert_eq!(
                found.collect::<Vec<_>>(),
                model.clone().into_iter().collect::<Vec<_>>()
            );
        }
        Ok(())
    };
    runner.run(&history, run).unwrap();
}

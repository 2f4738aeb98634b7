//! What is left of a store that one process has for itself when that ends, and what others see of it.

use std::fs;
use std::path::Path;

use store::{Durability, Error, JournaledStore, Key, Scan, SqliteStore, Store};

use crate::conformance::{Note, note};
use crate::sqlite::texts;

/// A store's file as a program of format 2 left it, and what stood beside it: the notes `a` and `b` under
/// account 1, and that `b` was deleted.
const FORMAT_2: &[u8] = include_bytes!("samples/store-v2.db");
const JOURNAL_1: &[u8] = include_bytes!("samples/changes-v1");

/// A directory as it is at this moment: what is left of a process that ends without a word.
fn as_is(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(dir).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

fn open(dir: &Path) -> Result<SqliteStore, Error> {
    SqliteStore::open(&dir.join("state.db"), Durability::ProcessEnd)
}

fn alone(dir: &Path) -> Result<JournaledStore, Error> {
    open(dir).and_then(SqliteStore::alone)
}

fn put(store: &dyn Store, name: &str) {
    let key = Key::new(["1", name]);
    store.write(|tx| tx.put(&key, &note(name))).unwrap();
}

fn delete(store: &dyn Store, name: &str) {
    let gone = |tx: &mut dyn store::Write| tx.delete::<Note>(&Key::new(["1", name]));
    assert!(store.write(gone).unwrap());
}

/// The files beside the store's, by their endings.
fn endings(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let names = files.map(|file| file.file_name().into_string().unwrap());
    let mut endings: Vec<_> = names
        .filter_map(|name| name.strip_prefix("state.db-").map(str::to_owned))
        .filter(|ending| !ending.starts_with("wal") && !ending.starts_with("shm"))
        .collect();
    endings.sort();
    endings
}

#[test]
fn what_was_acknowledged_outlives_the_process_although_it_is_not_in_the_tables() {
    for durability in [Durability::PowerLoss, Durability::ProcessEnd] {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&dir.path().join("state.db"), durability);
        let store = store.and_then(SqliteStore::alone).unwrap();
        ["a", "b", "c"].iter().for_each(|name| put(&store, name));
        delete(&store, "b");
        let raw = rusqlite::Connection::open(dir.path().join("state.db")).unwrap();
        let rows = raw.query_row("SELECT count(*) FROM record", (), |row| row.get(0));
        assert_eq!(rows, Ok(0_i64), "they are only in the journal");
        let copy = as_is(dir.path());
        // Again and again: opening changes what is there.
        for _ in 0..3 {
            let found = alone(copy.path()).unwrap();
            assert_eq!(texts(&found), ["a", "c"]);
            assert!(found.set_aside().is_empty());
            let found: &dyn Store = &found;
            assert_eq!(found.read(|tx| tx.last_change("note")), Ok(4));
        }
        let found = open(copy.path()).unwrap();
        assert_eq!(texts(&found), ["a", "c"]);
        put(&found, "d");
        assert_eq!(texts(&found), ["a", "c", "d"]);
        // Whoever does not want it for himself finds the same.
        let other = as_is(dir.path());
        assert_eq!(texts(&open(other.path()).unwrap()), ["a", "c"]);
        assert_eq!(endings(other.path()), ["lock"]);
    }
}

#[test]
fn an_end_in_order_leaves_everything_in_the_tables_and_nothing_beside_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    put(&store, "a");
    assert_eq!(endings(dir.path()), ["changes-1", "lock"]);
    drop(store);
    assert_eq!(endings(dir.path()), ["lock"]);
    let raw = rusqlite::Connection::open(dir.path().join("state.db")).unwrap();
    let rows = raw.query_row("SELECT count(*) FROM record", (), |row| row.get(0));
    assert_eq!(rows, Ok(1_i64));
}

#[test]
fn a_commit_is_there_whole_or_not_at_all_wherever_the_process_ended() {
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    for name in ["a", "b"] {
        let two = |tx: &mut dyn store::Write| {
            let key = |more: &str| Key::new(["1", &format!("{name}{more}")]);
            tx.put(&key("1"), &note(name))?;
            tx.put(&key("2"), &note(name))
        };
        (&store as &dyn Store).write(two).unwrap();
    }
    let changes = |dir: &Path| dir.join("state.db-changes-1");
    let whole = fs::read(changes(dir.path())).unwrap();
    let mut seen = Vec::new();
    for length in 0..=whole.len() {
        let copy = as_is(dir.path());
        fs::write(changes(copy.path()), &whole[..length]).unwrap();
        let store = alone(copy.path()).unwrap();
        assert!(store.set_aside().is_empty());
        let found = texts(&store);
        let commits = [&[][..], &["a", "a"], &["a", "a", "b", "b"]];
        assert!(commits.iter().any(|commit| found == *commit), "{found:?}");
        seen.push(found.len());
        // It goes on from there.
        put(&store, "c");
        drop(store);
        assert_eq!(texts(&alone(copy.path()).unwrap()).len(), found.len() + 1);
    }
    seen.dedup();
    assert_eq!(seen, [0, 2, 4]);
}

/// The loss of power may take what was written before and leave what was written after, unless everything
/// was flushed.
#[test]
fn what_follows_damage_is_set_aside_or_refused() {
    for durability in [Durability::PowerLoss, Durability::ProcessEnd] {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&dir.path().join("state.db"), durability);
        let store = store.and_then(SqliteStore::alone).unwrap();
        ["a", "b", "c"].iter().for_each(|name| put(&store, name));
        let lost = as_is(dir.path());
        let changes = lost.path().join("state.db-changes-1");
        let mut bytes = fs::read(&changes).unwrap();
        let middle = bytes.windows(3).position(|some| some == b"\"b\"").unwrap();
        bytes[middle] = 0;
        fs::write(&changes, &bytes).unwrap();
        let found = alone(lost.path());
        if durability == Durability::PowerLoss {
            let refused = found.unwrap_err().to_string();
            assert!(
                refused.contains("the change after number 1 is damaged"),
                "{refused}"
            );
            assert_eq!(fs::read(&changes).unwrap(), bytes);
            continue;
        }
        let found = found.unwrap();
        assert_eq!(texts(&found), ["a"]);
        let aside = lost.path().join("state.db-aside-1");
        assert_eq!(found.set_aside(), std::slice::from_ref(&aside));
        assert_eq!(fs::read(&aside).unwrap(), bytes);
        put(&found, "d");
        drop(found);
        let found = alone(lost.path()).unwrap();
        assert_eq!(texts(&found), ["a", "d"]);
        assert!(found.set_aside().is_empty());
    }
}

/// What was put into the tables and could not be removed then, and what an earlier process left.
#[test]
fn nothing_is_put_into_the_tables_twice() {
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    put(&store, "a");
    put(&store, "b");
    let changes = fs::read(dir.path().join("state.db-changes-1")).unwrap();
    drop(store);
    let again = dir.path().join("state.db-changes-1");
    fs::write(&again, &changes).unwrap();
    let found = open(dir.path()).unwrap();
    assert_eq!(texts(&found), ["a", "b"]);
    delete(&found, "a");
    drop(found);
    // The tables are further than it now.
    fs::write(&again, &changes).unwrap();
    assert_eq!(texts(&open(dir.path()).unwrap()), ["b"]);
    // And have another journal.
    drop(alone(dir.path()).unwrap());
    fs::write(&again, &changes).unwrap();
    let found = alone(dir.path()).unwrap();
    assert_eq!(texts(&found), ["b"]);
    assert_eq!(found.set_aside(), [dir.path().join("state.db-aside-1")]);
}

/// Somebody took the file away, and not what stood beside it.
#[test]
fn what_belongs_to_another_file_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    put(&store, "a");
    let other = tempfile::tempdir().unwrap();
    let beside = "state.db-changes-1";
    fs::copy(dir.path().join(beside), other.path().join(beside)).unwrap();
    let found = alone(other.path()).unwrap();
    assert_eq!(texts(&found), [""; 0]);
    assert_eq!(found.set_aside(), [other.path().join("state.db-aside-1")]);
}

#[test]
fn others_read_what_is_acknowledged_and_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = alone(dir.path()).unwrap();
    put(&store, "a");
    let other = open(dir.path()).unwrap();
    put(&store, "b");
    assert_eq!(texts(&other), ["a", "b"]);
    let tx = other.begin_read().unwrap();
    put(&store, "c");
    let names = |tx: &dyn store::Read, scan: &Scan| {
        let found = tx.scan::<Note>(scan).unwrap().into_iter();
        found.map(|entry| entry.value.0).collect::<Vec<_>>()
    };
    let all = Scan::under(&Key::default());
    assert_eq!(names(&*tx, &all), ["a", "b"]);
    assert_eq!(names(&*tx, &all.clone().descending().limit(1)), ["b"]);
    assert_eq!(tx.last_change("note"), Ok(2));
    assert_eq!(tx.kinds().unwrap(), ["note"]);
    assert_eq!(tx.get(&Key::new(["1", "a"])).unwrap(), Some(note("a")));
    drop(tx);
    assert_eq!(names(&*other.begin_read().unwrap(), &all).len(), 3);
    let busy = Error::Busy {
        place: path.display().to_string(),
    };
    assert_eq!(other.begin_write().err(), Some(busy.clone()));
    assert_eq!(alone(dir.path()).err(), Some(busy.clone()));
    drop(store);
    let writing = other.begin_write().unwrap();
    assert_eq!(alone(dir.path()).err(), Some(busy));
    drop(writing);
    put(&other, "d");
    assert_eq!(texts(&other), ["a", "b", "c", "d"]);
}

/// Another process reads all the time while things are put into the tables.
#[test]
fn others_see_one_moment_while_things_are_put_into_the_tables() {
    const COMMITS: u64 = 400;
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    let store: &dyn Store = &store;
    let large = "x".repeat(40 << 10);
    let write = |number: u64| {
        let text = note(&format!("{number:06}{large}"));
        let both = |tx: &mut dyn store::Write| {
            tx.put(&Key::new(["1", "first"]), &text)?;
            tx.put(&Key::new(["1", &format!("{}", number % 50)]), &text)?;
            tx.put(&Key::new(["1", "last"]), &text)
        };
        store.write(both).unwrap();
    };
    write(0);
    let acknowledged = std::sync::atomic::AtomicU64::new(0);
    let order = std::sync::atomic::Ordering::SeqCst;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let other = open(dir.path()).unwrap();
            loop {
                let least = acknowledged.load(order);
                let tx = other.begin_read().unwrap();
                let number = |name: &str| {
                    let text = tx.get::<Note>(&Key::new(["1", name])).unwrap().unwrap().0;
                    text.get(..6).unwrap().parse::<u64>().unwrap()
                };
                let first = number("first");
                assert!(first >= least, "{first} < {least}");
                assert_eq!(tx.last_change("note"), Ok(first + 1));
                assert_eq!(number(&format!("{}", first % 50)), first);
                assert_eq!(number("last"), first);
                if least == COMMITS {
                    break;
                }
            }
        });
        for number in 1..=COMMITS {
            write(number);
            acknowledged.store(number, order);
        }
    });
}

fn sample(dir: &Path) {
    fs::write(dir.join("state.db"), FORMAT_2).unwrap();
    fs::write(dir.join("state.db-changes-1"), JOURNAL_1).unwrap();
}

#[test]
fn format_1_of_the_journal_is_read() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    let store = alone(dir.path()).unwrap();
    assert_eq!(texts(&store), ["a"]);
    let store: &dyn Store = &store;
    assert_eq!(store.read(|tx| tx.last_change("note")), Ok(2));
}

#[test]
fn a_newer_journal_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    let changes = dir.path().join("state.db-changes-1");
    let newer = b"PALSLOG\x02 what only a later program knows";
    fs::write(&changes, newer).unwrap();
    for _ in 0..2 {
        let refused = alone(dir.path()).unwrap_err();
        let place = changes.display();
        assert_eq!(
            refused.to_string(),
            format!(
                "`{place}` has store format 2, this program knows formats up to 1: start the newer \
                 program, or restore a backup made by this one"
            )
        );
    }
    assert_eq!(fs::read(&changes).unwrap(), newer);
}

/// Commits are as of today's format: an older program that reads them must find what it knows.
#[test]
fn format_1_of_the_journal_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = alone(dir.path()).unwrap();
    write_sample(&store);
    let written = fs::read(dir.path().join("state.db-changes-1")).unwrap();
    // Each has its own name, and checksums that depend on it.
    let parts = |bytes: &[u8]| {
        let length = u32::from_le_bytes(bytes[44..48].try_into().unwrap());
        let first = bytes[44..48 + length as usize].to_vec();
        (
            bytes[..8].to_vec(),
            bytes[24..28].to_vec(),
            first,
            bytes.len(),
        )
    };
    assert_eq!(parts(&written), parts(JOURNAL_1));
}

fn write_sample(store: &dyn Store) {
    let two = |tx: &mut dyn store::Write| {
        tx.put(&Key::new(["1", "a"]), &note("a"))?;
        tx.put(&Key::new(["1", "b"]), &note("b"))
    };
    store.write(two).unwrap();
    delete(store, "b");
}

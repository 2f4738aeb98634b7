//! What only the store in a file promises.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use store::{Durability, Error, Key, Scan, SqliteStore, Store};

use crate::conformance::{Note, note};

/// A store file that a program of format 1 wrote: the notes `a` and `b` under account 1.
const FORMAT_1: &[u8] = include_bytes!("samples/store-v1.db");

fn open(path: &Path) -> Result<SqliteStore, Error> {
    SqliteStore::open(path, Durability::PowerLoss)
}

pub(crate) fn texts(store: &dyn Store) -> Vec<String> {
    let all = Scan::under(&Key::new(["1"]));
    let found = store.read(|tx| tx.scan::<Note>(&all)).unwrap();
    found.into_iter().map(|entry| entry.value.0).collect()
}

#[test]
fn what_was_committed_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    for text in ["one", "two"] {
        let store = open(&path).unwrap();
        let store: &dyn Store = &store;
        store
            .write(|tx| tx.put(&Key::new(["1", text]), &note(text)))
            .unwrap();
        let mut forgotten = store.begin_write().unwrap();
        forgotten
            .put(&Key::new(["1", "never"]), &note("never"))
            .unwrap();
    }
    let store = open(&path).unwrap();
    assert_eq!(texts(&store), ["one", "two"]);
    let store: &dyn Store = &store;
    assert_eq!(store.read(|tx| tx.last_change("note")), Ok(2));
}

#[test]
fn format_1_is_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    fs::write(&path, FORMAT_1).unwrap();
    let store = open(&path).unwrap();
    assert_eq!(texts(&store), ["1/a", "1/b"]);
    let store: &dyn Store = &store;
    store
        .write(|tx| tx.put(&Key::new(["1", "c"]), &note("1/c")))
        .unwrap();
    assert_eq!(texts(store).len(), 3);
}

#[test]
fn newer_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    drop(open(&path).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 3).unwrap();
    drop(raw);
    let error = open(&path).unwrap_err();
    assert_eq!(
        error,
        Error::NewerFile {
            place: path.display().to_string(),
            found: 3,
            known: 2
        }
    );
}

#[test]
fn files_of_other_programs_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    fs::write(
        &text,
        "these are notes, and more than a hundred bytes of them. ".repeat(3),
    )
    .unwrap();
    let database = dir.path().join("other.db");
    let raw = rusqlite::Connection::open(&database).unwrap();
    raw.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(raw);
    for path in [text, database] {
        let before = fs::read(&path).unwrap();
        assert_eq!(
            open(&path).unwrap_err(),
            Error::NotAStore {
                place: path.display().to_string()
            }
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_place_that_does_not_exist_is_named() {
    let error = open(Path::new("/nonexistent/state.db"))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("opening `/nonexistent/state.db` failed: "),
        "{error}"
    );
}

#[test]
#[cfg(unix)]
fn the_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = open(&path).unwrap();
    (&store as &dyn Store)
        .write(|tx| tx.put(&Key::new(["1"]), &note("x")))
        .unwrap();
    let files: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(files.len() >= 2, "the log is a file of its own");
    for file in files {
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{file:?}"
        );
    }
}

#[test]
fn many_readers_at_once_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state.db")).unwrap();
    (&store as &dyn Store)
        .write(|tx| tx.put(&Key::new(["1"]), &note("x")))
        .unwrap();
    let readers: Vec<_> = (0..40).map(|_| store.begin_read().unwrap()).collect();
    for reader in &readers {
        assert_eq!(reader.get(&Key::new(["1"])).unwrap(), Some(note("x")));
    }
}

#[test]
fn what_is_kept_is_of_the_moment_of_its_reader() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state.db")).and_then(SqliteStore::alone);
    let store: &dyn Store = &store.unwrap();
    let (a, b) = (Key::new(["1", "a"]), Key::new(["1", "b"]));
    let put = |key: &Key, text: &str| store.write(|tx| tx.put(key, &note(text))).unwrap();
    put(&a, "old");
    let read = |tx: &dyn store::Read, key: &Key| tx.get::<Note>(key).unwrap().map(|note| note.0);
    let early = store.begin_read().unwrap();
    assert_eq!(read(&*early, &a).unwrap(), "old");
    assert_eq!(read(&*early, &b), None);
    assert_eq!(early.last_change("note"), Ok(1));
    put(&a, "new");
    put(&b, "new");
    let late = store.begin_read().unwrap();
    for _ in 0..2 {
        assert_eq!(read(&*late, &a).unwrap(), "new");
        assert_eq!(read(&*late, &b).unwrap(), "new");
        assert_eq!(late.last_change("note"), Ok(3));
        assert_eq!(read(&*early, &a).unwrap(), "old");
        assert_eq!(read(&*early, &b), None);
        assert_eq!(early.last_change("note"), Ok(1));
    }
}

#[test]
fn what_was_not_committed_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state.db")).and_then(SqliteStore::alone);
    let store: &dyn Store = &store.unwrap();
    let a = Key::new(["1", "a"]);
    for text in ["one", "two"] {
        let mut dropped = store.begin_write().unwrap();
        dropped.put(&a, &note("dropped")).unwrap();
        assert_eq!(dropped.get::<Note>(&a).unwrap(), Some(note("dropped")));
        drop(dropped);
        let before = store.read(|tx| tx.get::<Note>(&a)).unwrap();
        assert_ne!(before, Some(note("dropped")));
        store.write(|tx| tx.put(&a, &note(text))).unwrap();
        assert_eq!(store.read(|tx| tx.get::<Note>(&a)), Ok(Some(note(text))));
    }
}

/// Two records that are always changed together are never seen apart, and what was acknowledged is seen by
/// whoever begins afterwards.
#[test]
fn what_is_kept_is_never_stale() {
    const ROUNDS: u64 = 400;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = SqliteStore::open(&path, Durability::ProcessEnd).and_then(SqliteStore::alone);
    let store: &dyn Store = &store.unwrap();
    let (a, b) = (Key::new(["a"]), Key::new(["b"]));
    let write = |number: u64| {
        let text = note(&number.to_string());
        let both = |tx: &mut dyn store::Write| tx.put(&a, &text).and_then(|()| tx.put(&b, &text));
        store.write(both).unwrap();
    };
    let number = |tx: &dyn store::Read, key: &Key| {
        let note = tx.get::<Note>(key).unwrap().unwrap();
        note.0.parse::<u64>().unwrap()
    };
    write(0);
    let acknowledged = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let least = acknowledged.load(Ordering::SeqCst);
                    let tx = store.begin_read().unwrap();
                    let (first, second) = (number(&*tx, &a), number(&*tx, &b));
                    assert_eq!(first, second);
                    assert!(first >= least, "{first} < {least}");
                    if least == ROUNDS {
                        break;
                    }
                }
            });
        }
        for round in 1..=ROUNDS {
            write(round);
            acknowledged.store(round, Ordering::SeqCst);
        }
    });
}

/// A request reads before it writes, and goes on reading while it writes.
#[test]
fn the_files_stay_short_when_every_change_is_made_beside_a_reader() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = SqliteStore::open(&path, Durability::ProcessEnd).unwrap();
    let store = store.alone().unwrap();
    let large = note(&"x".repeat(8 << 10));
    let mut longest = 0;
    for number in 0..9_000 {
        let reading = store.begin_read().unwrap();
        let key = Key::new(["1", &(number % 100).to_string()]);
        let before = reading.get_bytes("note", &key).unwrap();
        assert_eq!(before.is_some(), number >= 100);
        let store: &dyn Store = &store;
        store.write(|tx| tx.put(&key, &large)).unwrap();
        if number % 500 == 0 {
            longest = longest.max(beside(dir.path()));
        }
    }
    assert!(longest < 100 << 20, "{longest} bytes");
}

/// Of many who do so at once, there is always one who reads.
#[test]
fn the_files_stay_short_when_many_change_things_beside_readers() {
    const THREADS: usize = 4;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let store = SqliteStore::open(&path, Durability::ProcessEnd).unwrap();
    let store = store.alone().unwrap();
    let large = note(&"x".repeat(8 << 10));
    // One who reads all the time holds nothing up.
    let early = store.begin_read().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, large): (&dyn Store, _) = (&store, &large);
            scope.spawn(move || {
                for number in 0..3_000 {
                    let reading = store.begin_read().unwrap();
                    let key = Key::new(["1", &format!("{thread}-{}", number % 50)]);
                    let before = reading.get_bytes("note", &key).unwrap();
                    assert_eq!(before.is_some(), number >= 50);
                    store.write(|tx| tx.put(&key, large)).unwrap();
                    // Whoever reads while reading is never held up by who changes things.
                    let again = store.begin_read().unwrap();
                    assert!(again.get_bytes("note", &key).unwrap().is_some());
                    drop((reading, again));
                }
            });
        }
    });
    let size = beside(dir.path());
    assert!(size < 100 << 20, "{size} bytes");
    let all = Scan::under(&Key::default());
    assert_eq!(early.scan_bytes("note", &all), Ok(Vec::new()));
}

/// How long the files beside the store's are, together.
fn beside(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let beside = files.filter(|file| file.file_name() != "state.db");
    // One that is gone by now has no length.
    let length = |file: fs::DirEntry| file.metadata().map_or(0, |found| found.len());
    beside.map(length).sum()
}

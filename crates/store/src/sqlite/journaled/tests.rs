//! That nobody notices what is put into the tables, and when.

use super::*;
use crate::{Durability, MemoryStore, Read, Store, Write};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const KIND: &str = "note";

/// Has everything put away as soon as it can be.
const RESTLESS: Limits = Limits { much: 1, ..LIMITS };

fn open(dir: &Path, limits: Limits) -> JournaledStore {
    let path = dir.join("state.db");
    let tables = SqliteStore::open(&path, Durability::ProcessEnd).unwrap();
    let lock = Lock::alone(&path).unwrap();
    tables.settle().unwrap();
    JournaledStore::over(tables, lock, limits).unwrap()
}

fn key(number: u64) -> Key {
    Key::new(["1", &format!("{number:02}")])
}

/// A number that follows from another without a pattern.
fn next(number: &mut u64) -> u64 {
    *number = number
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    *number >> 33
}

fn change(tx: &mut dyn Write, seed: &mut u64) {
    for _ in 0..=next(seed) % 3 {
        let key = key(next(seed) % 40);
        if next(seed).is_multiple_of(3) {
            tx.delete_bytes(KIND, &key).unwrap();
        } else {
            let json = format!("{}", next(seed));
            tx.put_bytes(KIND, &key, 1, json.as_bytes()).unwrap();
        }
    }
    if next(seed).is_multiple_of(50) {
        let kind = format!("kind-{}", next(seed) % 10);
        tx.put_bytes(&kind, &key(0), 1, b"1").unwrap();
    }
}

fn same(one: &dyn Read, other: &dyn Read, seed: &mut u64) {
    let scan = Scan::under(&Key::new(["1"]));
    let some = scan
        .clone()
        .after(&key(next(seed) % 40))
        .limit(usize::try_from(next(seed) % 7).unwrap());
    for scan in [&scan, &some, &some.clone().descending()] {
        let rows = |tx: &dyn Read| tx.scan_bytes(KIND, scan).unwrap();
        assert_eq!(rows(one), rows(other));
    }
    for number in 0..40 {
        let row = |tx: &dyn Read| tx.get_bytes(KIND, &key(number)).unwrap();
        assert_eq!(row(one), row(other));
    }
    for kind in [KIND, "kind-1", "kind-2"] {
        assert_eq!(one.last_change(kind), other.last_change(kind));
    }
    assert_eq!(one.kinds(), other.kinds());
}

#[test]
fn every_transaction_sees_its_moment_while_things_are_put_away() {
    let dir = tempfile::tempdir().unwrap();
    let mut seed = 1;
    let model = MemoryStore::new();
    for round in 0..4_usize {
        let store = open(dir.path(), RESTLESS);
        let mut reading = Vec::new();
        for _ in 0..150 {
            let (mut one, mut other) = (store.begin_write().unwrap(), model.begin_write().unwrap());
            let mut again = seed;
            change(&mut *one, &mut seed);
            change(&mut *other, &mut again);
            same(&*one, &*other, &mut seed);
            if !next(&mut seed).is_multiple_of(5) {
                one.commit().unwrap();
                other.commit().unwrap();
            } else {
                drop((one, other));
            }
            reading.push((store.begin_read().unwrap(), model.begin_read().unwrap()));
            if next(&mut seed).is_multiple_of(2) {
                let at = usize::try_from(next(&mut seed)).unwrap() % reading.len();
                let (one, other) = reading.swap_remove(at);
                same(&*one, &*other, &mut seed);
            }
            // Some read for so long that what they see must be kept for them.
            if reading.len() > 4 + 20 * (round % 2) {
                reading.clear();
            }
        }
        for (one, other) in reading {
            same(&*one, &*other, &mut seed);
        }
        assert!(store.inner.state().past.is_empty());
        drop(store);
    }
    let latest = open(dir.path(), RESTLESS).inner.state().latest;
    let changed = |kind: &String| model.begin_read().unwrap().last_change(kind).unwrap();
    let kinds = model.begin_read().unwrap().kinds().unwrap();
    assert_eq!(Some(latest), kinds.iter().map(changed).max());
}

#[test]
fn nobody_sees_half_of_a_commit_or_an_earlier_one_while_things_are_put_away() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), RESTLESS);
    let store: &dyn Store = &store;
    let write = |number: u64| {
        let json = number.to_string();
        let both = |tx: &mut dyn Write| {
            tx.put_bytes(KIND, &key(1), 1, json.as_bytes())?;
            tx.put_bytes(KIND, &key(2), 1, json.as_bytes())
        };
        store.write(both).unwrap();
    };
    write(0);
    let ended = AtomicBool::new(false);
    let number = |tx: &dyn Read, at: u64| {
        let stored = tx.get_bytes(KIND, &key(at)).unwrap().unwrap();
        let text = std::str::from_utf8(&stored.json).unwrap();
        text.parse::<u64>().unwrap()
    };
    thread::scope(|scope| {
        for reader in 0..3 {
            let ended = &ended;
            scope.spawn(move || {
                let mut last = 0;
                while !ended.load(Ordering::SeqCst) {
                    let tx = store.begin_read().unwrap();
                    let first = number(&*tx, 1);
                    // Longer than anybody waits for it.
                    if reader == 0 {
                        thread::sleep(Duration::from_millis(120));
                    }
                    let all = tx.scan_bytes(KIND, &Scan::under(&Key::default())).unwrap();
                    assert_eq!(all.len(), 2);
                    assert_eq!(all[0].1.json, all[1].1.json);
                    assert_eq!(all[0].1.json.as_ref(), first.to_string().as_bytes());
                    assert_eq!(first, number(&*tx, 2));
                    assert!(first >= last);
                    last = first;
                }
            });
        }
        for round in 1..=500 {
            write(round);
            if round % 50 == 0 {
                thread::sleep(Duration::from_millis(60));
            }
        }
        ended.store(true, Ordering::SeqCst);
    });
}

fn put(store: &JournaledStore, number: u64) -> Result<(), Error> {
    let put = |tx: &mut dyn Write| tx.put_bytes(KIND, &key(number), 1, b"1");
    (store as &dyn Store).write(put)
}

fn all(store: &dyn Store) -> usize {
    let scan = Scan::under(&Key::default());
    store.read(|tx| tx.scan_bytes(KIND, &scan)).unwrap().len()
}

/// Waits until nothing stands over the tables.
fn settled(store: &JournaledStore) {
    let end = Instant::now() + Duration::from_secs(20);
    while {
        let state = store.inner.state();
        state.waiting() > 0 || state.frozen.is_some() || state.failure.is_some()
    } {
        assert!(Instant::now() < end);
        thread::sleep(Duration::from_millis(2));
    }
}

/// Keeps the tables locked: they cannot be written.
fn locked(dir: &Path) -> Connection {
    let other = Connection::open(dir.join("state.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

fn impatient(store: &JournaledStore) {
    let writer = store.inner.tables.writer();
    writer.busy_timeout(Duration::from_millis(1)).unwrap();
}

#[test]
fn what_cannot_be_put_away_is_still_there_and_is_put_away_later() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), RESTLESS);
    impatient(&store);
    let other = locked(dir.path());
    for number in 0..20 {
        put(&store, number).unwrap();
    }
    assert_eq!(all(&store), 20);
    thread::sleep(Duration::from_millis(50));
    other.execute_batch("ROLLBACK").unwrap();
    settled(&store);
    assert_eq!(all(&store), 20);
    drop(store);
    assert_eq!(all(&open(dir.path(), RESTLESS)), 20);
}

#[test]
fn what_stands_over_the_tables_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        much: 1,
        most: 4_000,
        patience: Duration::from_secs(20),
    };
    let store = open(dir.path(), limits);
    impatient(&store);
    let other = locked(dir.path());
    let reading = store.begin_read().unwrap();
    let refused = (0..1_000).find_map(|number| put(&store, number).err());
    let busy = Error::Busy {
        place: dir.path().join("state.db").display().to_string(),
    };
    assert_eq!(refused, Some(busy));
    assert!(store.inner.state().waiting() < 6_000);
    let there = all(&store);
    assert!(there > 10, "{there}");
    other.execute_batch("ROLLBACK").unwrap();
    settled(&store);
    put(&store, 0).unwrap();
    assert_eq!(all(&store), there);
    // A transaction that goes on reading holds nothing up.
    assert_eq!(reading.last_change(KIND), Ok(0));
}

#[test]
fn whoever_would_write_waits_for_what_is_just_being_put_away() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        most: 2_000,
        ..RESTLESS
    };
    let store = open(dir.path(), limits);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                let other = locked(dir.path());
                thread::sleep(Duration::from_millis(20));
                other.execute_batch("ROLLBACK").unwrap();
                thread::sleep(Duration::from_millis(5));
            }
        });
        for number in 0..200 {
            put(&store, number % 90).unwrap();
        }
        ended.store(true, Ordering::SeqCst);
    });
    assert_eq!(all(&store), 90);
}

#[test]
fn what_is_asked_for_again_is_read_and_decoded_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), RESTLESS);
    let store: &dyn Store = &store;
    let decoded = || {
        let stored = store.read(|tx| tx.get_bytes(KIND, &key(1))).unwrap();
        stored.unwrap().decoded
    };
    let write = |json: &[u8]| {
        let put = |tx: &mut dyn Write| tx.put_bytes(KIND, &key(1), 1, json);
        store.write(put).unwrap();
    };
    write(b"1");
    decoded().keep(&Arc::new(1_u8));
    assert_eq!(decoded().get::<u8>().as_deref(), Some(&1));
    write(b"2");
    assert_eq!(decoded().get::<u8>(), None);
}

/// A directory as it is at this moment: what is left of a process that ends without a word.
fn as_is(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(dir).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

fn changes(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("state.db-changes-{number}"))
}

/// A directory in which one commit is in the journal's first file, two are in the second, and none in the
/// tables.
fn turned_over() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), RESTLESS);
    impatient(&store);
    let other = locked(dir.path());
    put(&store, 0).unwrap();
    while !store.inner.journal().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    put(&store, 1).unwrap();
    put(&store, 2).unwrap();
    let copy = as_is(dir.path());
    other.execute_batch("ROLLBACK").unwrap();
    let length = |number| fs::metadata(changes(copy.path(), number)).unwrap().len();
    assert!(36 < length(1) && length(1) < length(2));
    copy
}

/// Has what is beside the tables put into them, and nothing else.
fn settle(dir: &Path) {
    drop(SqliteStore::open(&dir.join("state.db"), Durability::ProcessEnd).unwrap());
}

/// That everything is there, and that it goes on.
#[track_caller]
fn whole(dir: &Path) {
    for limits in [LIMITS, RESTLESS] {
        let copy = as_is(dir);
        for more in 0..3 {
            let store = open(copy.path(), limits);
            assert_eq!(all(&store), 3 + more);
            let changed = (&store as &dyn Store).read(|tx| tx.last_change(KIND));
            assert_eq!(changed, Ok(3 + more as u64));
            put(&store, 10 + more as u64).unwrap();
        }
    }
}

#[test]
fn whenever_it_ends_while_files_are_turned_over_everything_is_there() {
    let dir = turned_over();
    let dir = dir.path();
    whole(dir);
    // The next file is being made, or was.
    let head = fs::read(changes(dir, 2)).unwrap()[..36].to_vec();
    for length in 0..=head.len() {
        fs::write(changes(dir, 3), &head[..length]).unwrap();
        assert_eq!(all(&open(as_is(dir).path(), LIMITS)), 3);
    }
    whole(dir);
    // The first file's commit is in the tables, and the file is not removed yet.
    let one = as_is(dir);
    fs::remove_file(changes(one.path(), 2)).unwrap();
    settle(one.path());
    assert!(!changes(one.path(), 1).exists());
    for number in [1, 2] {
        fs::copy(changes(dir, number), changes(one.path(), number)).unwrap();
    }
    whole(one.path());
    fs::remove_file(changes(one.path(), 1)).unwrap();
    whole(one.path());
    // All of them are, and nothing is removed, or some of it.
    let both = as_is(dir);
    settle(both.path());
    for number in [2, 1] {
        fs::copy(changes(dir, number), changes(both.path(), number)).unwrap();
        whole(both.path());
    }
    fs::remove_file(changes(both.path(), 2)).unwrap();
    whole(both.path());
    // The journal that follows has its name in the tables, and no file yet, or not a whole one.
    drop(open(both.path(), LIMITS));
    whole(both.path());
    fs::write(changes(both.path(), 1), b"PALSL").unwrap();
    whole(both.path());
}

#[test]
fn a_commit_for_which_there_is_no_room_is_not_seen_and_the_next_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), LIMITS);
    put(&store, 0).unwrap();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let file = store.inner.journal().replace_file(full);
    for _ in 0..2 {
        let refused = put(&store, 1).unwrap_err().to_string();
        assert!(refused.starts_with("committing to `"), "{refused}");
        assert_eq!(all(&store), 1);
    }
    drop(store.inner.journal().replace_file(file));
    put(&store, 2).unwrap();
    let copy = as_is(dir.path());
    for found in [&store, &open(copy.path(), LIMITS)] {
        let names =
            (found as &dyn Store).read(|tx| tx.scan_bytes(KIND, &Scan::under(&Key::default())));
        let names: Vec<_> = names.unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(names, [key(0), key(2)]);
    }
}

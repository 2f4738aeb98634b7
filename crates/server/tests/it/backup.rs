//! A platform comes back from its backup, and from nothing else.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use bytes::Bytes;
use server::{Backup, Limits, Options, Restore};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::options;
use crate::restart::{ask, compose};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn options(&self, name: &str) -> Options {
        Options {
            data: Some(self.path(name)),
            ..options(Limits::default())
        }
    }

    fn backup(&self, with_keys: bool) -> Backup {
        Backup {
            data: self.path("data"),
            store: None,
            root_key_file: None,
            to: self.path("backup"),
            with_keys,
        }
    }

    fn restore(&self, keys: Option<&Path>) -> Restore {
        Restore {
            from: self.path("backup"),
            data: self.path("restored"),
            store: None,
            keys: keys.map(Path::to_owned),
        }
    }
}

#[test]
fn what_was_acknowledged_while_it_was_taken_comes_back_whole() {
    let place = Place::new();
    let platform = compose(&place.options("data"));
    assert_eq!(ask(&platform, "PUT", "/bucket", "").0, 200);
    let [early, later, late] = ["early", "again", "late"].map(large);
    for i in 0..20 {
        let path = format!("/bucket/early-{i}");
        assert_eq!(ask(&platform, "PUT", &path, early).0, 200);
    }
    let (stop, puts) = (AtomicBool::new(false), AtomicUsize::new(0));
    let done = std::thread::scope(|scope| {
        // Somebody replaces, adds and removes meanwhile, so that pieces vanish under the copying.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let i = puts.fetch_add(1, Ordering::Relaxed);
                ask(
                    &platform,
                    "PUT",
                    &format!("/bucket/early-{}", i % 20),
                    later,
                );
                ask(&platform, "PUT", &format!("/bucket/late-{i}"), late);
                ask(&platform, "DELETE", &format!("/bucket/late-{}", i / 2), "");
            }
        });
        while puts.load(Ordering::Relaxed) < 5 {
            std::thread::yield_now();
        }
        let done = server::backup(&place.backup(true)).unwrap();
        stop.store(true, Ordering::Relaxed);
        done
    });
    assert!(done.records > 20 && done.objects >= Some(20), "{done:?}");
    assert_eq!(done.lost, Vec::<String>::new());
    drop(platform);

    let restored = server::restore(&place.restore(None)).unwrap();
    assert_eq!(restored.records, done.records);
    assert_eq!(restored.events, done.trail.position.0);
    let again = compose(&place.options("restored"));
    for i in 0..20 {
        let (status, body) = ask(&again, "GET", &format!("/bucket/early-{i}"), "");
        assert_eq!(status, 200, "the same root key signs");
        assert!([early, later].iter().any(|known| body == *known));
    }
    let listed = ask(&again, "GET", "/bucket?list-type=2&prefix=late", "").1;
    let listed = String::from_utf8(listed.to_vec()).unwrap();
    for key in listed.split("<Key>").skip(1) {
        let key = key.split('<').next().unwrap();
        let found = ask(&again, "GET", &format!("/bucket/{key}"), "");
        assert!(found == (200, Bytes::from(late)), "{key}");
    }
    drop(again);
    let known = [done.trail];
    assert!(trail::verify(&place.path("restored").join("trail"), &known).is_ok());
}

#[test]
fn without_the_keys_it_reveals_nothing_and_asks_for_them() {
    let place = Place::new();
    drop(compose(&place.options("data")));
    server::backup(&place.backup(false)).unwrap();
    let sealing = place.path("data").join("sealing-keys");
    let refused = server::restore(&place.restore(None)).unwrap_err();
    assert!(refused.to_string().contains("--keys"), "{refused}");

    // Others than those that sealed it.
    drop(compose(&place.options("other")));
    let other = place.path("other").join("sealing-keys");
    let refused = server::restore(&place.restore(Some(&other))).unwrap_err();
    assert!(refused.to_string().contains("sealing keys of the backup"));
    assert!(!place.path("restored").exists());

    // Rotated since, with the old one below.
    let both = place.path("both");
    let text = fs::read_to_string(&other).unwrap() + &fs::read_to_string(&sealing).unwrap();
    fs::write(&both, text).unwrap();
    server::restore(&place.restore(Some(&both))).unwrap();
    let again = compose(&place.options("restored"));
    assert_eq!(ask(&again, "PUT", "/bucket", "").0, 200);
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    drop(compose(&place.options("data")));
    server::backup(&place.backup(true)).unwrap();
    let refused = server::backup(&place.backup(true)).unwrap_err();
    assert!(refused.to_string().contains("it exists"), "{refused}");
    let taken = Restore {
        data: place.path("data"),
        ..place.restore(None)
    };
    let refused = server::restore(&taken).unwrap_err();
    assert!(refused.to_string().contains("not empty"), "{refused}");
    let nothing = Backup {
        data: place.path("nowhere"),
        to: place.path("second"),
        ..place.backup(false)
    };
    assert!(server::backup(&nothing).is_err());
    assert!(!place.path("second").exists() && !place.path("nowhere").exists());
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let platform = compose(&place.options("data"));
    assert_eq!(ask(&platform, "PUT", "/bucket", "").0, 200);
    assert_eq!(ask(&platform, "PUT", "/bucket/k", "an object").0, 200);
    drop(platform);
    server::backup(&place.backup(true)).unwrap();
    let whole = fs::read(place.path("backup")).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        for damaged in [whole[..at].to_vec(), flipped(&whole, at)] {
            fs::write(place.path("backup"), damaged).unwrap();
            // Some bits mean nothing, such as those of a time in the head: then it is whole.
            if server::restore(&place.restore(None)).is_ok() {
                let again = compose(&place.options("restored"));
                let found = ask(&again, "GET", "/bucket/k", "");
                assert_eq!(found, (200, Bytes::from("an object")));
                drop(again);
                fs::remove_dir_all(place.path("restored")).unwrap();
            }
            assert!(!place.path("restored").exists());
            assert!(!place.path("restored.restoring").exists());
        }
    }
}

/// A body that is too large to lie beside its metadata.
fn large(text: &str) -> &'static str {
    Box::leak(text.repeat(60_000).into_boxed_str())
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    *bytes.get_mut(at).unwrap() ^= 0x10;
    bytes
}

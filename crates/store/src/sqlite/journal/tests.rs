//! What is found in files that are not as they were written.

use super::*;
use crate::Decoded;
use std::fs;
use std::sync::Arc;

impl Journal {
    /// Has another file written to.
    pub(in crate::sqlite) fn replace_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file.file, file)
    }
}

const NAME: Name = *b"the journal here";

fn rows(number: u64) -> Rows {
    let stored = |text: &str| {
        Some(Stored {
            version: 1,
            revision: number,
            json: Arc::from(text.as_bytes()),
            decoded: Decoded::default(),
        })
    };
    let row = |name: String, stored| (format!("note\u{7F}{name}").into_bytes(), stored);
    Rows::from([
        row(format!("{number}"), stored(&format!("\"{number}\""))),
        row(format!("{number}-more"), stored("{}")),
        row("gone".to_owned(), None),
    ])
}

struct Beside {
    dir: tempfile::TempDir,
}

impl Beside {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("state.db")
    }

    /// Two files, with commits 1 to 3, and 4 and 5. Returns them.
    fn written(&self, durability: Durability) -> [PathBuf; 2] {
        let mut journal = Journal::begin(&self.store(), NAME, durability).unwrap();
        for number in 1..=3 {
            journal.append(number, &rows(number)).unwrap();
        }
        let mut next = Some(journal.next(&self.store())().unwrap());
        let before = journal.turn(&mut next).unwrap().unwrap();
        assert!(journal.is_empty());
        for number in 4..=5 {
            journal.append(number, &rows(number)).unwrap();
        }
        [before, journal.path().to_owned()]
    }

    fn followed(&self, latest: u64) -> Result<Followed, Error> {
        follow(read(&self.store())?, Some(&NAME), latest)
    }

    fn numbers(&self, latest: u64) -> Vec<u64> {
        numbers(&self.followed(latest).unwrap())
    }
}

/// The numbers of the commits, which are whole.
fn numbers(followed: &Followed) -> Vec<u64> {
    let whole = |batch: &Batch| {
        assert_eq!(batch.rows, rows(batch.revision));
        batch.revision
    };
    followed.batches.iter().map(whole).collect()
}

const BOTH: [Durability; 2] = [Durability::PowerLoss, Durability::ProcessEnd];

#[test]
fn what_is_appended_is_read_in_order_and_what_the_tables_have_is_passed_over() {
    for durability in BOTH {
        let beside = Beside::new();
        beside.written(durability);
        assert_eq!(beside.numbers(0), [1, 2, 3, 4, 5]);
        for latest in 1..=7 {
            let after: Vec<_> = (latest + 1..=5).collect();
            assert_eq!(beside.numbers(latest), after);
        }
        assert!(beside.followed(0).unwrap().doubtful.is_empty());
    }
}

#[test]
fn a_file_that_is_cut_anywhere_has_its_first_commits() {
    for durability in BOTH {
        let beside = Beside::new();
        let [_, last] = beside.written(durability);
        let whole = fs::read(&last).unwrap();
        let mut seen = Vec::new();
        for length in 0..=whole.len() {
            let (kept, cut) = whole.split_at(length);
            fs::write(&last, kept).unwrap();
            let followed = beside.followed(0).unwrap();
            assert!(followed.doubtful.is_empty());
            seen.push(numbers(&followed).len());
            // What was not written may also be zeros, except the beginning: that is on the disk before.
            if length >= frames::HEAD {
                fs::write(&last, [kept, &vec![0; cut.len()]].concat()).unwrap();
                let found = numbers(&beside.followed(0).unwrap()).len();
                // What is missing of a commit may be zeros.
                assert!(found >= seen[length]);
            }
        }
        seen.dedup();
        assert_eq!(seen, [3, 4, 5]);
    }
}

#[test]
fn no_flipped_bit_is_believed() {
    for durability in BOTH {
        let beside = Beside::new();
        let files = beside.written(durability);
        for (file, first) in files.iter().zip([0, 3]) {
            let whole = fs::read(file).unwrap();
            for bit in 0..whole.len() * 8 {
                let mut bytes = whole.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                fs::write(file, bytes).unwrap();
                let Ok(followed) = beside.followed(0) else {
                    continue;
                };
                let found = numbers(&followed);
                assert!(found.iter().copied().eq(1..=found.len() as u64));
                assert!(
                    found.len() < 5 && found.len() >= first,
                    "bit {bit}: {found:?}"
                );
                // Only the last commit of all can be torn without anybody's knowing.
                let told = !followed.doubtful.is_empty();
                assert!(told || found.len() == 4, "bit {bit}: {found:?}");
                assert!(!told || durability == Durability::ProcessEnd);
            }
            fs::write(file, whole).unwrap();
        }
    }
}

#[test]
fn what_is_behind_a_gap_is_not_believed() {
    let beside = Beside::new();
    let [first, second] = beside.written(Durability::ProcessEnd);
    fs::remove_file(&first).unwrap();
    let followed = beside.followed(0).unwrap();
    assert_eq!(numbers(&followed), [0; 0]);
    assert_eq!(followed.doubtful, [second]);
    assert_eq!(beside.numbers(3), [4, 5]);
    // Everything was flushed: there can be no gap, unless somebody removed a file.
    let flushed = Beside::new();
    let [first, second] = flushed.written(Durability::PowerLoss);
    fs::remove_file(&first).unwrap();
    let refused = flushed.followed(0).unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!(
            "reading `{}` failed: the change",
            second.display()
        )),
        "{refused}"
    );
}

/// A file whose commits are in the tables may have been lost but for its name, or for some of it.
#[test]
fn damage_to_what_the_tables_have_is_no_gap() {
    for durability in BOTH {
        let beside = Beside::new();
        let [first, second] = beside.written(durability);
        let whole = fs::read(&first).unwrap();
        for damaged in frames::HEAD..whole.len() {
            let mut bytes = whole.clone();
            bytes[damaged] ^= 1;
            fs::write(&first, bytes).unwrap();
            let followed = beside.followed(3).unwrap();
            assert_eq!(
                (numbers(&followed), followed.doubtful.len()),
                (vec![4, 5], 0)
            );
        }
        fs::write(&first, &whole[..40]).unwrap();
        assert_eq!(beside.numbers(3), [4, 5]);
        fs::remove_file(&second).unwrap();
        assert_eq!(beside.numbers(3), [0; 0]);
        assert!(beside.followed(3).unwrap().doubtful.is_empty());
    }
}

#[test]
fn files_of_another_journal_are_not_believed() {
    let beside = Beside::new();
    let files = beside.written(Durability::PowerLoss);
    for name in [None, Some(b"a journal of old")] {
        let followed = follow(read(&beside.store()).unwrap(), name, 0).unwrap();
        assert_eq!(numbers(&followed), [0; 0]);
        assert_eq!(followed.doubtful, files);
    }
    // What it left on the disk where this one has a file.
    let other = Beside::new();
    let mut journal = Journal::begin(&other.store(), *b"a journal of old", BOTH[0]).unwrap();
    for number in 1..=3 {
        journal.append(number, &rows(number)).unwrap();
    }
    let old = fs::read(journal.path()).unwrap();
    let own = fs::read(&files[1]).unwrap();
    fs::write(&files[1], [own.as_slice(), &old[frames::HEAD..]].concat()).unwrap();
    assert_eq!(beside.numbers(0), [1, 2, 3, 4, 5]);
}

#[test]
fn what_could_not_be_written_is_cut_off_before_the_next() {
    for durability in BOTH {
        let beside = Beside::new();
        let mut journal = Journal::begin(&beside.store(), NAME, durability).unwrap();
        journal.append(1, &rows(1)).unwrap();
        // It takes nothing: there is no room, and it cannot be cut either.
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let file = journal.replace_file(full);
        for _ in 0..2 {
            journal.append(2, &rows(2)).unwrap_err();
            assert!(journal.turn(&mut None).is_err());
        }
        // What was written of it before the room ended.
        let mut half = Vec::new();
        frames::push(&mut half, &NAME, 2, &rows(7)).unwrap();
        (&file).write_all(&half).unwrap();
        journal.replace_file(file);
        assert_eq!(
            beside.followed(0).unwrap().batches.len(),
            2,
            "as it may be found"
        );
        journal.append(2, &rows(2)).unwrap();
        journal.append(3, &rows(3)).unwrap();
        assert_eq!(beside.numbers(0), [1, 2, 3]);
    }
}

#[test]
fn a_newer_program_s_file_is_refused() {
    let beside = Beside::new();
    let [first, _] = beside.written(Durability::ProcessEnd);
    let mut bytes = fs::read(&first).unwrap();
    bytes[7] = 2;
    fs::write(&first, &bytes).unwrap();
    let newer = Error::NewerFile {
        place: first.display().to_string(),
        found: 2,
        known: 1,
    };
    assert_eq!(beside.followed(0).unwrap_err(), newer);
    // Also when it is shorter.
    fs::write(&first, &bytes[..9]).unwrap();
    assert_eq!(beside.followed(0).unwrap_err(), newer);
}

#[test]
fn only_files_that_are_named_as_they_should_be_are_read_and_in_the_order_of_their_numbers() {
    let beside = Beside::new();
    for ending in [
        "-changes-10",
        "-changes-9",
        "-changes-",
        "-changes-x",
        "-wal",
        "-aside-1",
    ] {
        let name = format!("state.db{ending}");
        fs::write(beside.dir.path().join(name), b"").unwrap();
    }
    fs::write(beside.dir.path().join("other.db-changes-1"), b"").unwrap();
    let found = files::list(&beside.store()).unwrap();
    let numbers: Vec<_> = found.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [9, 10]);
    let aside = set_aside(&beside.store(), &found[0].1).unwrap();
    assert_eq!(aside, beside.dir.path().join("state.db-aside-2"));
    forget(&[found[0].1.clone(), found[1].1.clone()]).unwrap();
    assert!(!pending(&beside.store()).unwrap());
}

//! What the log in files promises: nothing acknowledged is lost, nothing altered goes unnoticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use proptest::prelude::*;
use trail::{
    Attribute, Error, FileLog, FileOptions, Head, Log, Position, Query, Submission, verify,
};

use crate::{ACCOUNT, event};

/// A segment that a program of format 1 wrote: `event(0)`, then `event(1)` and `event(2)` together.
const FORMAT_1: &[u8] = include_bytes!("samples/segment-v1.jsonl");

const SMALL: FileOptions = FileOptions {
    segment_bytes: 4000,
    flush: false,
};

fn open(dir: &Path) -> Result<FileLog, Error> {
    FileLog::open(
        dir,
        FileOptions {
            flush: false,
            ..FileOptions::default()
        },
    )
}

fn append(log: &FileLog, n: u32) -> Result<Position, Error> {
    (log as &dyn Log).append(vec![event(n)])
}

fn count(log: &FileLog) -> usize {
    log.read(Position(0), usize::MAX).unwrap().len()
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries
        .filter(|path| path.extension() == Some("jsonl".as_ref()))
        .collect();
    paths.sort();
    paths
}

/// A log of one segment: a write of `event(0)`, one of `event(1)` and `event(2)`, one of `event(3)`.
fn three_writes(dir: &Path) -> (PathBuf, Vec<u8>, Head) {
    let log = open(dir).unwrap();
    append(&log, 0).unwrap();
    (&log as &dyn Log).append(vec![event(1), event(2)]).unwrap();
    append(&log, 3).unwrap();
    let head = log.head();
    drop(log);
    let path = segments(dir)[0].clone();
    let bytes = fs::read(&path).unwrap();
    (path, bytes, head)
}

#[test]
fn what_was_acknowledged_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..40 {
        let log = FileLog::open(dir.path(), SMALL).unwrap();
        assert_eq!(log.recovery(), None);
        assert_eq!(append(&log, n), Ok(Position(u64::from(n) + 1)));
    }
    let log = FileLog::open(dir.path(), SMALL).unwrap();
    let records = log.read(Position(0), usize::MAX).unwrap();
    assert_eq!(records.len(), 40);
    assert!(
        (0..40)
            .zip(&records)
            .all(|(n, record)| record.event == event(n))
    );
    assert!(segments(dir.path()).len() > 5);
    assert_eq!(verify(dir.path(), &[]), Ok(log.head()));
}

#[test]
fn a_crowd_is_written_together_and_every_one_is_told_its_position() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(
        dir.path(),
        FileOptions {
            flush: true,
            segment_bytes: 100_000,
        },
    )
    .unwrap();
    let mut told: Vec<(u32, Position)> = std::thread::scope(|scope| {
        let append = |who: u32| (0..25).map(move |i| who * 100 + i);
        let clients: Vec<_> = (0..8)
            .map(|who| {
                let log = &log;
                scope.spawn(move || {
                    append(who)
                        .map(|n| (n, (log as &dyn Log).append(vec![event(n)]).unwrap()))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    });
    told.sort_by_key(|(_, position)| *position);
    let records = log.read(Position(0), usize::MAX).unwrap();
    assert_eq!(records.len(), 200);
    for (record, (n, position)) in records.iter().zip(told) {
        assert_eq!((record.position, &record.event), (position, &event(n)));
    }
    assert_eq!(verify(dir.path(), &[]), Ok(log.head()));
}

#[test]
fn what_is_submitted_at_once_is_one_write_of_which_everybody_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let (sender, told) = mpsc::channel();
    let submission = |events: std::ops::Range<u32>| {
        let (sender, name) = (sender.clone(), events.start);
        Submission {
            entries: events.map(event).collect::<Vec<_>>().try_into().unwrap(),
            done: Box::new(move |result| sender.send((name, result.unwrap())).unwrap()),
        }
    };
    log.submit(vec![submission(0..1), submission(1..4), submission(4..6)]);
    log.submit(vec![submission(6..7)]);
    log.submit(Vec::new());
    let told: Vec<_> = told.try_iter().collect();
    let positions = [(0, 1), (1, 4), (4, 6), (6, 7)];
    assert_eq!(told, positions.map(|(name, last)| (name, Position(last))));
    let records = log.read(Position(0), usize::MAX).unwrap();
    let events: Vec<_> = records.into_iter().map(|record| record.event).collect();
    assert_eq!(events, (0..7).map(event).collect::<Vec<_>>());
    let file = fs::read_dir(dir.path()).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.extension()
            .is_some_and(|it| it == "jsonl")
            .then_some(path)
    });
    let text = fs::read_to_string(file.unwrap()).unwrap();
    let marks: String = text
        .lines()
        .skip(1)
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(marks, "+.....+");
}

#[test]
fn what_was_submitted_is_written_when_the_log_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let (sender, told) = mpsc::channel();
    for n in 0..50 {
        let sender = sender.clone();
        log.submit(vec![Submission {
            entries: vec![event(n)].try_into().unwrap(),
            done: Box::new(move |result| sender.send(result).unwrap()),
        }]);
    }
    drop((log, sender));
    assert!(told.iter().all(|result| result.is_ok()));
    assert_eq!(count(&open(dir.path()).unwrap()), 50);
}

#[test]
fn a_write_cut_short_anywhere_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes, _) = three_writes(dir.path());
    let ends: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'\n')
        .map(|(i, _)| i + 1)
        .collect();
    for len in (0..bytes.len()).step_by(7).chain(ends.iter().copied()) {
        fs::write(&path, &bytes[..len]).unwrap();
        let log = open(dir.path()).unwrap();
        let whole = ends
            .iter()
            .filter(|end| **end <= len)
            .count()
            .saturating_sub(1);
        assert_eq!(count(&log), whole, "cut at {len}");
        let rest = ends
            .iter()
            .rev()
            .find(|end| **end <= len)
            .map(|end| (len - end) as u64);
        let dropped = log.recovery().map(|recovery| recovery.dropped_bytes);
        assert_eq!(dropped, rest.filter(|rest| *rest > 0), "cut at {len}");
        append(&log, 77).unwrap();
        assert_eq!(count(&log), whole + 1);
        drop(log);
        assert!(verify(dir.path(), &[]).is_ok());
    }
}

#[test]
fn a_hole_in_the_last_write_is_dropped_with_what_follows() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    append(&log, 0).unwrap();
    (&log as &dyn Log)
        .append(vec![event(1), event(2), event(3)])
        .unwrap();
    drop(log);
    let path = segments(dir.path())[0].clone();
    let mut bytes = fs::read(&path).unwrap();
    let hole = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'\n')
        .nth(2)
        .unwrap()
        .0
        + 100;
    bytes[hole..hole + 300].fill(0);
    fs::write(&path, &bytes).unwrap();
    let log = open(dir.path()).unwrap();
    assert_eq!(count(&log), 2);
    let recovery = log.recovery().unwrap();
    let kept = fs::read(path.with_extension("torn")).unwrap();
    assert_eq!(kept.len() as u64, recovery.dropped_bytes);
    assert!(bytes.ends_with(&kept), "what was cut off lies beside");
}

#[test]
fn alterations_of_acknowledged_records_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes, _) = three_writes(dir.path());
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let altered = [
        (text.replacen("\"request-0\"", "\"request-9\"", 1), 1),
        (text.replacen("\"request-2\"", "\"request-9\"", 1), 3),
        ([lines[0], lines[2], lines[3], lines[4]].concat(), 1),
        (
            [lines[0], lines[1], lines[3], lines[2], lines[4]].concat(),
            2,
        ),
        (
            [lines[0], lines[1], lines[2], lines[2], lines[3], lines[4]].concat(),
            3,
        ),
        (
            [
                lines[0],
                lines[1],
                "not a record\n",
                lines[2],
                lines[3],
                lines[4],
            ]
            .concat(),
            2,
        ),
    ];
    for (altered, position) in altered {
        fs::write(&path, &altered).unwrap();
        for error in [
            open(dir.path()).map(|_| ()),
            verify(dir.path(), &[]).map(|_| ()),
        ] {
            let Err(Error::Damaged {
                position: found,
                path: at,
                ..
            }) = error
            else {
                panic!("{error:?}")
            };
            assert_eq!((found, &at), (Position(position), &path));
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            altered,
            "evidence is left alone"
        );
    }
}

#[test]
fn alterations_across_segments_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path(), SMALL).unwrap();
    for n in 0..30 {
        append(&log, n).unwrap();
    }
    drop(log);
    let paths = segments(dir.path());
    let is_damaged = || matches!(verify(dir.path(), &[]), Err(Error::Damaged { .. }));
    let saved = fs::read(&paths[1]).unwrap();
    fs::remove_file(&paths[1]).unwrap();
    assert!(is_damaged(), "a segment is missing");
    let end = saved[..saved.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    fs::write(&paths[1], &saved[..end]).unwrap();
    assert!(is_damaged(), "the last record of a segment is missing");
    fs::write(&paths[1], &saved[..end + 9]).unwrap();
    assert!(is_damaged(), "the last record of a segment is incomplete");
    fs::write(&paths[1], &saved).unwrap();
    assert!(!is_damaged());
}

#[test]
fn a_known_head_shows_that_nothing_was_taken_from_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes, head) = three_writes(dir.path());
    assert_eq!(verify(dir.path(), &[Head::default(), head]), Ok(head));
    let end = bytes[..bytes.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    fs::write(&path, &bytes[..end]).unwrap();
    assert!(verify(dir.path(), &[]).is_ok(), "consistent in itself");
    let error = verify(dir.path(), &[head]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Damaged {
                position: Position(4),
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_segment_that_cannot_be_begun_refuses_records_until_it_can() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(
        dir.path(),
        FileOptions {
            segment_bytes: 1,
            flush: false,
        },
    )
    .unwrap();
    append(&log, 0).unwrap();
    let obstacle = dir.path().join("00000000000000000002.jsonl");
    fs::create_dir(&obstacle).unwrap();
    let error = append(&log, 1).unwrap_err();
    assert!(error.to_string().starts_with("creating `"), "{error}");
    assert_eq!((count(&log), log.head().position), (1, Position(1)));
    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(append(&log, 2), Ok(Position(2)));
    assert_eq!(verify(dir.path(), &[]), Ok(log.head()));
}

#[test]
fn a_log_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert_eq!(
        error,
        Error::InUse {
            path: dir.path().to_owned()
        }
    );
    drop(log);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn format_1_is_read_and_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("00000000000000000001.jsonl"), FORMAT_1).unwrap();
    let log = open(dir.path()).unwrap();
    assert_eq!(log.recovery(), None);
    let records = log.read(Position(0), usize::MAX).unwrap();
    assert_eq!(records.len(), 3);
    assert!(
        (0..3)
            .zip(&records)
            .all(|(n, record)| record.event == event(n))
    );
    assert_eq!(append(&log, 3), Ok(Position(4)));
    assert_eq!(log.lookup(&Query::new(ACCOUNT)).unwrap().records.len(), 4);
}

#[test]
fn format_1_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    append(&log, 0).unwrap();
    (&log as &dyn Log).append(vec![event(1), event(2)]).unwrap();
    drop(log);
    let written = fs::read(&segments(dir.path())[0]).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&written),
        String::from_utf8_lossy(FORMAT_1)
    );
}

#[test]
fn newer_formats_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("00000000000000000001.jsonl");
    fs::write(&path, "palisade-trail 2 whatever comes then\n").unwrap();
    let error = open(dir.path()).unwrap_err();
    assert_eq!(
        error,
        Error::Newer {
            path,
            found: 2,
            known: 1
        }
    );
}

#[test]
fn files_that_are_no_segments_are_refused_or_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "left alone").unwrap();
    fs::write(dir.path().join("1.jsonl"), "left alone").unwrap();
    drop(open(dir.path()).unwrap());
    let path = dir.path().join("00000000000000000007.jsonl");
    fs::write(&path, "{}\n").unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Damaged {
                position: Position(7),
                ..
            }
        ),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is altered in a file: what is read is a beginning of what was written, and where
    /// something is missing the log says so.
    #[test]
    fn an_altered_file_never_passes_for_a_whole_one(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let dir = tempfile::tempdir().unwrap();
        let (path, mut bytes, _) = three_writes(dir.path());
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        fs::write(&path, &bytes).unwrap();
        match open(dir.path()) {
            Err(error) => {
                let told = matches!(error, Error::Damaged { .. } | Error::Newer { .. });
                prop_assert!(told, "{}", error);
            }
            Ok(log) => {
                let records = log.read(Position(0), usize::MAX).unwrap();
                prop_assert!(records.len() < 4 && log.recovery().is_some());
                prop_assert!((0..4).zip(&records).all(|(n, record)| record.event == event(n)));
            }
        }
    }
}

/// A log of several segments whose first event alone is called `Needle`.
fn haystack(dir: &Path) -> FileLog {
    let options = FileOptions {
        segment_bytes: 4_000,
        flush: false,
    };
    let log = FileLog::open(dir, options).unwrap();
    let mut needle = event(0);
    needle.event_name = "Needle".into();
    (&log as &dyn Log).append(vec![needle]).unwrap();
    for n in 1..40 {
        append(&log, n).unwrap();
    }
    log
}

fn needles(log: &FileLog) -> Result<usize, Error> {
    let query = Query::new(ACCOUNT).with(Attribute::EventName("Needle".to_owned()));
    log.lookup(&query).map(|page| page.records.len())
}

#[test]
fn a_look_up_reads_only_where_something_may_be() {
    let dir = tempfile::tempdir().unwrap();
    let log = haystack(dir.path());
    let files = segments(dir.path());
    assert!(files.len() > 4);
    // What cannot be read any more is in nobody's way who does not look for it.
    let middle = fs::read(&files[2]).unwrap();
    let header = middle.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut garbage = middle.clone();
    garbage[header..].fill(b'x');
    fs::write(&files[2], &garbage).unwrap();
    assert_eq!(needles(&log), Ok(1));
    fs::write(&files[2], &middle).unwrap();
}

#[test]
fn an_index_that_is_gone_or_damaged_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(haystack(dir.path()));
    let index = segments(dir.path())[0].with_extension("index");
    let whole = fs::read(&index).unwrap();
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    for left in [None, Some(&damaged), Some(&whole)] {
        match left {
            Some(bytes) => fs::write(&index, bytes).unwrap(),
            None => fs::remove_file(&index).unwrap(),
        }
        let log = FileLog::open(dir.path(), FileOptions::default()).unwrap();
        assert_eq!(needles(&log), Ok(1));
        assert_eq!(fs::read(&index).unwrap(), whole);
        assert_eq!(count(&log), 40);
    }
}

#[test]
fn what_is_forgotten_on_purpose_is_whole_segments_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let log = haystack(dir.path());
    let before = segments(dir.path());
    let head = log.head();
    let after = |n: u32| event(n).event_time;
    assert_eq!(
        log.forget(after(0), head.position),
        Ok(0),
        "nothing is as old"
    );
    assert_eq!(
        log.forget(after(99), Position(1)),
        Ok(0),
        "nothing is delivered"
    );
    let forgotten = log.forget(after(20), head.position).unwrap();
    assert!((8..=20).contains(&forgotten), "{forgotten}");
    assert_eq!(count(&log) as u64, 40 - forgotten);
    assert_eq!(needles(&log), Ok(0));
    assert_eq!(verify(dir.path(), &[head]), Ok(head));
    drop(log);
    let left = segments(dir.path());
    assert!(left.len() < before.len());
    let log = FileLog::open(dir.path(), SMALL).unwrap();
    assert_eq!(log.head(), head);
    drop(log);
    // What goes beyond is damage.
    fs::remove_file(&left[0]).unwrap();
    assert!(matches!(
        verify(dir.path(), &[]),
        Err(Error::Damaged { .. })
    ));
}

//! Looking up, on every implementation.

use trail::{
    Attribute, Category, Event, FileLog, FileOptions, Log, MemoryLog, Page, Position, Query,
    UserIdentity,
};

use crate::{ACCOUNT, event, time};

macro_rules! conformance {
    ($($test:ident)+) => {
        mod memory {
            $(#[test] fn $test() { super::$test(&trail::MemoryLog::default()); })+
        }
        mod file {
            $(#[test] fn $test() { super::on_files(super::$test); })+
        }
    };
}

conformance! {
    newest_come_first
    every_attribute_finds
    attributes_are_compared_whole
    times_bound_the_search
    accounts_and_regions_are_apart
    data_events_are_found_only_when_asked_for
    pages_join_without_gap_or_repetition
    records_are_read_in_order
    the_chain_is_the_same_everywhere
}

/// Segments of a few records, so that every search crosses several.
fn on_files(test: fn(&dyn Log)) {
    let dir = tempfile::tempdir().unwrap();
    let options = FileOptions {
        segment_bytes: 4000,
        flush: false,
    };
    test(&FileLog::open(dir.path(), options).unwrap());
}

fn all() -> Query {
    Query::new(ACCOUNT)
}

fn fill(log: &dyn Log, count: u32) {
    for n in 0..count {
        log.append(vec![event(n)]).unwrap();
    }
}

fn names(page: &Page) -> Vec<&str> {
    page.records
        .iter()
        .map(|record| record.event.event_id.as_str())
        .collect()
}

fn newest_come_first(log: &dyn Log) {
    assert_eq!(log.lookup(&all()).unwrap(), Page::default());
    fill(log, 9);
    let last = log.append(vec![event(9), event(10), event(11)]).unwrap();
    assert_eq!(last, Position(12));
    let page = log.lookup(&Query { max: 4, ..all() }).unwrap();
    assert_eq!(names(&page), ["event-11", "event-10", "event-9", "event-8"]);
    let positions: Vec<_> = page
        .records
        .iter()
        .map(|record| record.position.0)
        .collect();
    assert_eq!(positions, [12, 11, 10, 9]);
    assert_eq!(log.lookup(&all()).unwrap().records.len(), 12);
}

fn every_attribute_finds(log: &dyn Log) {
    let mut other = event(99);
    other.event_name = "DeleteRole".into();
    other.event_source = "iam.amazonaws.com".into();
    other.read_only = true;
    let user = "arn:aws:iam::123456789012:user/dave \"d\"";
    other.user_identity = UserIdentity::iam_user(user, "AIDA", ACCOUNT, Some("AKIADAVE")).into();
    other.resources[0].kind = Some("AWS::IAM::Role".into());
    other.resources[0].arn = Some("arn:aws:iam::123456789012:role/x/R".into());
    log.append(vec![event(1), other, event(2)]).unwrap();
    let mut root = event(100);
    root.user_identity = UserIdentity::root("aws", ACCOUNT, None).into();
    log.append(vec![root]).unwrap();
    for attribute in [
        Attribute::EventId("event-99".to_owned()),
        Attribute::EventName("DeleteRole".to_owned()),
        Attribute::ReadOnly(true),
        Attribute::Username("dave \"d\"".to_owned()),
        Attribute::ResourceType("AWS::IAM::Role".to_owned()),
        Attribute::ResourceName("R".to_owned()),
        Attribute::ResourceName("arn:aws:iam::123456789012:role/x/R".to_owned()),
        Attribute::EventSource("iam.amazonaws.com".to_owned()),
        Attribute::AccessKeyId("AKIADAVE".to_owned()),
    ] {
        let page = log.lookup(&all().with(attribute.clone())).unwrap();
        assert_eq!(names(&page), ["event-99"], "{attribute:?}");
    }
    let found = |attribute| names(&log.lookup(&all().with(attribute)).unwrap()).len();
    assert_eq!(found(Attribute::Username("root".to_owned())), 1);
    assert_eq!(
        found(Attribute::Username("SageMaker".to_owned())),
        2,
        "the session's name"
    );
    let both = all()
        .with(Attribute::ReadOnly(true))
        .with(Attribute::EventName("CreateTrainingJob".to_owned()));
    assert_eq!(names(&log.lookup(&both).unwrap()), [""; 0]);
}

fn attributes_are_compared_whole(log: &dyn Log) {
    fill(log, 12);
    for attribute in [
        Attribute::EventId("event-1\"".to_owned()),
        Attribute::EventName("TrainingJob".to_owned()),
        Attribute::Username("alice".to_owned()),
        Attribute::ResourceName("job-".to_owned()),
        Attribute::AccessKeyId("ASIA".to_owned()),
    ] {
        let page = log.lookup(&all().with(attribute.clone())).unwrap();
        assert_eq!(names(&page), [""; 0], "{attribute:?}");
    }
    let one = all().with(Attribute::EventId("event-1".to_owned()));
    assert_eq!(names(&log.lookup(&one).unwrap()), ["event-1"]);
}

fn times_bound_the_search(log: &dyn Log) {
    fill(log, 20);
    let between = |start: Option<&str>, end: Option<&str>| {
        let query = Query {
            start: start.map(time),
            end: end.map(time),
            ..all()
        };
        // Twice: the second time the log knows which segments need no look.
        let first = log.lookup(&query).unwrap();
        assert_eq!(log.lookup(&query).unwrap(), first);
        first
            .records
            .into_iter()
            .map(|r| r.event.event_id)
            .collect::<Vec<_>>()
    };
    let found = between(Some("2025-07-01T10:05:03Z"), Some("2025-07-01T10:05:05Z"));
    assert_eq!(found, ["event-5", "event-4", "event-3"]);
    assert_eq!(
        between(Some("2025-07-01T10:05:18Z"), None),
        ["event-19", "event-18"]
    );
    assert_eq!(between(None, Some("2025-07-01T10:05:00.5Z")), ["event-0"]);
    assert_eq!(between(Some("2025-07-01T10:06:00Z"), None), [""; 0]);
}

fn accounts_and_regions_are_apart(log: &dyn Log) {
    let other = |account: &str, region: &str| Event {
        recipient_account_id: account.to_owned(),
        aws_region: region.to_owned(),
        ..event(5)
    };
    log.append(vec![
        other("999999999999", "us-east-1"),
        other(ACCOUNT, "eu-west-1"),
        event(6),
    ])
    .unwrap();
    // The first event mentions this account everywhere but where it counts.
    assert_eq!(log.lookup(&all()).unwrap().records.len(), 2);
    assert_eq!(
        log.lookup(&Query::new("999999999999"))
            .unwrap()
            .records
            .len(),
        1
    );
    let here = Query {
        region: Some("us-east-1".to_owned()),
        ..all()
    };
    assert_eq!(names(&log.lookup(&here).unwrap()), ["event-6"]);
}

fn data_events_are_found_only_when_asked_for(log: &dyn Log) {
    let mut data = event(1);
    data.event_category = Category::Data;
    data.management_event = false;
    log.append(vec![event(0), data]).unwrap();
    assert_eq!(names(&log.lookup(&all()).unwrap()), ["event-0"]);
    let data = Query {
        category: Some(Category::Data),
        ..all()
    };
    assert_eq!(names(&log.lookup(&data).unwrap()), ["event-1"]);
    let both = Query {
        category: None,
        ..all()
    };
    assert_eq!(log.lookup(&both).unwrap().records.len(), 2);
}

fn pages_join_without_gap_or_repetition(log: &dyn Log) {
    for n in 0..30 {
        let mut other = event(1000 + n);
        other.event_name = "ListTrainingJobs".into();
        log.append(vec![event(n), other]).unwrap();
    }
    let mut query = Query {
        max: 7,
        ..all().with(Attribute::EventName("CreateTrainingJob".to_owned()))
    };
    let mut seen = Vec::new();
    loop {
        let page = log.lookup(&query).unwrap();
        seen.extend(names(&page).into_iter().map(str::to_owned));
        if seen.len() == 7 {
            // What arrives meanwhile does not disturb the pages that follow.
            log.append(vec![event(500)]).unwrap();
        }
        query.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..30).rev().map(|n| format!("event-{n}")).collect();
    assert_eq!(seen, expected);
    let exact = Query {
        max: 31,
        before: None,
        ..query
    };
    assert_eq!(
        log.lookup(&exact).unwrap().next,
        None,
        "no further page where nothing is left"
    );
}

fn records_are_read_in_order(log: &dyn Log) {
    fill(log, 12);
    let read = |first, max| {
        let records = log.read(Position(first), max).unwrap();
        records
            .iter()
            .map(|record| record.position.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(0, 100), (1..=12).collect::<Vec<_>>());
    assert_eq!(read(6, 3), [6, 7, 8]);
    assert_eq!(read(12, 100), [12]);
    assert_eq!(read(13, 100), [0; 0]);
    assert_eq!(log.read(Position(5), 1).unwrap()[0].event, event(4));
}

fn the_chain_is_the_same_everywhere(log: &dyn Log) {
    let reference = MemoryLog::default();
    let reference: &dyn Log = &reference;
    assert_eq!(log.head(), reference.head());
    for log in [log, reference] {
        log.append(vec![event(0), event(1)]).unwrap();
        log.append(vec![event(2)]).unwrap();
    }
    assert_eq!(log.head(), reference.head());
    assert_eq!(log.head().position, Position(3));
}

#[test]
fn the_log_in_memory_forgets_the_oldest() {
    let size = serde_json::to_vec(&event(10)).unwrap().len();
    let log: &dyn Log = &MemoryLog::new(3 * size);
    for n in 10..20 {
        log.append(vec![event(n)]).unwrap();
    }
    assert_eq!(
        names(&log.lookup(&all()).unwrap()),
        ["event-19", "event-18", "event-17"]
    );
    assert_eq!(log.read(Position(1), 9).unwrap()[0].position, Position(8));
    assert_eq!(log.head().position, Position(10));
}

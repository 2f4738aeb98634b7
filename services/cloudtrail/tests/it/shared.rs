//! Several nodes on one state: whichever is asked looks up the events of all.

use cloudtrail::Schedule;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Key, MemoryStore, Scan, Store};
use testkit::World;
use trail::{Event, Log};

use crate::logs::ask;

fn nodes<const N: usize>(store: &Arc<dyn Store>, names: [&str; N]) -> [World; N] {
    names.map(|name| World::node(Arc::clone(store), name))
}

fn pass(nodes: &[World], time: SignedDuration) {
    for node in nodes {
        node.clock.advance(time);
    }
}

/// Makes a user and returns its name.
fn make(node: &World, name: &str) -> String {
    node.query(node.root(), "iam", "CreateUser", &[("UserName", name)])
        .checked();
    name.to_owned()
}

/// What an event was for, by page, and the times as they come.
fn looked_up(node: &World, input: &Value) -> Vec<String> {
    let mut input = input.clone();
    let (mut found, mut times) = (Vec::new(), Vec::new());
    loop {
        let page = ask(node, "LookupEvents", &input).checked().json();
        for event in page["Events"].as_array().unwrap() {
            let record: Value =
                serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
            let user = &record["requestParameters"]["userName"];
            found.push(user.as_str().unwrap_or_default().to_owned());
            times.push(event["EventTime"].as_f64().unwrap());
        }
        match page["NextToken"].as_str() {
            Some(token) => input["NextToken"] = json!(token),
            None => break,
        }
    }
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    found
}

fn created() -> Value {
    json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]})
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

fn blocks(store: &Arc<dyn Store>) -> usize {
    let all = Scan::under(&Key::default());
    let tx = store.begin_read().unwrap();
    tx.scan_bytes("cloudtrail-events", &all).unwrap().len()
}

#[test]
fn events_of_all_nodes_are_found_in_one_order() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = nodes(&store, ["a", "b"]);
    let mut made = Vec::new();
    let mut times = Vec::new();
    for turn in 0..12 {
        times.push(Timestamp::as_second(pair[0].platform.now()));
        made.push(make(&pair[turn % 2], &format!("u{turn}")));
        // Sometimes within a second, within a block, and apart.
        pass(&pair, SignedDuration::from_secs([0, 7, 100][turn % 3]));
        if turn % 4 == 3 {
            cloudtrail::deliver(&pair[0].platform, &Schedule::default());
        }
    }
    cloudtrail::deliver(&pair[1].platform, &Schedule::default());
    let latest_first = |found: &[String]| {
        let place = |name: &String| made.iter().position(|held| held == name).unwrap();
        found
            .iter()
            .map(|name| times[place(name)])
            .is_sorted_by(|one, other| one >= other)
    };
    let mut expected = made.clone();
    expected.sort();
    for node in &pair {
        for size in [1, 3, 50] {
            let mut found = looked_up(node, &with(created(), "MaxResults", json!(size)));
            assert!(latest_first(&found), "{found:?}");
            found.sort();
            assert_eq!(found, expected, "{size} a page");
        }
    }
    let later = looked_up(&pair[0], &with(created(), "StartTime", json!(times[6])));
    let earlier = looked_up(&pair[0], &with(created(), "EndTime", json!(times[5])));
    assert_eq!(later.len() + earlier.len(), 12, "{later:?} {earlier:?}");
    // Both have gone away, and a third one takes over.
    drop(pair);
    let [c] = nodes(&store, ["c"]);
    c.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(looked_up(&c, &created()).len(), 12);
}

#[test]
fn many_events_of_one_second_are_found_once_each() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = nodes(&store, ["a", "b"]);
    for number in 0..230 {
        make(&pair[usize::from(number % 3 == 0)], &format!("u{number}"));
    }
    for node in &pair {
        cloudtrail::deliver(&node.platform, &Schedule::default());
    }
    let mut found = looked_up(&pair[1], &with(created(), "MaxResults", json!(7)));
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 230);
}

#[test]
fn a_token_is_good_on_every_node_and_no_other_text_is() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = nodes(&store, ["a", "b"]);
    for name in ["one", "two", "three"] {
        make(&pair[0], name);
    }
    let first = with(created(), "MaxResults", json!(2));
    let page = ask(&pair[0], "LookupEvents", &first).checked().json();
    let next = with(first.clone(), "NextToken", page["NextToken"].clone());
    let page = ask(&pair[1], "LookupEvents", &next).checked().json();
    assert_eq!(page["Events"].as_array().unwrap().len(), 1);
    let refused = ask(
        &pair[1],
        "LookupEvents",
        &with(first, "NextToken", json!("5 1 a")),
    );
    assert!(
        refused.json()["__type"]
            .as_str()
            .unwrap()
            .contains("InvalidNextToken")
    );
}

#[test]
fn what_can_be_looked_up_no_longer_is_removed() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = nodes(&store, ["a", "b"]);
    make(&pair[0], "old");
    cloudtrail::deliver(&pair[0].platform, &Schedule::default());
    pass(&pair, SignedDuration::from_hours(89 * 24));
    make(&pair[1], "new");
    cloudtrail::deliver(&pair[1].platform, &Schedule::default());
    let before = blocks(&store);
    cloudtrail::forget(&pair[0].platform, &Schedule::default());
    assert_eq!(blocks(&store), before);
    pass(&pair, SignedDuration::from_hours(48));
    assert_eq!(looked_up(&pair[0], &created()), ["new"]);
    let before = blocks(&store);
    cloudtrail::forget(&pair[0].platform, &Schedule::default());
    assert!(blocks(&store) < before);
    assert_eq!(looked_up(&pair[0], &created()), ["new"]);
}

/// The world as the node with this name; `seed` tells its random numbers from those of others.
fn as_node(
    store: &Arc<dyn Store>,
    seed: &str,
    events: Vec<Event>,
    name: &str,
) -> Result<World, String> {
    let world = World::node(Arc::clone(store), seed);
    let log: &dyn Log = &*world.trail;
    if !events.is_empty() {
        log.append(events).unwrap();
    }
    let begin = |platform| cloudtrail::as_node(platform, name).map_err(|error| error.to_string());
    world.with_platform(begin)
}

#[test]
fn a_copy_of_a_nodes_log_is_refused_and_the_same_log_supersedes() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let first = as_node(&store, "1", Vec::new(), "a").unwrap();
    make(&first, "one");
    cloudtrail::deliver(&first.platform, &Schedule::default());
    assert!(!cloudtrail::is_superseded(&first.platform));
    // A directory that was copied before: its log ends too early.
    let refused = as_node(&store, "2", Vec::new(), "a").err().unwrap();
    assert!(refused.contains("`node`"), "{refused}");
    // The same log, started again: who was the node before is no more.
    let second = as_node(&store, "3", first.events(), "a").unwrap();
    assert!(cloudtrail::is_superseded(&first.platform));
    assert!(!cloudtrail::is_superseded(&second.platform));
    let before = blocks(&store);
    make(&first, "two");
    cloudtrail::deliver(&first.platform, &Schedule::default());
    assert_eq!(
        blocks(&store),
        before,
        "it gives nothing to others any more"
    );
    make(&second, "three");
    assert_eq!(looked_up(&second, &created()), ["three", "one"]);
    // Nor is it a log of the same length that went its own way.
    let refused = as_node(&store, "4", first.events(), "a").err().unwrap();
    assert!(refused.contains("a copy"), "{refused}");
    assert!(as_node(&store, "5", first.events(), "b").is_ok());
}

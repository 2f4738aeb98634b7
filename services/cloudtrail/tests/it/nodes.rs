//! Several nodes on one state: each delivers what its own log has, and the digests stay one chain.

use cloudtrail::Schedule;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use store::{MemoryStore, Store};
use testkit::World;
use testkit::bucket::Bucket;

use crate::logs::{self, ask};

/// Two nodes, with the same time.
struct Pair {
    a: World,
    b: World,
}

impl Pair {
    fn on(store: &Arc<dyn Store>) -> Self {
        Self {
            a: World::node(Arc::clone(store), "a"),
            b: World::node(Arc::clone(store), "b"),
        }
    }

    fn pass(&self, time: SignedDuration) {
        self.a.clock.advance(time);
        self.b.clock.advance(time);
    }

    /// Both do what is due after this time.
    fn later(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
        for node in [&self.a, &self.b] {
            deliver(node);
        }
    }
}

fn deliver(node: &World) {
    cloudtrail::deliver(&node.platform, &Schedule::default());
}

/// Makes the trail's bucket and a trail with digests, on the first node.
fn validated(pair: &Pair) -> Bucket<'_> {
    let bucket = logs::bucket(&pair.a);
    logs::trail(&pair.a, &json!({"EnableLogFileValidation": true}));
    bucket
}

/// The names of the users that the delivered events made.
fn made(pair: &Pair, bucket: &Bucket<'_>) -> Vec<String> {
    let records = logs::records(&pair.a, bucket);
    let ids: HashSet<&str> = records
        .iter()
        .filter_map(|it| it["eventID"].as_str())
        .collect();
    assert_eq!(ids.len(), records.len(), "an event came twice");
    let mut made: Vec<String> = records
        .iter()
        .filter(|record| record["eventName"] == "CreateUser")
        .map(|record| {
            record["requestParameters"]["userName"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    made.sort();
    made
}

/// Checks that the digests are one chain, and returns the files that they list.
fn chained(pair: &Pair, bucket: &Bucket<'_>) -> Vec<String> {
    let mut digests = logs::digests(&pair.a, bucket);
    digests.sort_by_key(|(_, digest)| digest["digestEndTime"].as_str().unwrap().to_owned());
    let (mut listed, mut before) = (Vec::new(), (Value::Null, Value::Null));
    for (signature, digest) in digests {
        assert_eq!(digest["previousDigestS3Object"], before.0);
        assert_eq!(digest["previousDigestSignature"], before.1);
        let files = digest["logFiles"].as_array().unwrap();
        listed.extend(
            files
                .iter()
                .map(|file| file["s3Object"].as_str().unwrap().to_owned()),
        );
        before = (digest["digestS3Object"].clone(), signature.into());
    }
    listed.sort();
    listed
}

fn each_node_delivers_its_own(store: &Arc<dyn Store>) {
    let pair = Pair::on(store);
    let _ = pair.b.user("early");
    pair.pass(SignedDuration::from_secs(2));
    let bucket = validated(&pair);
    let _ = pair.a.user("alice");
    let _ = pair.b.user("bob");
    pair.later(1);
    pair.later(5);
    assert_eq!(made(&pair, &bucket), ["alice", "bob"]);
    let status = ask(&pair.b, "GetTrailStatus", &json!({"Name": "all"}))
        .checked()
        .json();
    assert_ne!(status["LatestDeliveryAttemptSucceeded"], "");
    // The hour's digest is made by one of them, and lists the files of both.
    pair.later(60);
    pair.later(5);
    let files = logs::keys(&bucket);
    assert!(files.len() >= 2, "{files:?}");
    let listed = chained(&pair, &bucket);
    assert!(!listed.is_empty());
    assert!(listed.iter().all(|file| files.contains(file)));
    // The one that makes digests is gone, and the other goes on with the same chain.
    let _ = pair.b.user("carol");
    pair.pass(SignedDuration::from_mins(61));
    deliver(&pair.b);
    pair.pass(SignedDuration::from_mins(5));
    deliver(&pair.b);
    assert_eq!(made(&pair, &bucket), ["alice", "bob", "carol"]);
    let more = chained(&pair, &bucket);
    assert!(more.len() > listed.len(), "{more:?}");
    // It comes back, and delivers what it had not.
    let _ = pair.a.user("dave");
    pair.later(5);
    assert_eq!(made(&pair, &bucket), ["alice", "bob", "carol", "dave"]);
    // At the end every file is in the chain.
    ask(&pair.b, "StopLogging", &json!({"Name": "all"})).checked();
    for _ in 0..4 {
        pair.later(1);
    }
    let mut files = logs::keys(&bucket);
    files.sort();
    assert_eq!(chained(&pair, &bucket), files);
}

#[test]
fn each_node_delivers_its_own_log_and_the_digests_are_one_chain() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    each_node_delivers_its_own(&store);
}

#[test]
fn nodes_share_a_database() {
    if let Some(cluster) = crate::cluster::Cluster::start() {
        let store: Arc<dyn Store> = Arc::new(cluster.store("palisade"));
        each_node_delivers_its_own(&store);
    }
}

#[test]
fn who_lost_the_lease_makes_no_digest() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = Pair::on(&store);
    let bucket = validated(&pair);
    let _ = pair.a.user("alice");
    deliver(&pair.a);
    // Only the time of the second node goes on: for it the first one's lease has run out.
    pair.b.clock.advance(SignedDuration::from_mins(61));
    deliver(&pair.b);
    let before = logs::digests(&pair.a, &bucket).len();
    pair.a.clock.advance(SignedDuration::from_mins(60));
    deliver(&pair.a);
    pair.b.clock.advance(SignedDuration::from_secs(10));
    deliver(&pair.b);
    chained(&pair, &bucket);
    assert!(before >= 1);
}

#[test]
fn a_pause_holds_for_every_node() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = Pair::on(&store);
    let bucket = validated(&pair);
    let _ = pair.b.user("before");
    pair.later(5);
    ask(&pair.a, "StopLogging", &json!({"Name": "all"})).checked();
    pair.pass(SignedDuration::from_secs(2));
    let _ = pair.b.user("between");
    pair.later(5);
    pair.later(1);
    ask(&pair.b, "StartLogging", &json!({"Name": "all"})).checked();
    pair.pass(SignedDuration::from_secs(2));
    let _ = pair.b.user("after");
    let _ = pair.a.user("later");
    pair.later(5);
    assert_eq!(made(&pair, &bucket), ["after", "before", "later"]);
}

#[test]
fn what_a_deleted_trail_logged_comes_from_every_node() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = Pair::on(&store);
    let bucket = validated(&pair);
    pair.later(1);
    let _ = pair.a.user("alice");
    let _ = pair.b.user("bob");
    ask(&pair.a, "DeleteTrail", &json!({"Name": "all"})).checked();
    for _ in 0..4 {
        pair.later(1);
    }
    assert_eq!(made(&pair, &bucket), ["alice", "bob"]);
    let mut files = logs::keys(&bucket);
    files.sort();
    assert_eq!(chained(&pair, &bucket), files);
    let left = pair.a.platform.store().begin_read().unwrap();
    let all = store::Scan::under(&store::Key::default());
    assert!(
        left.scan_bytes("cloudtrail-retired", &all)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_digest_that_is_repeated_lists_what_it_listed() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let pair = Pair::on(&store);
    let bucket = validated(&pair);
    let _ = pair.a.user("alice");
    pair.later(5);
    // The digest cannot go out at first.
    let mut statements = logs::statements("logs", &logs::arn("all"));
    let digests = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/*CloudTrail-Digest*"});
    statements.as_array_mut().unwrap().push(digests);
    bucket.policy(&statements).checked();
    pair.later(61);
    assert!(logs::digests(&pair.a, &bucket).is_empty());
    let planned = logs::keys(&bucket);
    // Meanwhile another node delivers more, and then makes the digest in place of the first one.
    let _ = pair.b.user("bob");
    pair.pass(SignedDuration::from_mins(6));
    deliver(&pair.b);
    bucket
        .policy(&logs::statements("logs", &logs::arn("all")))
        .checked();
    pair.pass(SignedDuration::from_mins(5));
    deliver(&pair.b);
    let mut made = logs::digests(&pair.a, &bucket);
    assert_eq!(made.len(), 1);
    let (_, digest) = made.remove(0);
    let listed = digest["logFiles"].as_array().unwrap();
    assert!(
        listed.len() <= planned.len() && logs::keys(&bucket).len() > planned.len(),
        "{listed:?} of {planned:?}"
    );
    pair.later(61);
    pair.later(5);
    let listed = chained(&pair, &bucket);
    assert!(
        logs::keys(&bucket)
            .iter()
            .take(planned.len() + 1)
            .all(|key| listed.contains(key))
    );
}

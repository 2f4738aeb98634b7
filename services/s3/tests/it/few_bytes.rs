//! Objects of few bytes, which lie in the state: what takes the place of what there.

use std::collections::HashSet;
use std::sync::Arc;
use store::{Key, MemoryStore, Scan, Store};
use testkit::World;
use testkit::bucket::Bucket;

const SOURCE: &str = "x-amz-copy-source";
const REPLACE: (&str, &str) = ("x-amz-metadata-directive", "REPLACE");

struct State(Arc<dyn Store>);

impl State {
    /// The bytes that lie in the state, with their places.
    fn bytes(&self) -> Vec<(Key, Vec<u8>)> {
        let all = Scan::under(&Key::default());
        let rows = self.0.read(|tx| tx.scan_bytes("s3-bytes", &all)).unwrap();
        rows.into_iter()
            .map(|(key, stored)| (key, stored.json.to_vec()))
            .collect()
    }

    fn places(&self) -> Vec<Key> {
        self.bytes().into_iter().map(|(key, _)| key).collect()
    }
}

fn world() -> (World, State) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    (World::on(Arc::clone(&store)), State(store))
}

#[test]
fn what_replaces_an_object_lies_in_its_place_and_is_sealed_under_another_name() {
    let (world, state) = world();
    let bucket = Bucket::new(&world, "data");
    let mut seen = HashSet::new();
    let mut places = HashSet::new();
    for _ in 0..5 {
        // The same bytes each time: under the same name they would be sealed to the same.
        bucket.put("k", "always the same").checked();
        let bytes = state.bytes();
        assert_eq!(bytes.len(), 1);
        places.insert(bytes[0].0.clone());
        assert!(
            seen.insert(bytes[0].1.clone()),
            "sealed twice under one name"
        );
        assert_eq!(bucket.get(world.root(), "k").text(), "always the same");
    }
    assert_eq!(places.len(), 1);
    bucket
        .put("k", "longer than it was before, by some")
        .checked();
    let got = bucket.get(world.root(), "k").text();
    assert_eq!(got, "longer than it was before, by some");
    // Nothing is left where there are no bytes, or too many for the state.
    bucket.put("k", "").checked();
    assert_eq!(state.places(), []);
    bucket.put("k", "few again").checked();
    assert_eq!(state.places().len(), 1);
    let many = "x".repeat(20_000);
    bucket.put("k", &many).checked();
    assert_eq!(state.places(), []);
    assert_eq!(bucket.get(world.root(), "k").text(), many);
    bucket.put("k", "and few").checked();
    assert_eq!(bucket.get(world.root(), "k").text(), "and few");
    let root = world.root();
    bucket.call(root, "DELETE", "/k", &[], "").checked();
    assert_eq!(state.places(), []);
}

#[test]
fn copies_keep_their_bytes_when_one_of_them_is_replaced() {
    let (world, state) = world();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let copy = |from: &str, to: &str, more: &[(&str, &str)]| {
        let source = format!("/data/{from}");
        let headers = [&[(SOURCE, source.as_str())], more].concat();
        bucket
            .call(root, "PUT", &format!("/{to}"), &headers, "")
            .checked();
    };
    let text = |key: &str| bucket.get(root, key).text();
    // Sealed in the place of another, and copied from there, also to where something is.
    bucket.put("a", "first").checked();
    bucket.put("a", "second").checked();
    bucket.put("c", "other").checked();
    copy("a", "b", &[]);
    copy("a", "c", &[]);
    copy("a", "a", &[REPLACE]);
    for key in ["a", "b", "c"] {
        assert_eq!(text(key), "second", "{key}");
    }
    assert_eq!(state.places().len(), 3);
    bucket.put("a", "third").checked();
    assert_eq!(
        (text("a"), text("b"), text("c")),
        ("third".into(), "second".into(), "second".into())
    );
    copy("b", "a", &[]);
    bucket.put("b", "fourth").checked();
    assert_eq!(
        (text("a"), text("b"), text("c")),
        ("second".into(), "fourth".into(), "second".into())
    );
    copy("a", "a", &[REPLACE]);
    copy("a", "b", &[]);
    bucket.call(root, "DELETE", "/a", &[], "").checked();
    assert_eq!((text("b"), text("c")), ("second".into(), "second".into()));
    assert_eq!(state.places().len(), 2);
}

#[test]
fn versions_that_stay_keep_their_bytes() {
    let (world, state) = world();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let versioning = |status: &str| {
        let xml =
            format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
        bucket.call(root, "PUT", "?versioning", &[], &xml).checked();
    };
    let put = |text: &str| {
        let made = bucket.put("k", text).checked();
        let id = made.headers.get("x-amz-version-id");
        id.map(|id| id.to_str().unwrap().to_owned())
    };
    let get = |id: &str| {
        let path = format!("/k?versionId={id}");
        bucket.call(root, "GET", &path, &[], "").text()
    };
    put("before");
    versioning("Enabled");
    let (one, two) = (put("one").unwrap(), put("two").unwrap());
    assert_eq!(state.places().len(), 3);
    versioning("Suspended");
    // The null version is replaced, the others stay.
    put("null");
    put("null again");
    assert_eq!(state.places().len(), 3);
    assert_eq!(
        [get(&one), get(&two), get("null")],
        ["one", "two", "null again"]
    );
    versioning("Enabled");
    let three = put("three").unwrap();
    assert_eq!([get("null"), get(&three)], ["null again", "three"]);
    assert_eq!(state.places().len(), 4);
}

#[test]
fn what_is_refused_replaces_nothing() {
    let (world, state) = world();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "held").checked();
    let before = state.bytes();
    let refused = bucket.put_with("k", "new", &[("if-none-match", "*")]);
    assert_eq!(refused.error().0, "PreconditionFailed");
    let refused = bucket.put_with("k", "new", &[("if-match", "\"00\"")]);
    assert_eq!(refused.error().0, "PreconditionFailed");
    assert_eq!(state.bytes(), before);
    assert_eq!(bucket.get(world.root(), "k").text(), "held");
}

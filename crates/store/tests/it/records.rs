//! Formats of records: old ones are read, new ones refused. `samples/job-vN.json` is what a program
//! of version N wrote.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Error, Format, Key, MemoryStore, Record, Store};

const SAMPLES: [&str; 3] = [
    include_str!("samples/job-v1.json"),
    include_str!("samples/job-v2.json"),
    include_str!("samples/job-v3.json"),
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    name: String,
    owner: Option<String>,
}

impl Record for Job {
    const KIND: &'static str = "job";
    const VERSION: u32 = 2;

    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Job, serde_json::Error>> {
        let named = |name| Job { name, owner: None };
        (version == 1).then(|| serde_json::from_slice(json).map(named))
    }
}

/// What reading gives after a program of `version` wrote its sample.
fn read(version: u32, json: &str) -> Result<Option<Job>, Error> {
    let (memory, key) = (MemoryStore::new(), Key::new(["123456789012", "train"]));
    let store: &dyn Store = &memory;
    store.write(|tx| tx.put_bytes("job", &key, version, json.as_bytes()))?;
    store.read(|tx| tx.get(&key))
}

#[test]
fn every_version_is_read() {
    let old = Job {
        name: "train".into(),
        owner: None,
    };
    assert_eq!(read(1, SAMPLES[0]), Ok(Some(old)));
    let new = Job {
        name: "train".into(),
        owner: Some("alice".into()),
    };
    assert_eq!(read(2, SAMPLES[1]), Ok(Some(new)));
}

#[test]
fn the_sample_of_this_version_is_what_is_written() {
    let (memory, key) = (MemoryStore::new(), Key::new(["train"]));
    let store: &dyn Store = &memory;
    let job = Job {
        name: "train".into(),
        owner: Some("alice".into()),
    };
    store.write(|tx| tx.put(&key, &job)).unwrap();
    let stored = store.read(|tx| tx.get_bytes("job", &key)).unwrap().unwrap();
    assert_eq!(
        (stored.version, &*stored.json),
        (2, SAMPLES[1].trim_end().as_bytes())
    );
}

#[test]
fn newer_versions_are_refused() {
    let error = read(3, SAMPLES[2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`job` record `123456789012/train` has format version 3, this program knows versions up \
         to 2: start the newer program"
    );
}

#[test]
fn unknown_versions_are_refused() {
    let error = read(0, "{}").unwrap_err();
    assert!(
        matches!(error, Error::UnknownVersion { found: 0, .. }),
        "{error}"
    );
}

#[test]
fn malformed_values_are_refused() {
    let error = read(2, r#"{"name": 1}"#).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`job` record `123456789012/train` is malformed: ")
    );
}

#[derive(Serialize, Deserialize)]
struct Place {
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    side: Side,
    parts: BTreeMap<String, Vec<Part>>,
    next: Option<Box<Place>>,
}

#[derive(Serialize, Deserialize)]
enum Side {
    #[serde(rename = "left")]
    Left,
    Both {
        first: u8,
        inner: Inner,
    },
    One(Inner),
}

#[derive(Serialize, Deserialize)]
enum Inner {
    Plain(Part, bool),
    #[serde(alias = "Old")]
    New(Part),
}

#[derive(Serialize, Deserialize)]
struct Part {
    size: u64,
}

impl Record for Place {
    const KIND: &'static str = "place";
    const VERSION: u32 = 1;
}

#[test]
fn a_format_tells_every_member_and_variant() {
    let members = Format::of::<Place>().members();
    let shallow: Vec<&str> = members
        .iter()
        .map(String::as_str)
        .filter(|member| !member.starts_with("next."))
        .collect();
    let inner = |path: &str| {
        [
            format!("{path}|New"),
            format!("{path}|New.size"),
            format!("{path}|Old"),
            format!("{path}|Old.size"),
            format!("{path}|Plain"),
            format!("{path}|Plain[].size"),
        ]
    };
    let mut expected = vec!["at".to_owned(), "next".to_owned(), "note".to_owned()];
    expected.extend(["parts", "parts.*[].size", "side", "side|Both"].map(str::to_owned));
    expected.extend(["side|Both.first", "side|Both.inner"].map(str::to_owned));
    expected.extend(inner("side|Both.inner"));
    expected.push("side|One".to_owned());
    expected.extend(inner("side|One"));
    expected.push("side|left".to_owned());
    assert_eq!(shallow, expected);
    assert!(members.contains("next.next.side|One|New"));
}

#[test]
fn a_format_writes_what_it_reads_of_older_versions() {
    let format = Format::of::<Job>();
    assert_eq!((format.kind(), format.version()), ("job", 2));
    let written = format.rewrite(1, SAMPLES[0].as_bytes()).unwrap();
    assert_eq!(written, br#"{"name":"train","owner":null}"#);
    let error = format.rewrite(3, SAMPLES[2].as_bytes()).unwrap_err();
    assert!(matches!(error, Error::NewerRecord { found: 3, .. }));
}

//! What is kept can be read tomorrow: `../formats/KIND.vN.json` holds records of a kind as a program of
//! version N of its format wrote them, and `../formats/members.txt` what the types of each version read.
//!
//! A sample is never changed: it stands for what lies in stores out there. `UPDATE=1` writes samples of
//! what is kept in [`scenario`] and has no sample yet. Where a test here fails because a type was
//! changed, raise its `VERSION`, teach `upgrade` the version before, and let samples of the new version
//! be written; programs that know only the version before then refuse the records instead of
//! forgetting what they do not understand.

mod scenario;

use serde_json::Value;
use services::formats;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use store::{Format, Key, Scan};

/// The samples that there are, by kind and version.
fn samples() -> BTreeMap<(String, u32), Vec<Value>> {
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with("members.txt") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let name = name
            .strip_suffix(".json")
            .expect("a sample ends with .json");
        let (kind, version) = name.rsplit_once(".v").expect("KIND.vN.json");
        let text = fs::read_to_string(&path).unwrap();
        let records = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        found.insert((kind.to_owned(), version.parse().unwrap()), records);
    }
    found
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// What this program makes of a sample.
fn rewritten(format: &Format, version: u32, sample: &Value) -> Value {
    let written = format.rewrite(version, sample.to_string().as_bytes());
    let written = written.unwrap_or_else(|e| panic!("{format:?} does not read v{version}: {e}"));
    serde_json::from_slice(&written).unwrap()
}

#[test]
fn every_version_has_a_sample_and_no_sample_is_of_another() {
    let samples = samples();
    let wanted: BTreeSet<(String, u32)> = formats()
        .iter()
        .flat_map(|format| (1..=format.version()).map(|v| (format.kind().to_owned(), v)))
        .collect();
    let there: BTreeSet<(String, u32)> = samples.keys().cloned().collect();
    let missing: Vec<_> = wanted.difference(&there).collect();
    let strange: Vec<_> = there.difference(&wanted).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
    assert!(strange.is_empty(), "no format for {strange:?}");
    for (name, records) in samples {
        assert!(!records.is_empty(), "{name:?}");
    }
}

#[test]
fn what_is_read_of_this_version_is_written_as_it_was() {
    let samples = samples();
    for format in formats() {
        let name = (format.kind().to_owned(), format.version());
        for sample in samples.get(&name).into_iter().flatten() {
            let written = rewritten(&format, format.version(), sample);
            assert_eq!(
                &written, sample,
                "{format:?} is written in another form: raise its `VERSION`"
            );
        }
    }
}

/// What types read may change without any sample showing it: a member that is written only when there is
/// something in it, or a variant that the scenario does not meet.
#[test]
fn no_type_reads_other_members_than_its_version_has() {
    let path = folder().join("members.txt");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: BTreeMap<&str, &str> = text
        .lines()
        .map(|line| line.split_once(':').expect("KIND.vN: MEMBERS"))
        .collect();
    let now: BTreeMap<String, String> = formats()
        .iter()
        .map(|format| {
            let members = format.members();
            let members = members.iter().map(|member| format!(" {member}")).collect();
            (format!("{}.v{}", format.kind(), format.version()), members)
        })
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        for (name, members) in &now {
            lines.entry(name).or_insert(members);
        }
        let lines: Vec<String> = lines.iter().map(|(k, v)| format!("{k}:{v}\n")).collect();
        fs::write(&path, lines.concat()).unwrap();
    }
    for (name, members) in &now {
        let known = lines.get(name.as_str());
        let known = known.unwrap_or_else(|| panic!("`{name}` has no line: run with `UPDATE=1`"));
        assert_eq!(
            members, known,
            "`{name}` reads other members than before: raise its `VERSION`"
        );
    }
}

#[test]
fn older_versions_are_read() {
    let samples = samples();
    for format in formats() {
        for version in 1..format.version() {
            let name = (format.kind().to_owned(), version);
            for sample in samples.get(&name).into_iter().flatten() {
                let new = rewritten(&format, version, sample);
                assert_eq!(rewritten(&format, format.version(), &new), new);
            }
        }
    }
}

#[test]
fn every_kind_that_stands_in_the_source_is_listed_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut declared = Vec::new();
    for folder in ["crates", "services"] {
        for package in fs::read_dir(root.join(folder)).unwrap() {
            let package = package.unwrap().path();
            // The store's own are examples.
            if !package.ends_with("crates/store") {
                kinds_in(&package.join("src"), &mut declared);
            }
        }
    }
    declared.sort();
    let listed: Vec<String> = formats().iter().map(|f| f.kind().to_owned()).collect();
    assert_eq!(declared, listed, "declared in the source, and listed");
}

/// The kinds that the files below a folder declare.
fn kinds_in(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            kinds_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let kinds = text.split("const KIND: &'static str = \"").skip(1);
            found.extend(kinds.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
}

#[test]
fn what_a_platform_keeps_has_the_form_of_the_samples() {
    let team = scenario::play();
    let formats = formats();
    let mut samples = samples();
    let mut unlike = Vec::new();
    let store = team.world.platform.store();
    for kind in store.read(|tx| tx.kinds()).unwrap() {
        let format = formats.iter().find(|format| format.kind() == kind);
        let format = format.unwrap_or_else(|| panic!("`{kind}` is in no list of formats"));
        let rows = store
            .read(|tx| tx.scan_bytes(&kind, &Scan::under(&Key::default())))
            .unwrap();
        let known = samples.entry((kind.clone(), format.version())).or_default();
        let mut shapes: BTreeSet<String> = known.iter().flat_map(shapes_of).collect();
        let before = known.len();
        for (_, row) in rows {
            assert_eq!(row.version, format.version(), "{kind}");
            let record: Value = serde_json::from_slice(&row.json).unwrap();
            let new: Vec<String> = shapes_of(&record).difference(&shapes).cloned().collect();
            if !new.is_empty() {
                unlike.push(format!("{format:?}: {new:?}"));
                shapes.extend(new);
                known.push(record);
            }
        }
        if std::env::var_os("UPDATE").is_some() && known.len() > before {
            let path = folder().join(format!("{kind}.v{}.json", format.version()));
            fs::write(path, serde_json::to_string_pretty(known).unwrap() + "\n").unwrap();
            unlike.clear();
        }
    }
    assert!(
        unlike.is_empty(),
        "no sample has these members. Where one is new, raise the `VERSION` of its format; \
         `UPDATE=1` then adds samples:\n{}",
        unlike.join("\n")
    );
}

/// The paths to all members of a record, each with the type of what is there.
fn shapes_of(record: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_shapes("", record, &mut found);
    found
}

fn collect_shapes(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            for item in items {
                collect_shapes(&format!("{path}[]"), item, found);
            }
            "array"
        }
        Value::Object(members) => {
            for (name, member) in members {
                // What is no such word is an id or a name, and no member of a type.
                let is_word = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                let name = if is_word { name } else { "*" };
                collect_shapes(&format!("{path}.{name}"), member, found);
            }
            "object"
        }
    };
    found.insert(format!("{path}: {kind}"));
}

//! The worked examples of the documentation: every answer is what is printed. `UPDATE=1` writes them anew.

use policy::text::Source;
use policy::{Document, NamedPolicy, Options, PolicySet, PolicyType};
use prove::isolation::{Role, answer};
use prove::tenancy::Tenancy;
use prove::{Facts, alone, likely_type};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The policies of a folder, under the names that the command line gives them.
fn policies(folder: &str) -> PolicySet {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    PolicySet::compile(names.iter().map(|name| {
        let path = format!("{folder}/{name}");
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        assert_eq!(likely_type(&text), PolicyType::Identity);
        let source = Source::named(path.as_str(), text);
        let document = Document::parse_source(&source, PolicyType::Identity, &Options::default());
        NamedPolicy::new(path, document.unwrap())
    }))
}

/// What the command prints.
fn output(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| *word == flag)?;
        words.get(at + 1).copied()
    };
    let set = policies(after("--policies").unwrap());
    let tenancy = match after("--tenancy") {
        None => Tenancy::built_in([&set]),
        Some(path) => {
            let text = std::fs::read_to_string(root().join(path)).unwrap();
            Tenancy::read(path, &text).unwrap()
        }
    };
    let role = Role {
        name: String::new(),
        stage: alone(&set, PolicyType::Identity, None),
        trust: None,
    };
    answer(&[role], tenancy, &Facts::default()).to_text()
}

const COMMAND: &str = "$ palisade prove isolation --policies examples/";

#[test]
fn the_answers_in_the_documentation_are_those_that_are_given() {
    let path = root().join("docs/prove.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    let mut rest = text.as_str();
    let mut examples = 0;
    while let Some(at) = rest.find(COMMAND) {
        let (before, command) = rest.split_at(at);
        let (line, behind) = command.split_once('\n').unwrap();
        let (_, after) = behind.split_once("```").unwrap();
        written += &format!("{before}{line}\n{}```", output(line));
        rest = after;
        examples += 1;
    }
    written += rest;
    assert!(examples >= 2, "{examples}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, written).unwrap();
    } else {
        assert_eq!(text, written, "UPDATE=1 writes the answers anew");
    }
}

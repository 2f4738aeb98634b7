//! The corpus: documents, each with the findings expected beside it.
//!
//! `corpus/KIND/NAME` is checked as what its folder says (a `-` for the colon of `--kind`), or as what it is recognised
//! as where the folder is no kind. `NAME.findings` has a line for each finding. `UPDATE=1` writes these files anew.

use lint::{Kind, format};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_none_or(|ending| ending != "findings") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a document's folder says of its kind.
pub(crate) fn kind_of(path: &Path) -> Option<Kind> {
    let folder = path.parent().and_then(Path::file_name).expect("a folder");
    Kind::parse(&folder.to_string_lossy().replacen('-', ":", 1))
}

/// Where the corpus is.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn findings(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("UTF-8");
    let kind = kind_of(path);
    let name = path.file_name().expect("a name").to_string_lossy();
    let report = super::check(&name, &text, kind);
    let lines = format::concise(&report);
    let prefix = format!("{name}:");
    lines
        .lines()
        .map(|line| line.strip_prefix(&prefix).unwrap_or(line).to_owned() + "\n")
        .collect()
}

#[test]
fn every_document_has_the_findings_expected() {
    let root = root();
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in documents(&root) {
        let found = findings(&path);
        let expected = PathBuf::from(format!("{}.findings", path.display()));
        if update {
            fs::write(&expected, &found).expect("written");
            continue;
        }
        let known = fs::read_to_string(&expected).unwrap_or_default();
        if known != found {
            let shown = path.strip_prefix(&root).unwrap_or(&path).display();
            wrong.push(format!("{shown}\nexpected:\n{known}found:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// AWS's own good examples raise nothing at all.
#[test]
fn good_examples_raise_nothing() {
    let root = root();
    for path in documents(&root) {
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("good-"))
        {
            assert_eq!(findings(&path), "", "{}", path.display());
        }
    }
}

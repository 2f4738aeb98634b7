//! Rules for Rust sources.

use std::collections::BTreeMap;

use super::{Finding, MAX_LINES, is_data, is_test};

/// Calls that have no place in finished code. Split, so that this file does not find itself.
const UNFINISHED: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[ig", "nore"),
];

/// What writes to the terminal.
const PRINTS: &[&str] = &["println!(", "print!(", "eprintln!(", "eprint!("];

/// Folders whose programs own the terminal.
const OWN_THE_TERMINAL: &[&str] = &["crates/cli/", "xtask/", "bench/", "fuzz/"];

pub(super) fn check(path: &str, text: &str, found: &mut Vec<Finding>) {
    if !path.ends_with(".rs") || is_data(path) {
        return;
    }
    let mut add = |line, message: String| {
        found.push(Finding {
            path: path.to_owned(),
            line,
            message,
        });
    };
    let lines = text.lines().count();
    if lines > MAX_LINES && !is_test(path) {
        add(
            0,
            format!("{lines} lines, more than {MAX_LINES}: split it by concept"),
        );
    }
    let quiet = !is_test(path)
        && !OWN_THE_TERMINAL
            .iter()
            .any(|folder| path.starts_with(folder));
    for (index, line) in text.lines().enumerate() {
        let number = index.saturating_add(1);
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        for call in UNFINISHED {
            if code.contains(call) {
                add(number, format!("`{call}`: finish it or leave it out"));
            }
        }
        if quiet && PRINTS.iter().any(|print| code.contains(print)) {
            add(
                number,
                "a library does not print: return it to the caller".to_owned(),
            );
        }
    }
}

/// Finds source files that no `mod` names (the compiler never sees them) and integration tests
/// outside the one binary of their crate.
pub(super) fn forgotten(files: &[(String, String)], found: &mut Vec<Finding>) {
    let sources: BTreeMap<&str, &str> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    for path in sources.keys().copied() {
        let Some((folder, name)) = path.rsplit_once('/') else {
            continue;
        };
        let stem = name.trim_end_matches(".rs");
        let message = if folder.ends_with("/tests") {
            "one test binary a crate: make it a module of `tests/it/main.rs`"
        } else if is_root(folder, stem) || is_data(path) || named(&sources, folder, stem) {
            continue;
        } else {
            "no `mod` names this file, so it is never compiled"
        };
        found.push(Finding {
            path: path.to_owned(),
            line: 0,
            message: message.to_owned(),
        });
    }
}

/// Files that cargo finds by itself.
fn is_root(folder: &str, stem: &str) -> bool {
    matches!(stem, "lib" | "main" | "build")
        || matches!(
            folder.rsplit('/').next(),
            Some("examples" | "benches" | "bin" | "fuzz_targets")
        )
}

/// Whether a file that may declare the module does: by its name, or beside it by its path.
fn named(sources: &BTreeMap<&str, &str>, folder: &str, stem: &str) -> bool {
    let path = format!("#[path = \"{stem}.rs\"]");
    let beside = |other: &str| {
        other
            .rsplit_once('/')
            .is_some_and(|(there, _)| there == folder)
    };
    if sources
        .iter()
        .any(|(other, text)| beside(other) && text.contains(&path))
    {
        return true;
    }
    let (folder, stem) = match (stem, folder.rsplit_once('/')) {
        ("mod", Some((above, name))) => (above, name),
        _ => (folder, stem),
    };
    let declares = |text: &&str| {
        let after_mod = text.lines().filter_map(|line| line.split("mod ").nth(1));
        after_mod
            .map(|rest| rest.trim_end().trim_end_matches(';'))
            .any(|name| name == stem)
    };
    let parents = [
        format!("{folder}/lib.rs"),
        format!("{folder}/main.rs"),
        format!("{folder}/mod.rs"),
        format!("{folder}.rs"),
    ];
    parents
        .iter()
        .filter_map(|parent| sources.get(parent.as_str()))
        .any(declares)
}

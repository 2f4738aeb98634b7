//! Rules for every hand-written text file.

use super::{Finding, is_data};

/// Endings of the files people write by hand.
const HAND_WRITTEN: &[&str] = &[
    ".rs", ".toml", ".md", ".py", ".sh", ".ci/run", ".txt", ".yml",
];

/// Marks of unfinished work. Split, so that this file does not find itself.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

pub(super) fn check(path: &str, text: &str, found: &mut Vec<Finding>) {
    if is_data(path) || !HAND_WRITTEN.iter().any(|ending| path.ends_with(ending)) {
        return;
    }
    let mut add = |line, message: String| {
        found.push(Finding {
            path: path.to_owned(),
            line,
            message,
        });
    };
    for (index, line) in text.split('\n').enumerate() {
        let number = index.saturating_add(1);
        if line.contains('\t') {
            add(number, "tab: indent with spaces".to_owned());
        }
        if line.ends_with('\r') {
            add(
                number,
                "carriage return: end lines with a line feed only".to_owned(),
            );
        } else if line.ends_with(' ') || line.ends_with('\t') {
            add(number, "trailing space".to_owned());
        }
        for mark in UNFINISHED {
            if line.contains(mark) {
                add(
                    number,
                    format!("`{mark}`: finish it, or write down why it stays as it is"),
                );
            }
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        add(
            text.lines().count(),
            "the last line does not end".to_owned(),
        );
    }
    if text.ends_with("\n\n") {
        add(text.lines().count(), "empty line at the end".to_owned());
    }
}

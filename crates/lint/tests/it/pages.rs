//! Every rule's page shows an example that the rule reports, and the repaired one.

use lint::{Check, Kind, rules};
use std::collections::HashSet;

/// The fenced blocks of a page below a heading: what stands behind the fence, and the text.
fn blocks(page: &str, heading: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take().filter(|_| inside)),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) if line.starts_with("## ") => inside = line == heading,
            (None, None) => {}
        }
    }
    found
}

fn codes(info: &str, text: &str) -> Vec<(String, String)> {
    let (language, kind) = info.split_once(' ').unwrap_or((info, ""));
    let kind =
        (!kind.is_empty()).then(|| Kind::parse(kind).unwrap_or_else(|| panic!("no kind `{kind}`")));
    let report = super::check(&format!("page.{language}"), text, kind);
    report
        .findings
        .iter()
        .map(|f| (f.rule.code.to_owned(), f.reason.clone()))
        .collect()
}

#[test]
fn every_example_is_reported_and_its_fix_is_not() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        let page = rules::page(rule);
        for part in ["# ", "\n## Why\n", "\n## Example\n"] {
            assert!(
                page.contains(part),
                "{} has no `{}`",
                rule.code,
                part.trim()
            );
        }
        for (info, text) in blocks(&page, "## Example") {
            if !info.starts_with("toml") && !codes(&info, &text).iter().any(|f| f.0 == rule.code) {
                wrong.push(format!("{}: the example is not reported", rule.code));
            }
        }
        let fixed = blocks(&page, "## Fix");
        if !page.contains("\n## Fix\n") && !matches!(rule.check, Check::Reading) {
            wrong.push(format!("{} has no `## Fix`", rule.code));
        }
        for (info, text) in fixed {
            let found = codes(&info, &text);
            if !found.is_empty() {
                wrong.push(format!("{}: the fix has {found:?}", rule.code));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_used_once() {
    let mut seen = HashSet::new();
    for rule in rules::all() {
        assert!(seen.insert(rule.code), "{} is used twice", rule.code);
        assert!(seen.insert(rule.name), "{} is used twice", rule.name);
        assert!(rule.code.len() == 6 && rule.code.starts_with("PAL"));
    }
}

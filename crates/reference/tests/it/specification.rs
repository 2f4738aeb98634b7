//! Every case of the specification against the reference evaluator and the engine.

use std::collections::BTreeSet;
use std::path::PathBuf;

use reference::{Answer, Refusal};

use crate::facts::{self, Expected, Fact};
use crate::markdown::{self, File, Row};

/// The fewest cases the specification may have.
const FEWEST: usize = 2_000;

struct Specification {
    facts: Vec<Fact>,
    cases: usize,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}

fn files() -> Result<Vec<File>, String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .map_err(|e| e.to_string())?
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.sort();
    let read = |name: &String| {
        let text = std::fs::read_to_string(folder().join(name)).map_err(|e| e.to_string())?;
        markdown::read(&format!("spec/{name}"), &text)
    };
    names.iter().map(read).collect()
}

/// Every row that is a case.
fn rows() -> Vec<Row> {
    let tables = files().unwrap().into_iter().flat_map(|file| file.tables);
    tables
        .filter(|table| table.headers[0] == "id")
        .flat_map(|table| table.rows)
        .collect()
}

fn load() -> Result<Specification, String> {
    let mut specification = Specification {
        facts: Vec::new(),
        cases: 0,
    };
    let mut ids = BTreeSet::new();
    for file in files()? {
        check_ids(&file, &mut ids)?;
        let samples: Vec<Row> = file
            .tables
            .iter()
            .filter(|table| table.headers[0] == "sample of")
            .flat_map(|table| table.rows.clone())
            .collect();
        for table in file.tables.iter().filter(|table| table.headers[0] == "id") {
            let (facts, cases) = facts::of_table(table, &samples, &file.policies)?;
            specification.facts.extend(facts);
            specification.cases += cases;
        }
    }
    Ok(specification)
}

/// No two rows have the same id.
fn check_ids(file: &File, ids: &mut BTreeSet<String>) -> Result<(), String> {
    for row in file.tables.iter().flat_map(|table| &table.rows) {
        if let Some(id) = row.cells.get("id")
            && !ids.insert(id.clone())
        {
            return Err(format!("{}: the id `{id}` stands twice", row.place));
        }
    }
    Ok(())
}

/// What an evaluator makes of a fact's case, when it is not what it should be. The rule that is
/// broken has a name in the reference only.
fn differs(fact: &Fact, answer: &Result<Answer, Refusal>, rules: bool) -> Option<String> {
    let found = match (&fact.expected, answer) {
        (Expected::Refused(rule), Err(refusal)) => !rules || refusal.rule == rule,
        (Expected::Allow, Ok(answer)) => answer.allowed,
        (
            Expected::Deny {
                kind,
                layer,
                message,
            },
            Ok(answer),
        ) => {
            let layer_found = answer.layer.map(|l| l.to_string());
            let kind_found = answer.kind.map(|k| k.to_string());
            kind == "any"
                || (kind_found.as_ref() == Some(kind)
                    && layer
                        .as_ref()
                        .is_none_or(|l| layer_found.as_ref() == Some(l))
                    && message
                        .as_ref()
                        .is_none_or(|m| answer.message.as_ref() == Some(m)))
        }
        _ => false,
    };
    let text = match answer {
        Ok(answer) => match &answer.message {
            Some(message) => format!("{answer}: {message}"),
            None => answer.to_string(),
        },
        Err(refusal) => format!("refused {refusal}"),
    };
    (!found).then_some(text)
}

fn report(fact: &Fact, who: &str, found: &str) -> String {
    format!(
        "{} {}\n  expected {:?}\n  {who} says {found}\n  case {}\n",
        fact.place, fact.id, fact.expected, fact.case
    )
}

fn check(who: &str, rules: bool, ask: impl Fn(&str) -> Result<Answer, Refusal>) {
    let specification = load().unwrap();
    let wrong: Vec<String> = specification
        .facts
        .iter()
        .filter_map(|fact| {
            let found = differs(fact, &ask(&fact.case), rules)?;
            Some(report(fact, who, &found))
        })
        .collect();
    let (number, all) = (wrong.len(), specification.facts.len());
    assert!(
        wrong.is_empty(),
        "{}\n{number} of {all} facts",
        wrong.join("\n")
    );
}

#[test]
fn the_reference_agrees_with_every_case() {
    check("the reference", true, reference::answer);
}

#[test]
fn the_engine_agrees_with_every_case() {
    check("the engine", false, reference::engine::answer);
}

#[test]
fn the_specification_has_its_cases() {
    let specification = load().unwrap();
    let (cases, facts) = (specification.cases, specification.facts.len());
    assert!(
        cases >= FEWEST,
        "{cases} cases ({facts} facts), fewer than {FEWEST}"
    );
}

#[test]
fn every_disputed_case_names_a_question_of_the_readme() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for row in rows() {
        let status = &row.cells["status"];
        if let Some(question) = status.strip_prefix("disputed ") {
            let listed = readme.contains(&format!("| {question} |"));
            assert!(listed, "{}: README.md does not know {question}", row.place);
        }
    }
}

#[test]
fn a_malformed_table_is_refused() {
    for (text, why) in [
        ("| id | result |\n", "no `|---|`"),
        ("| id | result |\n|---|---|\n| a |\n", "1 cells under 2"),
        ("| id | result |\n|---|---|\n| a | Allow |\n", "no status"),
        ("Status: guessed\n", "not a status"),
        ("Status: disputed C.6\n", "not a status"),
        ("```json policy p\n{}\n", "does not end"),
        ("```json other\n{}\n```\n", "unknown"),
    ] {
        let error = markdown::read("f", text).unwrap_err();
        assert!(
            error.starts_with("f:") && error.contains(why),
            "{text:?}: {error}"
        );
    }
    let unknown = "Status: cited C.6\n\n| id | colour |\n|---|---|\n| a | red |\n";
    let file = markdown::read("f", unknown).unwrap();
    let error = facts::of_table(&file.tables[0], &[], &file.policies).unwrap_err();
    assert!(error.contains("no table has these columns"), "{error}");
}

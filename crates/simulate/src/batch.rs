//! One case, a JSON array of cases, or JSON lines.

use crate::case::{Case, CaseError, id_of};
use crate::{Answer, Files};
use policy::Options;
use policy::json::{self, Node, Value};
use policy::text::{Diagnostic, Rejected, Source};

/// A case's answer, or why it has none.
pub type Line = Result<Answer, CaseError>;

/// What an input turned out to be.
#[derive(Debug)]
pub enum Input {
    /// One JSON object.
    Single(Box<Line>),
    /// A JSON array or JSON lines, in order.
    Batch(Vec<Line>),
}

/// Reads and answers an input: a JSON object is one case; a JSON array, or several lines that are objects, a batch. A malformed
/// case of a batch leaves the others alone.
#[must_use]
pub fn read(source: &Source, files: Files<'_>) -> Input {
    let limits = Options::default().limits;
    let (node, diagnostics) = json::parse_partly(source, &limits);
    match node {
        Some(Node {
            value: Value::Array(cases),
            ..
        }) => Input::Batch(array(source, &cases, diagnostics, files)),
        Some(node) if diagnostics.is_empty() => {
            Input::Single(Box::new(answer(Case::from_node(source, &node, files))))
        }
        node => match lines(source, files) {
            Some(lines) => Input::Batch(lines),
            None => Input::Single(Box::new(Err(CaseError {
                id: node.as_ref().map_or(serde_json::Value::Null, id_of),
                rejected: vec![Rejected::new(source.clone(), diagnostics)],
            }))),
        },
    }
}

fn answer(case: Result<Case, CaseError>) -> Line {
    case.map(|case| case.answer())
}

/// Gives each element the diagnostics within it; what belongs to none comes last.
fn array(
    source: &Source,
    cases: &[Node],
    mut diagnostics: Vec<Diagnostic>,
    files: Files<'_>,
) -> Vec<Line> {
    let mut lines = Vec::with_capacity(cases.len());
    for case in cases {
        let within =
            |d: &Diagnostic| d.span.start >= case.span.start && d.span.start <= case.span.end;
        let (own, rest): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(within);
        diagnostics = rest;
        lines.push(if own.is_empty() {
            answer(Case::from_node(source, case, files))
        } else {
            Err(CaseError {
                id: id_of(case),
                rejected: vec![Rejected::new(source.clone(), own)],
            })
        });
    }
    if !diagnostics.is_empty() {
        let rejected = vec![Rejected::new(source.clone(), diagnostics)];
        lines.push(Err(CaseError {
            id: serde_json::Value::Null,
            rejected,
        }));
    }
    lines
}

/// The lines of a text, if it is JSON lines: several lines, of which one at least is a case by itself.
fn lines(source: &Source, files: Files<'_>) -> Option<Vec<Line>> {
    let numbered = (1_u32..)
        .zip(source.text().lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let texts: Vec<(u32, &str)> = numbered.collect();
    let limits = Options::default().limits;
    let is_case = |line: &str| {
        let (node, _) = json::parse_partly(&Source::new(line), &limits);
        node.is_some_and(|node| {
            node.get("principal")
                .or_else(|| node.get("action"))
                .is_some()
        })
    };
    let first = texts
        .iter()
        .any(|(_, line)| line.trim_start().starts_with('{') && is_case(line));
    if texts.len() < 2 || !first {
        return None;
    }
    let line_source = |number: u32, line: &str| {
        let named = match source.name() {
            Some(name) => Source::named(name, line),
            None => Source::new(line),
        };
        named.starting_at_line(number)
    };
    let answered = texts
        .into_iter()
        .map(|(number, line)| answer(Case::parse(&line_source(number, line), files)));
    Some(answered.collect())
}

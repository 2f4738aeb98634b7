//! SARIF 2.1.0, which code hosts show beside the lines: one result for each statement to blame.

use super::{Outcome, Report};
use crate::question::Blamed;
use crate::verdict::Verdict;
use serde_json::{Value, json};

impl Report {
    /// A SARIF log with one run.
    #[must_use]
    pub fn to_sarif(&self) -> Value {
        let own = std::slice::from_ref(self);
        let reports = if self.parts.is_empty() {
            own
        } else {
            &self.parts
        };
        let results: Vec<Value> = reports.iter().flat_map(results).collect();
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {"name": "palisade prove", "rules": rules(reports)}},
                "results": results,
            }],
        })
    }

    fn rule(&self) -> &str {
        self.id.as_deref().unwrap_or("prove")
    }
}

fn rules(reports: &[Report]) -> Vec<Value> {
    let mut ids: Vec<&str> = reports.iter().map(Report::rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let text = |id: &str| {
        let found = reports.iter().find(|report| report.rule() == id);
        found
            .map_or("", |report| report.question.as_str())
            .to_owned()
    };
    ids.iter()
        .map(|id| json!({"id": id, "shortDescription": {"text": text(id)}}))
        .collect()
}

fn results(report: &Report) -> Vec<Value> {
    let (blamed, level): (&[Blamed], &str) = match &report.outcome {
        Outcome::Verdict(Verdict::Proved(_)) => return Vec::new(),
        Outcome::Verdict(Verdict::Violated(replayed)) => (replayed.blame(), "error"),
        Outcome::Verdict(Verdict::Unknown { .. }) => (&[], "warning"),
        Outcome::Dead { statements, .. } => (statements, "warning"),
    };
    let result = |locations: Vec<Value>| {
        json!({
            "ruleId": report.rule(),
            "level": level,
            "message": {"text": report.to_text()},
            "locations": locations,
        })
    };
    if blamed.is_empty() {
        return vec![result(Vec::new())];
    }
    blamed
        .iter()
        .map(|blamed| result(vec![location(blamed)]))
        .collect()
}

fn location(blamed: &Blamed) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&blamed.policy)},
            "region": {"startLine": blamed.line, "startColumn": blamed.column},
        }
    })
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

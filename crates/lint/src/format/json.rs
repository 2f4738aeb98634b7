//! One JSON object.

use super::{file, positions};
use crate::check::Report;
use crate::finding::{Finding, Severity};
use policy::text::{Source, Span};
use serde_json::{Map, Value, json};

/// The report as one JSON object, for programs. Its shape is told in `docs/check.md`.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut counts = Map::new();
    for severity in Severity::ALL.iter().rev() {
        counts.insert(severity.name().to_owned(), report.count(*severity).into());
    }
    let unread: Vec<Value> = report
        .unread
        .iter()
        .map(|unread| {
            json!({
                "file": unread.source.name(),
                "place": place(&unread.source, unread.skipped.span),
                "policy": unread.skipped.policy,
                "reason": unread.skipped.reason,
            })
        })
        .collect();
    let whole = json!({
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "counts": counts,
        "policies": report.policies,
        "files": report.files,
        "suppressed": report.suppressed,
        "notChecked": unread,
    });
    let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text + "\n"
}

fn finding(finding: &Finding) -> Value {
    let (start, _) = positions(finding);
    let edits = finding.fix.as_ref().map(|fix| {
        let edit = |edit: &crate::Edit| {
            json!({ "place": place(&finding.source, edit.span), "text": edit.text })
        };
        json!({
            "title": fix.title,
            "safe": fix.safe,
            "edits": fix.edits.iter().map(edit).collect::<Vec<_>>(),
        })
    });
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| {
            json!({ "place": place(&finding.source, related.span), "note": related.note })
        })
        .collect();
    json!({
        "code": finding.rule.code,
        "name": finding.rule.name,
        "severity": finding.severity.name(),
        "issueCodes": finding.rule.aws,
        "file": file(finding),
        "place": place(&finding.source, finding.span),
        "excerpt": finding.source.excerpt(finding.span.start).trim(),
        "line": start.line,
        "policy": finding.policy,
        "statement": finding.statement,
        "sid": finding.sid,
        "reason": finding.reason,
        "fix": finding.help,
        "related": related,
        "edit": edits,
        "byHand": finding.by_hand,
    })
}

/// Lines and columns from one, columns in characters; offsets in bytes from zero.
fn place(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "start": { "line": start.line, "column": start.column, "offset": span.start },
        "end": { "line": end.line, "column": end.column, "offset": span.end },
    })
}

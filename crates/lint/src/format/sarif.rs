//! SARIF 2.1.0, for code-scanning services.

use super::file;
use crate::check::Report;
use crate::finding::{Finding, Severity};
use crate::rule::Rule;
use crate::rules;
use policy::text::{Source, Span};
use serde_json::{Value, json};

/// The report as a SARIF log with one run.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "palisade check",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules::all().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Security => "error",
        Severity::Warning => "warning",
        Severity::Suggestion => "note",
    }
}

fn rule(rule: &'static Rule) -> Value {
    let page = rules::page(rule);
    let title = page.lines().next().unwrap_or("").trim_start_matches("# ");
    let mut properties = json!({ "tags": rule.aws });
    if rule.severity == Severity::Security {
        properties = json!({ "tags": rule.aws, "security-severity": "7.0" });
    }
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": title },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

fn result(finding: &Finding) -> Value {
    let mut message = finding.reason.clone();
    if let Some(help) = &finding.help {
        message = format!("{message}. Fix: {help}");
    }
    let index = rules::all().position(|rule| rule == finding.rule);
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| {
            let mut location = location(finding, related.span);
            if let Some(location) = location.as_object_mut() {
                location.insert("message".to_owned(), json!({ "text": related.note }));
            }
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": message },
        "locations": [location(finding, finding.span)],
        "relatedLocations": related,
        "partialFingerprints": { "palisade/v1": fingerprint(finding) },
    });
    if let (Some(fix), Some(result)) = (&finding.fix, result.as_object_mut()) {
        let replacement = |edit: &crate::Edit| {
            json!({
                "deletedRegion": region(&finding.source, edit.span),
                "insertedContent": { "text": edit.text },
            })
        };
        let change = json!([{
            "description": { "text": fix.title },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(file(finding)) },
                "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>(),
            }],
        }]);
        result.insert("fixes".to_owned(), change);
    }
    result
}

/// What stays the same while lines move: the rule, the policy, the statement and the text at the place.
fn fingerprint(finding: &Finding) -> String {
    let parts = [
        finding.rule.code,
        &finding.policy,
        finding.sid.as_deref().unwrap_or(""),
        finding.source.slice(finding.span),
    ];
    let hash = parts
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

fn location(finding: &Finding, span: Span) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file(finding)) },
            "region": region(&finding.source, span),
        },
    })
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

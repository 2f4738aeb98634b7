//! GitHub's workflow commands: findings become annotations of a pull request.

use super::{file, positions};
use crate::check::Report;
use crate::finding::Severity;
use std::fmt::Write as _;

/// A workflow command for each finding.
#[must_use]
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let level = match finding.severity {
            Severity::Error | Severity::Security => "error",
            Severity::Warning => "warning",
            Severity::Suggestion => "notice",
        };
        let (start, end) = positions(finding);
        let mut message = finding.reason.clone();
        if let Some(help) = &finding.help {
            let _ = write!(message, "\nfix: {help}");
        }
        let title = format!("{} {}", finding.rule.code, finding.rule.name);
        let _ = write!(
            out,
            "::{level} file={},line={},endLine={}",
            property(file(finding)),
            start.line,
            end.line
        );
        // GitHub takes columns within one line only.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
        let _ = writeln!(out, ",title={}::{}", property(&title), data(&message));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

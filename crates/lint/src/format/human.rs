//! For people: with excerpts, or a line each.

use super::{file, plural, positions};
use crate::check::Report;
use crate::finding::{Finding, Severity};
use policy::text::{Position, Source};
use std::fmt::Write as _;

/// Each finding with its excerpt, then a summary.
#[must_use]
pub fn human(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        block(&mut out, finding);
        out.push('\n');
    }
    for unread in &report.unread {
        let at = unread.source.position(unread.skipped.span.start);
        let name = unread.source.name().unwrap_or("<stdin>");
        let (line, policy, reason) = (at.line, &unread.skipped.policy, unread.skipped.reason);
        let _ = writeln!(out, "not checked: {name}:{line}: {policy}: {reason}");
    }
    out.push_str(&summary(report));
    out
}

/// A line each: `FILE:LINE:COLUMN: SEVERITY[CODE] REASON`.
#[must_use]
pub fn concise(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let (start, _) = positions(finding);
        let _ = writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            file(finding),
            start.line,
            start.column,
            finding.severity,
            finding.rule.code,
            finding.reason
        );
    }
    out
}

fn block(out: &mut String, finding: &Finding) {
    let (start, end) = positions(finding);
    let _ = writeln!(
        out,
        "{}[{}]: {}",
        finding.severity, finding.rule.code, finding.reason
    );
    let width = start.line.max(end.line).to_string().len();
    let _ = writeln!(
        out,
        "{:width$}--> {}:{}:{}{}",
        "",
        file(finding),
        start.line,
        start.column,
        subject(finding)
    );
    excerpt(out, &finding.source, finding.span.start, start, end, width);
    for related in &finding.related {
        let from = finding.source.position(related.span.start);
        let to = finding.source.position(related.span.end);
        let _ = writeln!(out, "{:width$} = line {}: {}", "", from.line, related.note);
        excerpt(out, &finding.source, related.span.start, from, to, width);
    }
    if let Some(help) = &finding.help {
        let automatic = finding.fix.as_ref().is_some_and(|fix| fix.safe);
        let how = match finding.by_hand {
            Some(why) => format!(" ({why})"),
            None if automatic => " (--fix does it)".to_owned(),
            None => String::new(),
        };
        let _ = writeln!(out, "{:width$} = fix: {help}{how}", "");
    }
}

fn subject(finding: &Finding) -> String {
    let statement = match (&finding.sid, finding.statement) {
        (Some(sid), _) if !sid.is_empty() => Some(format!("statement `{sid}`")),
        (_, Some(index)) => Some(format!("statement {}", index + 1)),
        _ => None,
    };
    let policy = (!finding.policy.is_empty()).then(|| finding.policy.clone());
    let parts: Vec<String> = policy.into_iter().chain(statement).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

/// The line, or of a long one the part around the place, with carets below.
fn excerpt(
    out: &mut String,
    source: &Source,
    offset: u32,
    start: Position,
    end: Position,
    width: usize,
) {
    const BEFORE: usize = 60;
    const SHOWN: usize = 120;
    let (line, place) = source.line(offset);
    let column = (start.column as usize).saturating_sub(1);
    let before = if line.len() <= SHOWN {
        column
    } else {
        column.min(BEFORE)
    };
    let from = column - before;
    // A line may be a file of megabytes.
    let mut chars = line.get(..place).unwrap_or("").char_indices().rev();
    let first = before.checked_sub(1).and_then(|last| chars.nth(last));
    let part = line.get(first.map_or(place, |(at, _)| at)..).unwrap_or("");
    let shown: String = part
        .chars()
        .take(SHOWN)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    if shown.trim().is_empty() {
        return;
    }
    let cut = if from > 0 { "…" } else { "" };
    let total = shown.chars().count();
    let at = column - from;
    let length = match end.line == start.line {
        true => (end.column.saturating_sub(start.column) as usize).max(1),
        false => total.saturating_sub(at).max(1),
    };
    let length = length.min(total.saturating_sub(at).max(1));
    let number = start.line;
    let _ = writeln!(out, "{:width$} |", "");
    let _ = writeln!(out, "{number:width$} | {cut}{}", shown.trim_end());
    let indent = at + cut.chars().count();
    let _ = writeln!(out, "{:width$} | {:indent$}{}", "", "", "^".repeat(length));
}

fn summary(report: &Report) -> String {
    let counted = Severity::ALL.iter().rev().filter_map(|severity| {
        let count = report.count(*severity);
        let (one, many) = match severity {
            Severity::Error => ("error", "errors"),
            Severity::Security => ("security warning", "security warnings"),
            Severity::Warning => ("warning", "warnings"),
            Severity::Suggestion => ("suggestion", "suggestions"),
        };
        (count > 0).then(|| plural(count, one, many))
    });
    let counted: Vec<String> = counted.collect();
    let mut line = match counted.is_empty() {
        true => "nothing found".to_owned(),
        false => counted.join(", "),
    };
    let policies = plural(report.policies, "policy", "policies");
    let files = plural(report.files, "file", "files");
    let _ = write!(line, " in {policies} of {files}");
    if report.suppressed > 0 {
        let _ = write!(line, "; {} suppressed", report.suppressed);
    }
    if !report.unread.is_empty() {
        let _ = write!(line, "; {} not checked", report.unread.len());
    }
    line.push('\n');
    line
}

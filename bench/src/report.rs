//! The table.

use crate::measure::Timed;
use crate::subject::Answer;
use std::fmt::Write as _;

/// What was timed, as Markdown.
pub(crate) fn markdown(timed: &[Timed<'_>]) -> String {
    let mut out = String::from(
        "| scenario | what | Palisade | target | Cedar 4.14 | iam-rs 0.8 | fastest peer / Palisade |\n|---|---|---:|---:|---:|---:|---:|\n",
    );
    for line in timed {
        let own = line.figures.first().map_or(f64::NAN, |(_, ns, _)| *ns);
        let peers = line.figures.iter().skip(1);
        let fastest = peers.map(|(_, ns, _)| *ns).fold(f64::INFINITY, f64::min);
        let ratio = if fastest.is_finite() {
            format!("{:.0} ×", fastest / own)
        } else {
            "–".to_owned()
        };
        let target = line.scenario.target_ns.map_or("–".to_owned(), duration);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {target} | {} | {} | {ratio} |",
            line.scenario.name,
            line.scenario.what,
            duration(own),
            cell(line, "Cedar"),
            cell(line, "iam-rs"),
        );
    }
    let least = |name: &str| {
        timed
            .iter()
            .find(|line| line.scenario.name == name)?
            .figures
            .first()
            .map(|(_, ns, _)| *ns)
    };
    if let (Some(few), Some(many)) = (least("others-10"), least("others-10000")) {
        let _ = writeln!(
            out,
            "\n10,000 statements on other actions cost {:.2} times what 10 cost (target: at most 2).",
            many / few
        );
    }
    out
}

fn cell(line: &Timed<'_>, engine: &str) -> String {
    let found = line.figures.iter().find(|(name, ..)| *name == engine);
    found.map_or("–".to_owned(), |(_, ns, answer)| {
        let wrong = if *answer == line.scenario.expected {
            ""
        } else {
            ", wrong answer"
        };
        let none = if *answer == Answer::Other && line.scenario.expected == Answer::Deny {
            ", not applicable"
        } else {
            wrong
        };
        format!("{}{none}", duration(*ns))
    })
}

fn duration(ns: f64) -> String {
    match ns {
        ns if ns < 1_000.0 => format!("{ns:.0} ns"),
        ns if ns < 10_000.0 => format!("{:.2} µs", ns / 1_000.0),
        ns => format!("{:.1} µs", ns / 1_000.0),
    }
}

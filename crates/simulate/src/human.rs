//! The answer to a case, for a person.

use crate::answer::{kind_name, resource_element, value_json, wanted_resources};
use policy::explain::{Change, Counterfactual, Explanation, Mismatch, StatementTrace};
use policy::{Effect, Request};
use std::fmt::Write as _;

/// Writes an explanation as lines of text: the verdict, who decided, what came closest, what is missing, what would
/// change the answer.
#[must_use]
pub fn render(explanation: &Explanation<'_>) -> String {
    let mut out = String::new();
    let _ = write_all(&mut out, explanation);
    out
}

fn write_all(out: &mut String, explanation: &Explanation<'_>) -> std::fmt::Result {
    let request = explanation.request;
    match explanation.denial {
        None => writeln!(out, "Allow")?,
        Some(denial) => writeln!(out, "Deny ({})", kind_name(denial.kind))?,
    }
    if let Some(message) = explanation.message() {
        writeln!(out, "  {message}")?;
    }
    if let Some(decided) = &explanation.decided_by {
        let effect = match decided.statement.effect.value {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        writeln!(out, "decided by: {effect} {}", place(decided))?;
        write_mismatches(out, decided, request)?;
    }
    for near in &explanation.closest {
        writeln!(out, "came close: {}", place(near))?;
        write_mismatches(out, near, request)?;
    }
    if !explanation.missing.is_empty() {
        writeln!(
            out,
            "not in the request: {}",
            explanation.missing.join(", ")
        )?;
    }
    for counterfactual in &explanation.counterfactuals {
        writeln!(out, "would pass if {}", counterfactual_text(counterfactual))?;
    }
    if !explanation.lacking.is_empty() {
        let layers: Vec<String> = explanation
            .lacking
            .iter()
            .map(|layer| format!("the {layer}"))
            .collect();
        writeln!(
            out,
            "would pass with an Allow in {}",
            layers.join(" and in ")
        )?;
    }
    Ok(())
}

fn place(trace: &StatementTrace<'_>) -> String {
    let sid = match &trace.statement.sid {
        Some(sid) => format!("statement `{}`", sid.value),
        None => format!("statement {}", trace.place.number + 1),
    };
    let at = trace.position();
    let level = trace
        .place
        .level
        .map(|level| format!(", level {level}"))
        .unwrap_or_default();
    format!(
        "{sid} of {} `{}`{level} (line {}, column {})",
        trace.place.policy_type, trace.place.policy, at.line, at.column
    )
}

fn write_mismatches(
    out: &mut String,
    trace: &StatementTrace<'_>,
    request: &Request,
) -> std::fmt::Result {
    for mismatch in &trace.mismatches {
        match mismatch {
            Mismatch::Action => writeln!(
                out,
                "  - its actions leave out {}",
                request.action().as_str()
            )?,
            Mismatch::Principal => {
                writeln!(
                    out,
                    "  - it is not for {}",
                    request.principal().display_name()
                )?;
            }
            Mismatch::Resource => writeln!(
                out,
                "  - {}: wants {}, the request has {}",
                resource_element(trace),
                either(&wanted_resources(trace, request)),
                request.resource().as_str()
            )?,
            Mismatch::Condition {
                condition,
                value,
                unreadable,
            } => {
                let wants: Vec<String> = condition
                    .values
                    .iter()
                    .map(|v| v.value.expanded(request.context()))
                    .collect();
                let has = match value {
                    None => "lacks it".to_owned(),
                    Some(value) if *unreadable => {
                        format!("has {}, which cannot be read", value_json(value))
                    }
                    Some(value) => format!("has {}", value_json(value)),
                };
                writeln!(
                    out,
                    "  - {} {}: wants {}, the request {has}",
                    condition.operator.value,
                    condition.key.value,
                    either(&wants)
                )?;
            }
        }
    }
    Ok(())
}

fn either(texts: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut quoted: Vec<String> = texts
        .iter()
        .take(SHOWN)
        .map(|text| format!("\"{text}\""))
        .collect();
    if texts.len() > SHOWN {
        quoted.push(format!("{} more", texts.len() - SHOWN));
    }
    if quoted.is_empty() {
        "nothing".to_owned()
    } else {
        quoted.join(" or ")
    }
}

/// A counterfactual as a clause: "`aws:SourceIdentity` were "alice"".
#[must_use]
pub fn counterfactual_text(counterfactual: &Counterfactual) -> String {
    let clauses: Vec<String> = counterfactual
        .changes
        .iter()
        .map(|change| match change {
            Change::Set { key, value } => format!("{key} were {}", value_json(value)),
            Change::Remove { key } => format!("{key} were absent"),
            Change::Resource { arn } => format!("the resource were {arn}"),
        })
        .collect();
    clauses.join(" and ")
}

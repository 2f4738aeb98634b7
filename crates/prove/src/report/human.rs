//! Text for people.

use super::Report;
use crate::facts::{Claim, Fact};
use crate::question::Replayed;
use crate::verdict::Verdict;
use policy::{ContextValue, Resource};
use std::fmt::Write as _;

impl Report {
    /// Text for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}\n", self.verdict.name(), self.question);
        match &self.verdict {
            Verdict::Proved(proof) => {
                for fact in &proof.assumptions {
                    let _ = writeln!(text, "  assumed: {}", describe(fact));
                }
            }
            Verdict::Violated(replayed) => violation(&mut text, replayed),
            Verdict::Unknown { reason } => {
                let _ = writeln!(text, "  because {reason}");
            }
        }
        text
    }
}

fn violation(text: &mut String, replayed: &Replayed) {
    let request = replayed.request();
    let mut rows = vec![
        (
            "caller".to_owned(),
            request.principal().display_name().to_owned(),
        ),
        ("action".to_owned(), request.action().as_str().to_owned()),
    ];
    match request.resource() {
        Resource::Arn(arn) => rows.push(("resource".to_owned(), arn.to_string())),
        Resource::Any => rows.push((
            "resource".to_owned(),
            "* (an action without one)".to_owned(),
        )),
    }
    for (key, value) in request.context().iter() {
        let value = match value {
            ContextValue::One(value) => value.to_string(),
            ContextValue::Many(values) => format!("[{}]", values.join(", ")),
        };
        rows.push((key.to_owned(), value));
    }
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    text.push_str("  this request is allowed:\n");
    for (name, value) in rows {
        let _ = writeln!(text, "    {name:width$}  {value}");
    }
    for blamed in replayed.blame() {
        let sid = blamed
            .sid
            .as_ref()
            .map(|sid| format!(" `{sid}`"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  by statement {}{sid} of {}, line {}:",
            blamed.number + 1,
            blamed.policy,
            blamed.line
        );
        for line in blamed.text.lines() {
            let _ = writeln!(text, "    | {line}");
        }
    }
}

/// A fact in one line.
#[must_use]
pub fn describe(fact: &Fact) -> String {
    let claim = match &fact.claim {
        Claim::Single => "has at most one value".to_owned(),
        Claim::Multivalued => "has a list of values".to_owned(),
        Claim::Present => "is in every request".to_owned(),
        Claim::Texts {
            characters,
            least,
            most,
        } => {
            let length = match most {
                Some(most) if most == least => format!("{least} characters"),
                Some(most) => format!("{least} to {most} characters"),
                None => format!("{least} characters or more"),
            };
            format!("has {length} of [{characters}]")
        }
        Claim::Like(globs) => format!("is like {}", globs.join(" or ")),
    };
    format!(
        "`{}` {claim} ({}; fact `{}`)",
        fact.key, fact.source, fact.id
    )
}

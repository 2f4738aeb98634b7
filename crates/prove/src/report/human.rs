//! Text for people.

use super::{Outcome, Report};
use crate::facts::{Claim, Fact};
use crate::question::{Blamed, Replayed};
use crate::verdict::Verdict;
use policy::{ContextValue, Resource};
use std::fmt::Write as _;

impl Report {
    /// Text for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        if let Some(answer) = &self.isolation {
            return answer.to_text();
        }
        let mut text = String::new();
        if self.parts.is_empty() {
            self.write(&mut text);
            return text;
        }
        let _ = writeln!(text, "{}: {}", self.outcome.name(), self.question);
        self.write_fix(&mut text);
        for part in &self.parts {
            let mut own = String::new();
            part.write(&mut own);
            for line in own.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    fn write(&self, text: &mut String) {
        let id = self
            .id
            .as_ref()
            .map(|id| format!("{id} "))
            .unwrap_or_default();
        let _ = writeln!(text, "{id}{}: {}", self.outcome.name(), self.question);
        match &self.outcome {
            Outcome::Verdict(Verdict::Proved(proof)) => {
                for fact in &proof.assumptions {
                    let _ = writeln!(text, "  assumed: {}", describe(fact));
                }
            }
            Outcome::Verdict(Verdict::Violated(replayed)) => violation(text, replayed),
            Outcome::Verdict(Verdict::Unknown { reason }) => {
                let _ = writeln!(text, "  because {reason}");
            }
            Outcome::Dead { statements, .. } => {
                text.push_str("  these statements never matter:\n");
                statements.iter().for_each(|blamed| excerpt(text, blamed));
            }
        }
        self.write_fix(text);
    }

    fn write_fix(&self, text: &mut String) {
        if let Some(fix) = &self.fix {
            let _ = writeln!(text, "  fix (proved): {}:", fix.change);
            for line in format!("{:#}", fix.policy).lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
}

/// What a request is that shows otherwise, and which statements allow it.
pub(crate) fn violation(text: &mut String, replayed: &Replayed) {
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
    text.push_str("  by:\n");
    replayed
        .blame()
        .iter()
        .for_each(|blamed| excerpt(text, blamed));
}

/// A statement where it stands, as it is written.
fn excerpt(text: &mut String, blamed: &Blamed) {
    let sid = blamed
        .sid
        .as_ref()
        .map(|sid| format!(" `{sid}`"))
        .unwrap_or_default();
    let (policy, number, line) = (&blamed.policy, blamed.number + 1, blamed.line);
    let _ = writeln!(text, "    {policy}, line {line}, statement {number}{sid}:");
    for line in blamed.text.lines() {
        let _ = writeln!(text, "    | {line}");
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
        Claim::Arn => {
            "is an ARN whose account is twelve digits or missing, and whose service is named"
                .to_owned()
        }
        Claim::Like(globs) => format!("is like {}", globs.join(" or ")),
    };
    format!(
        "`{}` {claim} ({}; fact `{}`)",
        fact.key, fact.source, fact.id
    )
}

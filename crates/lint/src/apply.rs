//! `--fix`: applies the safe fixes, and keeps the result only if it is better.

use crate::check::{Input, Options, check};
use crate::finding::{Edit, Finding, Severity};
use crate::sources;
use policy::text::Source;

/// Fixes can uncover others; after so many rounds, what is left is left.
const ROUNDS: usize = 10;

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text, with the fixes.
    pub text: String,
    /// How many fixes were applied.
    pub applied: usize,
}

/// Applies the safe fixes of an input until none is left. Each round is checked again, and undone if the text can no
/// longer be read, or has more errors than before.
#[must_use]
pub fn fix(input: &Input, options: &Options) -> Fixed {
    let mut fixed = Fixed {
        text: input.source.text().to_owned(),
        applied: 0,
    };
    let mut current = input.clone();
    for _ in 0..ROUNDS {
        let findings = findings(&current, options);
        let (text, applied) = round(current.source.text(), &findings);
        if applied == 0 {
            break;
        }
        let source = renamed(&input.source, text);
        let next = Input {
            source,
            kind: input.kind,
        };
        if !is_better(&current, &findings, &next, options) {
            break;
        }
        fixed.text = next.source.text().to_owned();
        fixed.applied += applied;
        current = next;
    }
    fixed
}

fn renamed(source: &Source, text: String) -> Source {
    match source.name() {
        Some(name) => Source::named(name, text),
        None => Source::new(text),
    }
}

fn findings(input: &Input, options: &Options) -> Vec<Finding> {
    let report = check(std::slice::from_ref(input), options);
    let here = |finding: &Finding| finding.source.text() == input.source.text();
    report.findings.into_iter().filter(here).collect()
}

/// One round: the safe fixes that do not overlap, the first in the text first.
fn round(text: &str, findings: &[Finding]) -> (String, usize) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut applied = 0;
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safe) else {
            continue;
        };
        let free = |edit: &Edit| edits.iter().all(|taken| !touch(taken, edit));
        let sound = |edit: &Edit| {
            text.get(edit.span.start as usize..edit.span.end as usize)
                .is_some()
        };
        if fix.edits.iter().all(|edit| free(edit) && sound(edit)) {
            edits.extend(&fix.edits);
            applied += 1;
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.span.start as usize).unwrap_or(""));
        out.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    (out, applied)
}

/// Edits that share a character, or a place of insertion, wait for the next round.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

fn is_better(before: &Input, had: &[Finding], after: &Input, options: &Options) -> bool {
    let (old, new) = (
        sources::read(&before.source, before.kind),
        sources::read(&after.source, after.kind),
    );
    if new.faults.len() > old.faults.len() || new.policies.len() != old.policies.len() {
        return false;
    }
    // A fix may uncover what could not be seen before, but no error.
    let errors = |findings: &[Finding]| {
        let error = |finding: &&Finding| finding.severity == Severity::Error;
        findings.iter().filter(error).count()
    };
    errors(&findings(after, options)) <= errors(had)
}

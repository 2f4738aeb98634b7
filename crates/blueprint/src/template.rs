//! `{{name}}` in policy documents.

use std::collections::BTreeMap;

use policy::text::{Diagnostic, Span};

use crate::suggest::closest;

/// What the names stand for.
pub(crate) type Variables = BTreeMap<String, String>;

/// A text in which every `{{name}}` was replaced.
pub(crate) struct Filled {
    pub(crate) text: String,
    /// Where replacements stand in `text` and what they replaced in the original, in order.
    pieces: Vec<(Span, Span)>,
}

/// Replaces every `{{name}}` in a JSON text. Values are escaped as JSON strings are.
pub(crate) fn fill(original: &str, variables: &Variables) -> Result<Filled, Vec<Diagnostic>> {
    let mut filled = Filled {
        text: String::with_capacity(original.len()),
        pieces: Vec::new(),
    };
    let (mut rest, mut wrong) = (original, Vec::new());
    while let Some((before, after)) = rest.split_once("{{") {
        filled.text.push_str(before);
        let start = original.len() - after.len() - 2;
        let Some((name, behind)) = after.split_once("}}") else {
            let reason = "`{{` is not followed by `}}`";
            let place = Span::new(start, start + 2);
            wrong.push(Diagnostic::new(place, reason).with_fix("write `{{name}}`"));
            rest = after;
            continue;
        };
        let place = Span::new(start, original.len() - behind.len());
        match variables.get(name.trim()) {
            Some(value) => {
                let from = filled.text.len();
                filled.text.push_str(&escaped(value));
                filled
                    .pieces
                    .push((Span::new(from, filled.text.len()), place));
            }
            None => wrong.push(unknown(name.trim(), place, variables)),
        }
        rest = behind;
    }
    filled.text.push_str(rest);
    if wrong.is_empty() {
        Ok(filled)
    } else {
        Err(wrong)
    }
}

fn unknown(name: &str, place: Span, variables: &Variables) -> Diagnostic {
    let fix = match closest(name, variables.keys().map(String::as_str)) {
        Some(known) => format!("write `{{{{{known}}}}}`"),
        None => {
            let names: Vec<String> = variables.keys().map(|name| format!("`{name}`")).collect();
            format!(
                "define it under `[variables]`, or write one of: {}",
                names.join(", ")
            )
        }
    };
    Diagnostic::new(place, format!("`{{{{{name}}}}}` is not defined here")).with_fix(fix)
}

fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

impl Filled {
    /// The place in the original of a place in the text.
    pub(crate) fn original(&self, span: Span) -> Span {
        Span {
            start: self.offset(span.start, false),
            end: self.offset(span.end, true),
        }
    }

    fn offset(&self, at: u32, end: bool) -> u32 {
        let mut moved = (0, 0);
        for (new, old) in &self.pieces {
            if new.end <= at {
                moved = (new.end, old.end);
            } else if new.start < at {
                return if end { old.end } else { old.start };
            }
        }
        (at - moved.0).saturating_add(moved.1)
    }
}

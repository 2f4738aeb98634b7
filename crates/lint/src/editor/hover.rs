//! What a word of a policy means.

use super::complete::described;
use crate::facts;
use catalog::Action;
use policy::document::{Comparison, Operator};
use policy::text::{Source, Span};
use std::fmt::Write as _;

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The word's place.
    pub span: Span,
    /// What it means, in Markdown.
    pub markdown: String,
}

/// What the word at a byte offset means, if it is an action, a condition key or an operator.
#[must_use]
pub fn hover(source: &Source, offset: usize) -> Option<Hover> {
    let (span, word) = word(source.text(), offset)?;
    let markdown = action(word)
        .or_else(|| operator(word))
        .or_else(|| key(word))?;
    Some(Hover { span, markdown })
}

/// The characters around an offset that make up one name.
fn word(text: &str, offset: usize) -> Option<(Span, &str)> {
    let part =
        |c: char| c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '*' | '?' | '/' | '.');
    let before = text.get(..offset)?;
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| part(*c))
        .last()
        .map_or(offset, |(at, _)| at);
    let behind = text.get(offset..)?;
    let end = offset + behind.find(|c: char| !part(c)).unwrap_or(behind.len());
    // The colon behind a YAML key is none of it.
    let word = text.get(start..end)?.trim_end_matches(':');
    (!word.is_empty()).then(|| (Span::new(start, start + word.len()), word))
}

fn action(word: &str) -> Option<String> {
    let found = facts::matching(word);
    match found.as_slice() {
        [] => None,
        [one] if !word.contains(['*', '?']) => Some(described_action(*one)),
        many => {
            let mut out = format!("`{word}` means {} actions:\n", many.len());
            const SHOWN: usize = 30;
            for action in many.iter().take(SHOWN) {
                let _ = writeln!(out, "- `{action}` · {}", action.access_level().as_str());
            }
            if many.len() > SHOWN {
                let _ = writeln!(out, "- …");
            }
            Some(out)
        }
    }
}

fn described_action(action: Action) -> String {
    let mut out = format!("**{action}** · {}\n", action.access_level().as_str());
    if action.has_resources() {
        out.push_str("\nResources:\n");
        for resource in action.resources() {
            let needed = if resource.is_required() {
                " (required)"
            } else {
                ""
            };
            for arn in resource.resource_type().arns() {
                let _ = writeln!(
                    out,
                    "- {}{needed}: `{arn}`",
                    resource.resource_type().name()
                );
            }
        }
    } else {
        out.push_str("\nIt is on no single resource: `\"Resource\": \"*\"`.\n");
    }
    let of_resources = action
        .resources()
        .flat_map(|resource| resource.condition_keys());
    let mut keys: Vec<String> = action
        .condition_keys()
        .chain(of_resources)
        .map(|key| format!("`{}`", key.name()))
        .collect();
    keys.sort();
    keys.dedup();
    if !keys.is_empty() {
        let _ = writeln!(out, "\nCondition keys: {}", keys.join(", "));
    }
    out
}

fn key(word: &str) -> Option<String> {
    let key = facts::key(word)?;
    let help = match key.is_multivalued() {
        true => "\n\nUse it with `ForAnyValue:` or `ForAllValues:`; it cannot be a variable.",
        false => "",
    };
    let carried = carried(word);
    Some(format!(
        "**{}** · {}{help}{carried}",
        key.name(),
        described(key)
    ))
}

/// The actions whose requests have a key of a service's own.
fn carried(key: &str) -> String {
    const SHOWN: usize = 20;
    if key
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
    {
        return String::new();
    }
    let knows = |service: &catalog::Service| service.condition_keys().any(|it| it.covers(key));
    let services = catalog::services().filter(knows);
    let found: Vec<String> = services
        .flat_map(catalog::Service::actions)
        .filter(|action| action.lists_condition_key(key))
        .map(|action| format!("`{action}`"))
        .collect();
    match found.as_slice() {
        [] => String::new(),
        few if few.len() <= SHOWN => format!("\n\nCarried by {}", few.join(", ")),
        many => {
            let shown: Vec<&str> = many.iter().take(SHOWN).map(String::as_str).collect();
            let rest = many.len() - SHOWN;
            format!("\n\nCarried by {} and {rest} more", shown.join(", "))
        }
    }
}

fn operator(word: &str) -> Option<String> {
    let operator = Operator::parse(word)?;
    let what = match operator.comparison {
        Comparison::StringEquals => "exact text, upper and lower case count",
        Comparison::StringEqualsIgnoreCase => "exact text, ignoring case",
        Comparison::StringLike => "text with the wildcards `*` and `?`",
        Comparison::ArnLike => "ARNs part by part, with the wildcards `*` and `?`",
        Comparison::Bool => "`true` or `false`",
        Comparison::Null => "whether the key is missing: `true` if it shall be",
        Comparison::IpAddress => "addresses and ranges of them",
        Comparison::BinaryEquals => "bytes, written as base64",
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => "numbers",
        _ => "dates",
    };
    let mut out = format!("**{operator}** compares {what}.");
    if operator.negated && !operator.if_exists {
        out.push_str(" Negated: it is also true where the key is missing.");
    }
    if operator.if_exists {
        out.push_str(" `IfExists`: it is true where the key is missing.");
    }
    Some(out)
}

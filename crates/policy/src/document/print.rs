//! Printing a document as JSON.

use super::element::{
    ConditionValue, Document, Effect, PrincipalElement, PrincipalEntry, Statement, Version,
};
use crate::json::quote;
use crate::text::Spanned;
use std::fmt::Write as _;

impl Document {
    /// The policy as compact JSON, in AWS's order of elements. Reading it again gives the same policy.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{");
        if let Some(version) = &self.version {
            let text = match version.value {
                Version::V2012 => "2012-10-17",
                Version::V2008 => "2008-10-17",
            };
            let _ = write!(out, "\"Version\":\"{text}\",");
        }
        if let Some(id) = &self.id {
            let _ = write!(out, "\"Id\":{},", quote(&id.value));
        }
        let statements: Vec<String> = self.statements.iter().map(statement).collect();
        match statements.as_slice() {
            [one] if !self.statement_list => {
                let _ = write!(out, "\"Statement\":{one}");
            }
            many => {
                let _ = write!(out, "\"Statement\":[{}]", many.join(","));
            }
        }
        out.push('}');
        out
    }
}

fn statement(statement: &Statement) -> String {
    let mut parts = Vec::new();
    if let Some(sid) = &statement.sid {
        parts.push(format!("\"Sid\":{}", quote(&sid.value)));
    }
    let effect = match statement.effect.value {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    parts.push(format!("\"Effect\":\"{effect}\""));
    if let Some(element) = &statement.principal {
        parts.push(format!(
            "\"{}Principal\":{}",
            not(element.not),
            principal(element)
        ));
    }
    let actions = statement
        .actions
        .patterns
        .iter()
        .map(|pattern| quote(&pattern.value.text));
    parts.push(format!(
        "\"{}Action\":{}",
        not(statement.actions.not),
        list(actions)
    ));
    if let Some(element) = &statement.resources {
        let patterns = element
            .patterns
            .iter()
            .map(|pattern| quote(&pattern.value.text));
        parts.push(format!(
            "\"{}Resource\":{}",
            not(element.not),
            list(patterns)
        ));
    }
    if !statement.conditions.is_empty() {
        parts.push(format!("\"Condition\":{}", conditions(statement)));
    }
    format!("{{{}}}", parts.join(","))
}

fn not(not: bool) -> &'static str {
    if not { "Not" } else { "" }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn principal(element: &PrincipalElement) -> String {
    if let [
        Spanned {
            value: PrincipalEntry::Everyone,
            ..
        },
    ] = element.entries.as_slice()
    {
        return "\"*\"".to_owned();
    }
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for entry in &element.entries {
        let (kind, text) = match &entry.value {
            PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws => ("AWS", "*"),
            PrincipalEntry::Account(text)
            | PrincipalEntry::Arn(text)
            | PrincipalEntry::UniqueId(text) => ("AWS", text.as_str()),
            PrincipalEntry::Service(text) => ("Service", text.as_str()),
            PrincipalEntry::Federated(text) => ("Federated", text.as_str()),
            PrincipalEntry::CanonicalUser(text) if text.starts_with("arn:") => {
                ("AWS", text.as_str())
            }
            PrincipalEntry::CanonicalUser(text) => ("CanonicalUser", text.as_str()),
        };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, texts)) => texts.push(quote(text)),
            None => kinds.push((kind, vec![quote(text)])),
        }
    }
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, texts)| format!("\"{kind}\":[{}]", texts.join(",")))
        .collect();
    format!("{{{}}}", kinds.join(","))
}

fn conditions(statement: &Statement) -> String {
    let mut operators: Vec<(String, Vec<String>)> = Vec::new();
    for condition in &statement.conditions {
        let operator = condition.operator.value.to_string();
        let values = condition
            .values
            .iter()
            .map(|value| value_text(&value.value));
        let values = match condition.values.as_slice() {
            [one] if !condition.list => value_text(&one.value),
            _ => list(values),
        };
        let member = format!("{}:{values}", quote(&condition.key.value));
        match operators.iter_mut().find(|(known, _)| *known == operator) {
            Some((_, members)) => members.push(member),
            None => operators.push((operator, vec![member])),
        }
    }
    let blocks: Vec<String> = operators
        .into_iter()
        .map(|(operator, members)| format!("{}:{{{}}}", quote(&operator), members.join(",")))
        .collect();
    format!("{{{}}}", blocks.join(","))
}

fn value_text(value: &ConditionValue) -> String {
    if value.quoted {
        quote(&value.text)
    } else {
        value.text.clone()
    }
}

//! The answer to a case, as JSON.

use crate::case::CaseError;
use policy::explain::{Change, Explanation, Mismatch, StatementTrace, expand};
use policy::text::{Diagnostic, Rejected};
use policy::{ContextValue, Denial, DenialKind, Request};
use serde_json::{Map, Value, json};

/// The answer to a case: the verdict and its explanation.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `None` if the request is allowed.
    pub denial: Option<Denial>,
    json: Value,
    text: String,
}

impl Answer {
    pub(crate) fn new(id: Value, explanation: &Explanation<'_>) -> Self {
        Self {
            denial: explanation.denial,
            json: to_json(id, explanation),
            text: crate::human::render(explanation),
        }
    }

    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        self.denial.is_none()
    }

    /// `Allow` or `Deny`.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        if self.is_allow() { "Allow" } else { "Deny" }
    }

    /// `explicit`, `implicit` or `indeterminate`; `None` if the request is allowed.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        self.denial.map(|denial| kind_name(denial.kind))
    }

    /// The whole answer as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> &Value {
        &self.json
    }

    /// The whole answer for a person.
    #[must_use]
    pub fn to_text(&self) -> &str {
        &self.text
    }
}

pub(crate) fn kind_name(kind: DenialKind) -> &'static str {
    match kind {
        DenialKind::Explicit => "explicit",
        DenialKind::Implicit => "implicit",
        DenialKind::Indeterminate => "indeterminate",
    }
}

fn to_json(id: Value, explanation: &Explanation<'_>) -> Value {
    let request = explanation.request;
    json!({
        "id": id,
        "verdict": if explanation.is_allow() { "Allow" } else { "Deny" },
        "kind": explanation.denial.map(|denial| kind_name(denial.kind)),
        "policyType": explanation.denial.map(|denial| denial.policy_type.id()),
        "decidedBy": explanation.decided_by.as_ref().map(place),
        "message": explanation.message(),
        "missing": explanation.missing,
        "unreadable": explanation.decided_by.as_ref().map(|t| mismatches(t, request)).filter(|m| !m.is_empty()),
        "closest": explanation.closest.iter().map(|t| near_miss(t, request)).collect::<Vec<_>>(),
        "lacking": explanation.lacking.iter().map(|layer| layer.id()).collect::<Vec<_>>(),
        "wouldPass": explanation.counterfactuals.iter()
            .map(|found| found.changes.iter().map(change).collect::<Vec<_>>())
            .collect::<Vec<_>>(),
    })
}

fn place(trace: &StatementTrace<'_>) -> Value {
    let mut place = Map::new();
    place.insert("policyType".into(), trace.place.policy_type.id().into());
    if let Some(level) = trace.place.level {
        place.insert("level".into(), level.into());
    }
    place.insert("policy".into(), trace.place.policy.as_ref().into());
    place.insert(
        "sid".into(),
        trace
            .statement
            .sid
            .as_ref()
            .map(|sid| sid.value.clone())
            .into(),
    );
    place.insert("statement".into(), trace.place.number.into());
    let position = trace.position();
    place.insert("line".into(), position.line.into());
    place.insert("column".into(), position.column.into());
    place.into()
}

fn near_miss(trace: &StatementTrace<'_>, request: &Request) -> Value {
    let mut json = place(trace);
    if let Some(map) = json.as_object_mut() {
        map.insert("mismatches".into(), mismatches(trace, request).into());
    }
    json
}

fn mismatches(trace: &StatementTrace<'_>, request: &Request) -> Vec<Value> {
    trace
        .mismatches
        .iter()
        .map(|mismatch| mismatch_json(mismatch, trace, request))
        .collect()
}

fn mismatch_json(mismatch: &Mismatch<'_>, trace: &StatementTrace<'_>, request: &Request) -> Value {
    match mismatch {
        Mismatch::Action => json!({
            "element": if trace.statement.actions.not { "NotAction" } else { "Action" },
            "has": request.action().as_str(),
        }),
        Mismatch::Resource => json!({
            "element": resource_element(trace),
            "wants": wanted_resources(trace, request),
            "has": request.resource().as_str(),
        }),
        Mismatch::Principal => json!({
            "element": "Principal",
            "has": request.principal().display_name(),
        }),
        Mismatch::Condition {
            condition,
            value,
            unreadable,
        } => json!({
            "element": "Condition",
            "operator": condition.operator.value.to_string(),
            "key": condition.key.value,
            "wants": condition.values.iter().map(|v| v.value.expanded(request.context())).collect::<Vec<_>>(),
            "has": value.map(value_json),
            "unreadable": unreadable,
        }),
    }
}

pub(crate) fn resource_element(trace: &StatementTrace<'_>) -> &'static str {
    let not = trace
        .statement
        .resources
        .as_ref()
        .is_some_and(|resources| resources.not);
    if not { "NotResource" } else { "Resource" }
}

/// The resource patterns of a statement, with the request's values in place of variables.
pub(crate) fn wanted_resources(trace: &StatementTrace<'_>, request: &Request) -> Vec<String> {
    let patterns = trace
        .statement
        .resources
        .iter()
        .flat_map(|resources| &resources.patterns);
    patterns
        .map(|pattern| match &pattern.value.segments {
            None => "*".to_owned(),
            Some(segments) => {
                let expanded: Vec<String> = segments
                    .iter()
                    .map(|s| expand(s, request.context()))
                    .collect();
                expanded.join(":")
            }
        })
        .collect()
}

fn change(change: &Change) -> Value {
    match change {
        Change::Set { key, value } => json!({"key": key, "value": value_json(value)}),
        Change::Remove { key } => json!({"key": key, "value": null}),
        Change::Resource { arn } => json!({"resource": arn}),
    }
}

pub(crate) fn value_json(value: &ContextValue) -> Value {
    match value {
        ContextValue::One(text) => text.as_str().into(),
        ContextValue::Many(texts) => texts.iter().map(|t| Value::from(t.as_str())).collect(),
    }
}

impl CaseError {
    /// The error as one JSON object: `id`, and in `error` the first thing that is wrong with all others behind it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut all = self.rejected.iter().flat_map(|rejected| {
            rejected
                .diagnostics
                .iter()
                .map(move |diagnostic| fault(rejected, diagnostic))
        });
        let mut first = all
            .next()
            .unwrap_or_else(|| json!({"reason": "the case cannot be read"}));
        let others: Vec<Value> = all.collect();
        if let Some(first) = first.as_object_mut()
            && !others.is_empty()
        {
            first.insert("others".into(), others.into());
        }
        json!({"id": self.id, "error": first})
    }
}

fn fault(rejected: &Rejected, diagnostic: &Diagnostic) -> Value {
    let at = rejected.source.position(diagnostic.span.start);
    let file = rejected
        .source
        .name()
        .map(|name| format!("{name}: "))
        .unwrap_or_default();
    json!({
        "place": format!("{file}line {}, column {}", at.line, at.column),
        "line": at.line,
        "column": at.column,
        "excerpt": rejected.source.excerpt(diagnostic.span.start).trim(),
        "reason": diagnostic.reason,
        "fix": diagnostic.fix,
    })
}

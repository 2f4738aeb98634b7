//! Policies as IAM stores them, alone, in lists, or anywhere in a larger JSON text.

use super::File;
use crate::facts;
use crate::kind::Kind;
use crate::model::Statement;
use policy::PolicyType;
use policy::document::Limits;
use policy::json::{Node, Value};
use policy::text::{Source, Span};
use std::collections::HashSet;

/// What names a policy's document in what AWS's tools answer, with the kind that it must be of.
const HOLDERS: &[(&str, Option<Kind>)] = &[
    (
        "AssumeRolePolicyDocument",
        Some(Kind::of(PolicyType::Trust)),
    ),
    (
        "assumeRolePolicyDocument",
        Some(Kind::of(PolicyType::Trust)),
    ),
    ("PolicyDocument", None),
    ("Document", None),
    ("Policy", None),
    ("ResourcePolicy", None),
    ("Content", None),
    ("policy", None),
];

/// Whether a JSON value is meant to be a policy.
pub(super) fn is_policy(node: &Node) -> bool {
    let Some(statement) = node.get("Statement") else {
        let misspelt = node.get("Version").and_then(Node::as_str);
        return misspelt.is_some_and(|v| v == "2012-10-17" || v == "2008-10-17");
    };
    let elements = crate::model::one_or_many(statement);
    elements.is_empty()
        || elements.iter().any(|element| {
            ["Effect", "Action", "NotAction", "Resource", "Principal"]
                .iter()
                .any(|name| element.get(name).is_some())
        })
        || node.get("Version").is_some()
}

impl File<'_> {
    /// Every policy within a JSON value, wherever it stands.
    pub(super) fn anywhere(&mut self, node: &Node) {
        match &node.value {
            Value::Array(elements) => {
                for element in elements {
                    if is_policy(element) {
                        self.reading.recognised = true;
                        self.policy(element, None, String::new());
                    } else {
                        self.anywhere(element);
                    }
                }
            }
            Value::Object(members) => {
                for member in members {
                    let name = member.key.value.as_str();
                    let holder = HOLDERS.iter().find(|(holder, _)| *holder == name);
                    let kind = holder
                        .and_then(|(_, kind)| *kind)
                        .or_else(|| organization(node));
                    if is_policy(&member.value) {
                        self.reading.recognised = true;
                        self.policy(&member.value, kind, name.to_owned());
                    } else if holder.is_some() && is_policy_text(&member.value) {
                        self.reading.recognised = true;
                        self.policy_text(&member.value, kind, name.to_owned());
                    } else {
                        self.anywhere(&member.value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// The kind that `aws organizations describe-policy` tells beside the content.
fn organization(node: &Node) -> Option<Kind> {
    match node.get("PolicySummary")?.get("Type")?.as_str()? {
        "SERVICE_CONTROL_POLICY" => Some(Kind::of(PolicyType::ServiceControl)),
        "RESOURCE_CONTROL_POLICY" => Some(Kind::of(PolicyType::ResourceControl)),
        _ => None,
    }
}

fn is_policy_text(node: &Node) -> bool {
    node.as_str().is_some_and(|text| {
        let text = text.trim_start();
        (text.starts_with('{') || text.starts_with("%7B") || text.starts_with("%7b"))
            && text.contains("Statement")
    })
}

/// The values of a text that has one JSON object a line, and at least two lines.
pub(super) fn lines(source: &Source, limits: &Limits) -> Option<Vec<Node>> {
    let text = source.text();
    let mut found = Vec::new();
    let mut at = 0_u32;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            if !line.trim_start().starts_with('{') || !line.trim_end().ends_with('}') {
                return None;
            }
            let mut node = policy::json::parse(&Source::new(line), limits).ok()?;
            shift(&mut node, at);
            found.push(node);
        }
        at = at.checked_add(u32::try_from(line.len()).ok()?)?;
    }
    (found.len() > 1).then_some(found)
}

fn shift(node: &mut Node, by: u32) {
    let moved = |span: Span| Span {
        start: span.start.saturating_add(by),
        end: span.end.saturating_add(by),
    };
    node.span = moved(node.span);
    match &mut node.value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| shift(element, by)),
        Value::Object(members) => {
            for member in members {
                member.key.span = moved(member.key.span);
                shift(&mut member.value, by);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The kind of a policy of which nothing is told but its text and the name of its file.
pub(super) fn recognise(node: &Node, file_name: &str) -> Kind {
    let statements = crate::model::statements_of(node);
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or("");
    let words: HashSet<String> = name
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_owned)
        .collect();
    let word = |word: &str| words.contains(word);
    let has_principal = statements
        .iter()
        .any(|statement| statement.principal.is_some());
    if word("rcp") && has_principal {
        return Kind::of(PolicyType::ResourceControl);
    }
    if has_principal {
        return with_principals(&statements);
    }
    if word("trust") || statements.iter().any(assumes_without_resource) {
        Kind::of(PolicyType::Trust)
    } else if word("scp") {
        Kind::of(PolicyType::ServiceControl)
    } else if word("boundary") {
        Kind::of(PolicyType::Boundary)
    } else if word("session") {
        Kind::of(PolicyType::Session)
    } else {
        Kind::of(PolicyType::Identity)
    }
}

/// A trust policy whose `Principal` was forgotten.
fn assumes_without_resource(statement: &Statement) -> bool {
    statement.resources.is_none() && is_about_sessions(statement)
}

fn is_about_sessions(statement: &Statement) -> bool {
    let patterns = statement.action_patterns();
    !patterns.is_empty()
        && patterns
            .iter()
            .all(|pattern| pattern.prefix().eq_ignore_ascii_case("sts"))
}

fn with_principals(statements: &[Statement]) -> Kind {
    if statements.iter().all(|statement| {
        is_about_sessions(statement) && !statement.resources.as_ref().is_some_and(names_arns)
    }) {
        return Kind::of(PolicyType::Trust);
    }
    let mut services: HashSet<&'static str> = HashSet::new();
    for statement in statements {
        for pattern in statement.action_patterns() {
            services.extend(pattern.service.map(catalog::Service::prefix));
        }
        for resource in statement.resource_patterns() {
            let named = resource.value.split(':').nth(2).and_then(catalog::service);
            services.extend(named.map(catalog::Service::prefix));
        }
    }
    let mut services = services.into_iter();
    match (services.next(), services.next()) {
        (Some("kms"), None) => Kind::of(PolicyType::Key),
        (Some("sts"), None) => Kind::of(PolicyType::Trust),
        (Some(service), None) => Kind::resource(service),
        _ => Kind::of(PolicyType::Resource),
    }
}

fn names_arns(resources: &crate::model::Element<crate::text::Text>) -> bool {
    resources
        .values
        .iter()
        .any(|resource| resource.value.starts_with("arn:") && !is_role(&resource.value))
}

fn is_role(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("iam") && arn.split(':').nth(4).is_some_and(facts::is_account)
}

/// The places of keys that stand twice in an object.
pub(super) fn doubled_keys(node: &Node) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(elements) => open.extend(elements),
            Value::Object(members) => {
                let mut seen = HashSet::new();
                for member in members {
                    if !seen.insert(member.key.value.as_str()) {
                        found.push(member.key.span);
                    }
                    open.push(&member.value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

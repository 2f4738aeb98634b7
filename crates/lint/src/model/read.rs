//! From JSON to the tolerant model.

use super::{ActionPattern, Condition, ConditionValue, Element, PrincipalValue, Statement};
use crate::facts;
use crate::text::{self, Text};
use policy::Effect;
use policy::document::Operator;
use policy::json::{Member, Node, Value};
use policy::text::Spanned;

pub(super) fn policy(node: &Node) -> (Option<Text>, Vec<Statement>) {
    let version = node.get("Version").and_then(text_of);
    (version, statements_of(node))
}

/// The statements of a policy that are objects.
pub(crate) fn statements_of(node: &Node) -> Vec<Statement> {
    node.get("Statement").map_or_else(Vec::new, |node| {
        one_or_many(node)
            .iter()
            .filter(|node| node.as_object().is_some())
            .enumerate()
            .map(|(index, node)| statement(index, node))
            .collect()
    })
}

fn statement(index: usize, node: &Node) -> Statement {
    let effect = match node.get("Effect").and_then(Node::as_str) {
        Some("Allow") => Some(Effect::Allow),
        Some("Deny") => Some(Effect::Deny),
        _ => None,
    };
    Statement {
        index,
        node: node.clone(),
        sid: node.get("Sid").and_then(text_of),
        effect,
        principal: element(node, "Principal", "NotPrincipal", principals),
        actions: element(node, "Action", "NotAction", actions),
        resources: element(node, "Resource", "NotResource", texts),
        conditions: node.get("Condition").map_or_else(Vec::new, conditions),
    }
}

/// The element under its plain name, or under its `Not…`.
fn element<T>(
    node: &Node,
    plain: &str,
    not: &str,
    read: fn(&Node) -> Vec<T>,
) -> Option<Element<T>> {
    let members = node.as_object()?;
    let named = |name: &str| members.iter().find(|member| member.key.value == name);
    let (is_not, member) = match named(plain) {
        Some(member) => (false, member),
        None => (true, named(not)?),
    };
    Some(Element {
        not: is_not,
        key: key_text(member),
        span: member.value.span,
        list: member.value.as_array().is_some(),
        values: read(&member.value),
    })
}

fn key_text(member: &Member) -> Text {
    Text::new(member.key.value.clone(), member.key.span)
}

/// A text, or a number in the place of one: YAML writes account ids without quotes.
fn text_of(node: &Node) -> Option<Text> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(Text::new(text.clone(), node.span)),
        _ => None,
    }
}

fn texts(node: &Node) -> Vec<Text> {
    one_or_many(node).iter().filter_map(text_of).collect()
}

fn actions(node: &Node) -> Vec<ActionPattern> {
    texts(node).into_iter().map(action).collect()
}

fn action(text: Text) -> ActionPattern {
    let service = text
        .value
        .split_once(':')
        .and_then(|(prefix, _)| catalog::service(prefix));
    let matches = match text.known() {
        Some(known) => facts::matching(known),
        None => Vec::new(),
    };
    ActionPattern {
        text,
        service,
        matches,
    }
}

fn principals(node: &Node) -> Vec<PrincipalValue> {
    let Some(members) = node.as_object() else {
        let bare = |text| PrincipalValue { kind: None, text };
        return texts(node).into_iter().map(bare).collect();
    };
    let of_kind = |member: &Member| {
        let kind = key_text(member);
        let named = move |text| PrincipalValue {
            kind: Some(kind.clone()),
            text,
        };
        texts(&member.value).into_iter().map(named)
    };
    members.iter().flat_map(of_kind).collect()
}

fn conditions(node: &Node) -> Vec<Condition> {
    let operators = node.as_object().unwrap_or(&[]);
    let block = |operator: &Member| {
        let keys = operator.value.as_object().unwrap_or(&[]);
        keys.iter()
            .map(|key| condition(&operator.key, key))
            .collect::<Vec<_>>()
    };
    operators.iter().flat_map(block).collect()
}

fn condition(operator: &Spanned<String>, member: &Member) -> Condition {
    let value = |node: &Node| {
        let (text, quoted) = match &node.value {
            Value::String(text) => (text.clone(), true),
            Value::Number(text) => (text.clone(), false),
            Value::Bool(value) => (value.to_string(), false),
            _ => return None,
        };
        Some(ConditionValue {
            text: Text::new(text, node.span),
            quoted,
        })
    };
    Condition {
        operator_text: Text::new(operator.value.clone(), operator.span),
        operator: Operator::parse(&operator.value),
        key: key_text(member),
        values: one_or_many(&member.value)
            .iter()
            .filter_map(value)
            .collect(),
        list: member.value.as_array().is_some(),
        span: member.value.span,
    }
}

pub(crate) fn one_or_many(node: &Node) -> &[Node] {
    match &node.value {
        Value::Array(elements) => elements,
        _ => std::slice::from_ref(node),
    }
}

/// Whether any text of it is only known at deployment.
pub(super) fn has_hole(node: &Node) -> bool {
    match &node.value {
        Value::String(text) => text.contains(text::is_hole),
        Value::Array(elements) => elements.iter().any(has_hole),
        Value::Object(members) => members
            .iter()
            .any(|member| member.key.value.contains(text::is_hole) || has_hole(&member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The same with samples for account, region and partition; `None` where anything else is unknown.
pub(super) fn with_samples(node: &Node) -> Option<Node> {
    let value = match &node.value {
        Value::String(text) => Value::String(sampled(text)?),
        Value::Array(elements) => {
            Value::Array(elements.iter().map(with_samples).collect::<Option<_>>()?)
        }
        Value::Object(members) => {
            let member = |member: &Member| {
                Some(Member {
                    key: Spanned::new(sampled(&member.key.value)?, member.key.span),
                    value: with_samples(&member.value)?,
                })
            };
            Value::Object(members.iter().map(member).collect::<Option<_>>()?)
        }
        plain => plain.clone(),
    };
    Some(Node {
        span: node.span,
        value,
    })
}

/// A text with samples for account, region and partition; `None` where anything else is unknown.
pub(crate) fn sampled(text: &str) -> Option<String> {
    if text.contains(text::UNKNOWN) {
        return None;
    }
    let sampled = text
        .replace(text::ACCOUNT, "123456789012")
        .replace(text::REGION, "us-east-1");
    Some(sampled.replace(text::PARTITION, "aws"))
}

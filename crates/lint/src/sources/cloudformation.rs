//! CloudFormation, SAM and CDK templates.

use super::File;
use super::intrinsic::resolve;
use super::table::{self, Attribute};
use crate::kind::{Holder, Kind};
use policy::PolicyType;
use policy::json::{Member, Node, Value};
use policy::text::Spanned;

pub(super) fn is_template(node: &Node) -> bool {
    if node.get("AWSTemplateFormatVersion").is_some() {
        return true;
    }
    let resources = node.get("Resources").and_then(Node::as_object);
    resources.is_some_and(|members| {
        members.iter().any(|member| {
            let kind = member.value.get("Type").and_then(Node::as_str);
            kind.is_some_and(|kind| kind.contains("::"))
        })
    })
}

impl File<'_> {
    pub(super) fn template(&mut self, node: &Node) {
        let resources = node.get("Resources").and_then(Node::as_object);
        for member in resources.unwrap_or(&[]) {
            let kind = member.value.get("Type").and_then(Node::as_str);
            if let (Some(kind), Some(properties)) = (kind, member.value.get("Properties")) {
                self.resource(&member.key.value, kind, properties);
            }
        }
    }

    fn resource(&mut self, name: &str, kind: &str, properties: &Node) {
        self.domain(kind, name, properties);
        for attribute in table::cloudformation(kind) {
            let kind = match attribute.kind {
                Some(kind) => Some(kind),
                None => table::organizations(properties.get("Type").and_then(Node::as_str)),
            };
            if let Some(kind) = kind {
                self.attribute(name, attribute, kind, properties);
            }
        }
        if matches!(
            kind,
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine"
        ) && let Some(policies) = properties.get("Policies")
        {
            self.sam_policies(name, policies);
        }
        if kind == "AWS::Events::EventBusPolicy"
            && let Some(statement) = properties.get("Statement").and_then(resolve)
        {
            let whole = wrapped(statement);
            self.assembled(
                whole,
                Some(Kind::resource("events")),
                format!("{name} Statement"),
            );
        }
    }

    fn attribute(&mut self, name: &str, attribute: &Attribute, kind: Kind, properties: &Node) {
        let (list, leaf) = match attribute.path.split_once("[].") {
            Some((list, leaf)) => (Some(list), leaf),
            None => (None, attribute.path),
        };
        let Some(list) = list else {
            if let Some(found) = table::at(properties, leaf) {
                self.document(found, kind, format!("{name} {leaf}"));
            }
            return;
        };
        let holders = table::at(properties, list).and_then(resolve_list);
        for (index, holder) in holders.unwrap_or_default().iter().enumerate() {
            if let Some(found) = table::at(holder, leaf) {
                let called = holder.get("PolicyName").and_then(Node::as_str);
                let called = called.map_or_else(|| index.to_string(), str::to_owned);
                self.document(found, kind, format!("{name} {list}[{called}]"));
            }
        }
    }

    fn document(&mut self, node: &Node, kind: Kind, name: String) {
        let Some(resolved) = resolve(node) else {
            return;
        };
        self.policy_or_text(&resolved, Some(kind), name);
    }

    /// SAM takes managed policies by name, its own templates, and policy documents.
    fn sam_policies(&mut self, name: &str, node: &Node) {
        let policies = resolve_list(node).unwrap_or_default();
        for (index, policy) in policies.into_iter().enumerate() {
            if policy.get("Statement").is_some() {
                let kind = Kind::identity(Holder::Role);
                self.policy(&policy, Some(kind), format!("{name} Policies[{index}]"));
            }
        }
    }
}

/// A list with its conditional elements laid open; an object is a list of one.
fn resolve_list(node: &Node) -> Option<Vec<Node>> {
    match resolve(node)?.value {
        Value::Array(elements) => Some(elements),
        value @ Value::Object(_) => Some(vec![Node {
            span: node.span,
            value,
        }]),
        _ => None,
    }
}

/// A policy of one statement that stands without one.
fn wrapped(statement: Node) -> Node {
    let member = |key: &str, value: Node| Member {
        key: Spanned::new(key.to_owned(), value.span),
        value,
    };
    let version = Node {
        span: statement.span,
        value: Value::String("2012-10-17".to_owned()),
    };
    Node {
        span: statement.span,
        value: Value::Object(vec![
            member("Version", version),
            member("Statement", statement),
        ]),
    }
}

/// What `--kind` would say of a type of Organizations' policies.
pub(super) fn organizations_kind(name: &str) -> Option<Kind> {
    match name {
        "SERVICE_CONTROL_POLICY" => Some(Kind::of(PolicyType::ServiceControl)),
        "RESOURCE_CONTROL_POLICY" => Some(Kind::of(PolicyType::ResourceControl)),
        _ => None,
    }
}

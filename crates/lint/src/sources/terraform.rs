//! `terraform show -json`, of a plan or a state.
//!
//! Source: Terraform documentation, "JSON output format".

use super::{File, table};
use crate::kind::{Holder, Kind};
use crate::text;
use policy::json::{Member, Node, Value};
use policy::text::{Span, Spanned};
use std::collections::HashSet;

/// Modules nest; what lies deeper than this is not looked at.
const DEEPEST: usize = 32;

impl File<'_> {
    pub(super) fn terraform(&mut self, node: &Node) {
        let planned = node.get("planned_values").or_else(|| node.get("values"));
        let mut seen = HashSet::new();
        if let Some(root) = planned.and_then(|values| values.get("root_module")) {
            self.module(root, 0, &mut seen);
        }
        let changes = node.get("resource_changes").and_then(Node::as_array);
        for change in changes.unwrap_or(&[]) {
            self.change(change, planned.is_none(), &mut seen);
        }
        let state = table::at(node, "prior_state.values.root_module");
        if let Some(root) = state {
            self.data(root, 0, &mut seen);
        }
    }

    fn module(&mut self, module: &Node, depth: usize, seen: &mut HashSet<String>) {
        for resource in module.elements("resources") {
            let address = resource.text("address");
            if resource.text("mode") == "data" {
                continue;
            }
            if let Some(values) = resource.get("values") {
                self.values(address, resource.text("type"), values, seen);
            }
        }
        if depth < DEEPEST {
            for child in module.elements("child_modules") {
                self.module(child, depth + 1, seen);
            }
            // Data sources of a state stand beside its resources.
            if depth == 0 {
                self.data(module, 0, seen);
            }
        }
    }

    fn values(&mut self, address: &str, kind: &str, values: &Node, seen: &mut HashSet<String>) {
        self.domain(kind, address, values);
        for row in table::terraform(kind) {
            let kind = match row.kind {
                Some(kind) => Some(kind),
                None => table::organizations(values.get("type").and_then(Node::as_str)),
            };
            let Some(kind) = kind else {
                continue;
            };
            let found: Vec<&Node> = match row.path.split_once("[].") {
                Some((list, leaf)) => values
                    .elements(list)
                    .iter()
                    .filter_map(|holder| holder.get(leaf))
                    .collect(),
                None => values.get(row.path).into_iter().collect(),
            };
            for node in found {
                if let Some(text) = node.as_str() {
                    seen.insert(text.to_owned());
                }
                let name = row.path.replace("[]", "");
                self.policy_or_text(node, Some(kind), format!("{address} {name}"));
            }
        }
    }

    /// What only the list of changes tells: policies known after the apply, and data sources read during it.
    fn change(&mut self, change: &Node, alone: bool, seen: &mut HashSet<String>) {
        let address = change.text("address");
        let kind = change.text("type");
        let Some(after) = table::at(change, "change.after") else {
            return;
        };
        let unknown = table::at(change, "change.after_unknown");
        if change.text("mode") == "data" {
            if kind == "aws_iam_policy_document" && after.get("json").is_none_or(is_null) {
                self.statements(address, after, unknown);
            }
            return;
        }
        if alone {
            self.values(address, kind, after, seen);
        }
        for row in table::terraform(kind) {
            let is_unknown = unknown.and_then(|unknown| unknown.get(row.path));
            if let Some(node) = is_unknown
                && matches!(node.value, Value::Bool(true))
            {
                self.skip(node, format!("{address} {}", row.path));
            }
        }
    }

    /// Data sources that were read already, where no resource holds the same text.
    fn data(&mut self, module: &Node, depth: usize, seen: &mut HashSet<String>) {
        for resource in module.elements("resources") {
            if resource.text("type") != "aws_iam_policy_document" {
                continue;
            }
            let Some(json) = table::at(resource, "values.json") else {
                continue;
            };
            let text = json.as_str().unwrap_or("");
            if !text.is_empty() && seen.insert(text.to_owned()) {
                let address = resource.text("address");
                self.policy_text(json, None, format!("{address} json"));
            }
        }
        if depth < DEEPEST {
            for child in module.elements("child_modules") {
                self.data(child, depth + 1, seen);
            }
        }
    }

    /// The policy that the blocks of an `aws_iam_policy_document` mean.
    fn statements(&mut self, address: &str, after: &Node, unknown: Option<&Node>) {
        let blocks = after.elements("statement");
        if blocks.is_empty() {
            return;
        }
        let unknown = unknown.map_or(&[][..], |unknown| unknown.elements("statement"));
        let statements = blocks
            .iter()
            .enumerate()
            .map(|(index, block)| statement(block, unknown.get(index)))
            .collect();
        let span = after.span;
        let version = after.get("version").and_then(Node::as_str);
        let whole = object(
            span,
            vec![
                ("Version", string(span, version.unwrap_or("2012-10-17"))),
                ("Statement", array(span, statements)),
            ],
        );
        let kind = super::plain::recognise(&whole, "");
        let kind = match kind.policy_type {
            policy::PolicyType::Identity => Kind::identity(Holder::Unknown),
            _ => kind,
        };
        self.assembled(whole, Some(kind), address.to_owned());
    }
}

fn statement(block: &Node, unknown: Option<&Node>) -> Node {
    let mut members = Vec::new();
    let texts = |name: &str| {
        let known = block.get(name);
        let hidden = unknown.and_then(|unknown| unknown.get(name));
        list(known, hidden, block.span)
    };
    if let Some(sid) = block
        .get("sid")
        .filter(|sid| sid.as_str().is_some_and(|s| !s.is_empty()))
    {
        members.push(("Sid", sid.clone()));
    }
    let effect = block.get("effect").filter(|effect| !is_null(effect));
    members.push((
        "Effect",
        effect
            .cloned()
            .unwrap_or_else(|| string(block.span, "Allow")),
    ));
    for (name, element) in [
        ("principals", "Principal"),
        ("not_principals", "NotPrincipal"),
    ] {
        let blocks = block.elements(name);
        let hidden = unknown.map_or(&[][..], |unknown| unknown.elements(name));
        if !blocks.is_empty() {
            members.push((element, principal(blocks, hidden)));
        }
    }
    for (name, element) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        members.extend(texts(name).map(|values| (element, values)));
    }
    let conditions = block.elements("condition");
    if !conditions.is_empty() {
        let hidden = unknown.map_or(&[][..], |unknown| unknown.elements("condition"));
        members.push(("Condition", condition(block.span, conditions, hidden)));
    }
    object(block.span, members)
}

fn principal(blocks: &[Node], hidden: &[Node]) -> Node {
    let span = blocks.first().map_or(Span::default(), |block| block.span);
    let mut members: Vec<Member> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let hidden = hidden.get(index).and_then(|block| block.get("identifiers"));
        let Some(names) = list(block.get("identifiers"), hidden, block.span) else {
            continue;
        };
        let (kind, place) = match block.get("type") {
            Some(node) => (node.as_str().unwrap_or("AWS"), node.span),
            None => ("AWS", block.span),
        };
        if kind == "*" {
            return string(place, "*");
        }
        members.push(Member {
            key: Spanned::new(kind.to_owned(), place),
            value: names,
        });
    }
    Node {
        span,
        value: Value::Object(members),
    }
}

fn condition(span: Span, blocks: &[Node], hidden: &[Node]) -> Node {
    let mut operators: Vec<Member> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let hidden = hidden.get(index).and_then(|block| block.get("values"));
        let (Some(test), Some(variable)) = (block.get("test"), block.get("variable")) else {
            continue;
        };
        let Some(values) = list(block.get("values"), hidden, block.span) else {
            continue;
        };
        let key = Member {
            key: Spanned::new(variable.as_str().unwrap_or("").to_owned(), variable.span),
            value: values,
        };
        let name = test.as_str().unwrap_or("");
        let known = operators.iter_mut().find(|member| member.key.value == name);
        match known.map(|member| &mut member.value.value) {
            Some(Value::Object(keys)) => keys.push(key),
            _ => operators.push(Member {
                key: Spanned::new(name.to_owned(), test.span),
                value: Node {
                    span: block.span,
                    value: Value::Object(vec![key]),
                },
            }),
        }
    }
    Node {
        span,
        value: Value::Object(operators),
    }
}

/// A list of texts of which some, or all, may be unknown; `None` where there is none.
fn list(known: Option<&Node>, hidden: Option<&Node>, span: Span) -> Option<Node> {
    if matches!(hidden.map(|node| &node.value), Some(Value::Bool(true))) {
        return Some(string(span, &text::UNKNOWN.to_string()));
    }
    let known = known?;
    let elements = known.as_array().filter(|elements| !elements.is_empty())?;
    let values = elements.iter().map(|element| match element.as_str() {
        Some(_) => element.clone(),
        None => string(element.span, &text::UNKNOWN.to_string()),
    });
    Some(array(known.span, values.collect()))
}

fn is_null(node: &Node) -> bool {
    node.value == Value::Null
}

fn string(span: Span, text: &str) -> Node {
    Node {
        span,
        value: Value::String(text.to_owned()),
    }
}

fn array(span: Span, elements: Vec<Node>) -> Node {
    Node {
        span,
        value: Value::Array(elements),
    }
}

fn object(span: Span, members: Vec<(&str, Node)>) -> Node {
    let members = members.into_iter().map(|(key, value)| Member {
        key: Spanned::new(key.to_owned(), value.span),
        value,
    });
    Node {
        span,
        value: Value::Object(members.collect()),
    }
}

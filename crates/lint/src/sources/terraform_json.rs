//! Terraform in its JSON syntax, as `palisade synth` writes it. Expressions are holes.
//!
//! Source: Terraform documentation, "JSON configuration syntax".

use super::{File, Skipped, table};
use crate::text;
use policy::json::{Member, Node, Value};

pub(super) fn is_configuration(node: &Node) -> bool {
    let of_aws = |block: &Node| {
        let types = block.as_object().unwrap_or(&[]);
        types
            .iter()
            .any(|member| member.key.value.starts_with("aws_"))
    };
    ["resource", "data"]
        .iter()
        .any(|name| node.get(name).is_some_and(of_aws))
}

impl File<'_> {
    pub(super) fn terraform_json(&mut self, node: &Node) {
        self.documents(node);
        let resources = node.get("resource").and_then(Node::as_object);
        for kind in resources.unwrap_or(&[]) {
            for resource in kind.value.as_object().unwrap_or(&[]) {
                let address = format!("{}.{}", kind.key.value, resource.key.value);
                for body in crate::model::one_or_many(&resource.value) {
                    self.resource_block(&address, &kind.key.value, body);
                }
            }
        }
    }

    /// Policies that Terraform puts together of blocks have no text before there is a plan.
    fn documents(&mut self, node: &Node) {
        const KIND: &str = "aws_iam_policy_document";
        let documents = node.get("data").and_then(|data| data.get(KIND));
        for document in documents.and_then(Node::as_object).unwrap_or(&[]) {
            self.reading.unread.push(Skipped {
                span: document.key.span,
                policy: format!("data.{KIND}.{}", document.key.value),
                reason: "Terraform puts it together: check the plan (`terraform show -json`)",
            });
        }
    }

    fn resource_block(&mut self, address: &str, kind: &str, body: &Node) {
        self.domain(kind, address, body);
        for row in table::terraform(kind) {
            let kind = match row.kind {
                Some(kind) => Some(kind),
                None => table::organizations(body.get("type").and_then(Node::as_str)),
            };
            let Some(kind) = kind else {
                continue;
            };
            let (holders, leaf) = match row.path.split_once("[].") {
                Some((list, leaf)) => match body.get(list) {
                    Some(list) => (crate::model::one_or_many(list), leaf),
                    None => (&[][..], leaf),
                },
                None => (std::slice::from_ref(body), row.path),
            };
            for node in holders.iter().filter_map(|holder| holder.get(leaf)) {
                let node = without_expressions(node);
                self.policy_or_text(&node, Some(kind), format!("{address} {leaf}"));
            }
        }
    }
}

/// `${…}` is an expression, `$${` is a dollar sign and a brace.
fn without_expressions(node: &Node) -> Node {
    let value = match &node.value {
        Value::String(text) => Value::String(expanded(text)),
        Value::Array(elements) => Value::Array(elements.iter().map(without_expressions).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member {
                    key: member.key.clone(),
                    value: without_expressions(&member.value),
                })
                .collect(),
        ),
        plain => plain.clone(),
    };
    Node {
        span: node.span,
        value,
    }
}

fn expanded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(rest.get(..at).unwrap_or(""));
        let behind = rest.get(at + 2..).unwrap_or("");
        if out.ends_with('$') {
            out.push('{');
            rest = behind;
            continue;
        }
        match behind.find('}') {
            Some(end) => {
                let name = behind.get(..end).unwrap_or("").trim();
                out.push(hole(name));
                rest = behind.get(end + 1..).unwrap_or("");
            }
            None => {
                out.push_str("${");
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

fn hole(expression: &str) -> char {
    if expression.starts_with("data.aws_caller_identity.") && expression.ends_with(".account_id") {
        text::ACCOUNT
    } else if expression.starts_with("data.aws_partition.") && expression.ends_with(".partition") {
        text::PARTITION
    } else if expression.starts_with("data.aws_region.") {
        text::REGION
    } else {
        text::UNKNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_holes_and_escapes_are_text() {
        assert_eq!(expanded("a/$${aws:username}/*"), "a/${aws:username}/*");
        assert_eq!(
            expanded("${aws_s3_bucket.b.arn}/x"),
            format!("{}/x", text::UNKNOWN)
        );
        assert_eq!(expanded("${open"), "${open");
    }
}

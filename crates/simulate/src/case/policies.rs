//! The policies of a case: documents, named documents, or paths.

use super::Reader;
use policy::json::{Node, Value};
use policy::text::{Rejected, Source};
use policy::{Document, NamedPolicy, PolicySet, PolicyType};

impl Reader<'_> {
    /// A layer of any number of policies. `null` and a missing member are the same.
    pub(super) fn layer(
        &mut self,
        node: Option<&Node>,
        what: &str,
        policy_type: PolicyType,
    ) -> Option<PolicySet> {
        let node = node.filter(|node| node.value != Value::Null)?;
        let nodes = match &node.value {
            Value::Array(elements) => elements.as_slice(),
            _ => std::slice::from_ref(node),
        };
        Some(self.set(nodes, what, policy_type))
    }

    /// A layer of one policy.
    pub(super) fn single(
        &mut self,
        node: Option<&Node>,
        what: &str,
        policy_type: PolicyType,
    ) -> Option<PolicySet> {
        let node = node.filter(|node| node.value != Value::Null)?;
        if node.as_array().is_some() {
            let reason = format!("`{what}` is one policy, not a list");
            self.error(node.span, reason, "merge the statements into one policy");
            return None;
        }
        Some(self.set(std::slice::from_ref(node), what, policy_type))
    }

    /// The levels of an organisation, from the root down.
    pub(super) fn levels(
        &mut self,
        node: Option<&Node>,
        what: &str,
        policy_type: PolicyType,
    ) -> Vec<PolicySet> {
        let Some(node) = node.filter(|node| node.value != Value::Null) else {
            return Vec::new();
        };
        let Some(levels) = node.as_array() else {
            let reason = format!("`{what}` is a list of levels, each a list of policies");
            self.error(
                node.span,
                reason,
                "write [[{ … }], [{ … }]], from the root down",
            );
            return Vec::new();
        };
        let mut sets = Vec::new();
        for (number, level) in levels.iter().enumerate() {
            match level.as_array() {
                Some(nodes) => {
                    sets.push(self.set(nodes, &format!("{what}[{number}]"), policy_type));
                }
                None => {
                    let reason = format!("a level of `{what}` is a list of policies");
                    self.error(
                        level.span,
                        reason,
                        "write [[{ … }], [{ … }]], from the root down",
                    );
                }
            }
        }
        sets
    }

    fn set(&mut self, nodes: &[Node], what: &str, policy_type: PolicyType) -> PolicySet {
        let mut policies = Vec::with_capacity(nodes.len());
        for (number, node) in nodes.iter().enumerate() {
            let name = match nodes {
                [_] => what.to_owned(),
                _ => format!("{what}[{number}]"),
            };
            policies.extend(self.named(node, name, policy_type));
        }
        PolicySet::compile_with(policies, self.options)
    }

    fn named(&mut self, node: &Node, name: String, policy_type: PolicyType) -> Option<NamedPolicy> {
        if let Some(path) = node.as_str() {
            return self.policy_in_file(node, path, policy_type);
        }
        let (name, node) = match node.get("document") {
            None => (name, node),
            Some(document) => {
                self.check_members(node.as_object()?, &["name", "document"], "a named policy");
                let given = match node.get("name") {
                    Some(given) => self.text(given, "name")?.to_owned(),
                    None => name,
                };
                if let Some(path) = document.as_str() {
                    return self.policy_in_file(document, path, policy_type);
                }
                (given, document)
            }
        };
        match Document::from_node(self.source, node, policy_type, &self.options) {
            Ok(document) => Some(NamedPolicy::new(name, document)),
            Err(mut diagnostics) => {
                self.diagnostics.append(&mut diagnostics);
                None
            }
        }
    }

    fn policy_in_file(
        &mut self,
        node: &Node,
        path: &str,
        policy_type: PolicyType,
    ) -> Option<NamedPolicy> {
        let text = match (self.files)(path) {
            Ok(text) => text,
            Err(reason) => {
                let fix = "name a readable file, or write the policy itself";
                self.error(node.span, format!("`{path}` cannot be read: {reason}"), fix);
                return None;
            }
        };
        let source = Source::named(path, text);
        match Document::parse_source(&source, policy_type, &self.options) {
            Ok(document) => Some(NamedPolicy::new(path, document)),
            Err(rejected) => {
                self.elsewhere.push(Rejected { ..rejected });
                None
            }
        }
    }
}

//! A policy as rules see it: what can be read of it, wherever something is wrong.

mod read;

pub(crate) use read::{one_or_many, sampled, statements_of};

use crate::kind::Kind;
use crate::patterns;
use crate::text::{self, Text};
use catalog::{Action, Service};
use policy::document::Operator;
use policy::json::Node;
use policy::text::{Diagnostic, Source, Span};
use policy::{Document, Effect, Options};
use std::sync::OnceLock;

/// The language a policy is written in, which decides how an edit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON, within so many JSON strings: 0 for a file of JSON, 1 for JSON in a string of a JSON file.
    Json(u8),
    /// YAML.
    Yaml,
    /// Text that is not edited: URL-encoded, or put together from several places.
    Fixed,
}

/// A policy that was found in a file.
#[derive(Debug)]
pub struct Policy {
    /// The file.
    pub source: Source,
    /// The policy as JSON, each value with its place in the file; strings may hold holes (see [`crate::text`]).
    pub node: Node,
    /// What kind of policy it is.
    pub kind: Kind,
    /// What it is called in its file: `aws_iam_role.etl assume_role_policy`; empty where the file is the policy.
    pub name: String,
    /// How it is written.
    pub syntax: Syntax,
    /// `Version`, if it is a text.
    pub version: Option<Text>,
    /// The statements that are objects.
    pub statements: Vec<Statement>,
    document: OnceLock<Option<Document>>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its number, from zero.
    pub index: usize,
    /// The statement as JSON.
    pub node: Node,
    /// `Sid`, if it is a text.
    pub sid: Option<Text>,
    /// `Effect`, if it is one.
    pub effect: Option<Effect>,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<Element<PrincipalValue>>,
    /// `Action` or `NotAction`.
    pub actions: Option<Element<ActionPattern>>,
    /// `Resource` or `NotResource`.
    pub resources: Option<Element<Text>>,
    /// `Condition`: one entry for each operator and key.
    pub conditions: Vec<Condition>,
}

/// An element that is written as itself or as its `Not…`.
#[derive(Clone, Debug)]
pub struct Element<T> {
    /// Whether it is the `Not…`.
    pub not: bool,
    /// Its name, with its place.
    pub key: Text,
    /// The place of its value.
    pub span: Span,
    /// Whether the value is a list.
    pub list: bool,
    /// The values that are texts.
    pub values: Vec<T>,
}

/// A value of `Principal`.
#[derive(Clone, Debug)]
pub struct PrincipalValue {
    /// `AWS`, `Service`, `Federated`, `CanonicalUser`, or what was written; `None` for a bare text such as `"*"`.
    pub kind: Option<Text>,
    /// Who is named.
    pub text: Text,
}

/// A value of `Action` or `NotAction`.
#[derive(Clone, Debug)]
pub struct ActionPattern {
    /// As it is written.
    pub text: Text,
    /// Its service, if the catalog knows it.
    pub service: Option<Service>,
    /// The actions of the catalog that it matches, by name; empty for `*`, see [`ActionPattern::is_any`].
    pub matches: Vec<Action>,
}

/// One operator applied to one key.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator as it is written.
    pub operator_text: Text,
    /// The operator, if there is such a one.
    pub operator: Option<Operator>,
    /// The condition key.
    pub key: Text,
    /// The values that are texts, numbers or booleans.
    pub values: Vec<ConditionValue>,
    /// Whether the values are a list.
    pub list: bool,
    /// The place of the value or the list.
    pub span: Span,
}

/// A value of a condition.
#[derive(Clone, Debug)]
pub struct ConditionValue {
    /// As it is written, without quotes.
    pub text: Text,
    /// Whether it is a JSON string.
    pub quoted: bool,
}

impl Policy {
    /// Reads what can be read of a policy.
    #[must_use]
    pub fn new(source: Source, node: Node, kind: Kind, name: String, syntax: Syntax) -> Self {
        let (version, statements) = read::policy(&node);
        Self {
            source,
            node,
            kind,
            name,
            syntax,
            version,
            statements,
            document: OnceLock::new(),
        }
    }

    /// The policy as the engine reads it, to be compiled and evaluated. `None` where the engine refuses it or a part is
    /// only known at deployment; account, region and partition of the deployment are given by `123456789012`,
    /// `us-east-1` and `aws`.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.document
            .get_or_init(|| {
                let node = read::with_samples(&self.node)?;
                let kind = self.kind.policy_type;
                Document::from_node(&self.source, &node, kind, &Options::default()).ok()
            })
            .as_ref()
    }

    /// Why the engine refuses the policy; empty where it does not, or where a part is only known at deployment.
    #[must_use]
    pub fn refusals(&self) -> Vec<Diagnostic> {
        let Some(node) = read::with_samples(&self.node) else {
            return Vec::new();
        };
        let kind = self.kind.policy_type;
        match Document::from_node(&self.source, &node, kind, &Options::default()) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics,
        }
    }

    /// Whether no part is only known at deployment.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !read::has_hole(&self.node)
    }

    /// Whether policy variables mean something: `Version` is `2012-10-17`.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.version
            .as_ref()
            .is_some_and(|version| version.value == "2012-10-17" || !version.is_known())
    }

    /// The statements that surely allow.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements
            .iter()
            .filter(|statement| statement.allows())
    }
}

impl Statement {
    /// The place of the statement.
    #[must_use]
    pub fn span(&self) -> Span {
        self.node.span
    }

    /// A place that stands for the whole statement without covering it: its `Sid`, else its `Effect`, else all of it.
    #[must_use]
    pub fn head(&self) -> Span {
        let effect = || self.node.get("Effect").map(|node| node.span);
        let sid = self.sid.as_ref().map(|sid| sid.span);
        sid.or_else(effect).unwrap_or(self.node.span)
    }

    /// Whether its effect is Allow.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// Whether its effect is Deny.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.effect == Some(Effect::Deny)
    }

    /// The patterns of `Action`; empty for `NotAction`.
    #[must_use]
    pub fn action_patterns(&self) -> &[ActionPattern] {
        match &self.actions {
            Some(element) if !element.not => &element.values,
            _ => &[],
        }
    }

    /// The patterns of `Resource`; empty for `NotResource`.
    #[must_use]
    pub fn resource_patterns(&self) -> &[Text] {
        match &self.resources {
            Some(element) if !element.not => &element.values,
            _ => &[],
        }
    }

    /// Who `Principal` names under a kind, such as `Service`; empty for `NotPrincipal`.
    pub fn principals<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Text> {
        let values = match &self.principal {
            Some(element) if !element.not => element.values.as_slice(),
            _ => &[],
        };
        values
            .iter()
            .filter(move |value| value.kind.as_ref().is_some_and(|k| k.value == kind))
            .map(|value| &value.text)
    }

    /// Whether `Principal` is everyone: `"*"` or `{"AWS": "*"}`.
    #[must_use]
    pub fn is_for_everyone(&self) -> bool {
        self.principal.as_ref().is_some_and(|element| {
            !element.not
                && element.values.iter().any(|value| {
                    let kind = value.kind.as_ref().is_none_or(|kind| kind.value == "AWS");
                    kind && value.text.value == "*"
                })
        })
    }

    /// Whether its `Action` or `NotAction` covers an action of the catalog, such as `iam:PassRole`.
    #[must_use]
    pub fn covers_action(&self, name: &str) -> bool {
        self.actions.as_ref().is_some_and(|element| {
            let named = element.values.iter().any(|pattern| pattern.covers(name));
            named != element.not
        })
    }

    /// Whether its `Resource` is `*`, alone or among others.
    #[must_use]
    pub fn has_any_resource(&self) -> bool {
        self.resource_patterns()
            .iter()
            .any(|resource| resource.value == "*")
    }

    /// The conditions on a key, whose case does not count.
    pub fn conditions_on<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Condition> {
        self.conditions
            .iter()
            .filter(move |condition| condition.key.value.eq_ignore_ascii_case(key))
    }

    /// Whether a condition names a key, whose case does not count.
    #[must_use]
    pub fn has_condition_on(&self, key: &str) -> bool {
        self.conditions_on(key).next().is_some()
    }

    /// Whether a condition is true only if a key is there.
    #[must_use]
    pub fn demands(&self, key: &str) -> bool {
        let mut conditions = self.conditions_on(key);
        conditions.any(|condition| condition.is_positive() || condition.asks_for_presence())
    }
}

impl ActionPattern {
    /// Whether it is `*`, or another way of writing every action of every service.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.text.value.is_empty() && self.text.value.bytes().all(|byte| byte == b'*')
    }

    /// Whether it has wildcards.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.text.value.contains(['*', '?'])
    }

    /// Whether it surely matches an action, such as `iam:PassRole`. Text known at deployment only is taken to match nothing.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        self.text.is_known()
            && patterns::glob(
                &self.text.value.to_ascii_lowercase(),
                &name.to_ascii_lowercase(),
            )
    }

    /// The part in front of the colon.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.text.value.split(':').next().unwrap_or("")
    }
}

impl Condition {
    /// Whether the operator tests what a key is, not merely whether it is there, and is true only if the key is there
    /// and has one of the values.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.operator.is_some_and(|operator| {
            !operator.negated
                && !operator.if_exists
                && operator.comparison != policy::document::Comparison::Null
                && operator.qualifier != Some(policy::document::Qualifier::ForAllValues)
        })
    }

    /// Whether it is `Null` of `false`.
    #[must_use]
    pub fn asks_for_presence(&self) -> bool {
        let operator = self.operator;
        let mut values = self.values.iter();
        operator.is_some_and(|operator| operator.comparison == policy::document::Comparison::Null)
            && values.all(|value| value.text.value.eq_ignore_ascii_case("false"))
    }

    /// Whether the key is this one, whose case does not count.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.key.value.eq_ignore_ascii_case(key)
    }

    /// Whether any value holds text known at deployment only.
    #[must_use]
    pub fn has_hole(&self) -> bool {
        self.values
            .iter()
            .any(|value| value.text.value.contains(text::is_hole))
    }
}

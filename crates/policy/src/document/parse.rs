//! From JSON to a [`Document`]: every rule of the grammar, every violation reported.

mod condition;
mod pattern;
mod principal;

use super::PolicyType;
use super::element::{Actions, Document, Effect, Resources, Statement, Version};
use super::operator::edit_distance;
use crate::json::{self, Member, Node, Value};
use crate::options::{MissingVersion, Options};
use crate::text::{Diagnostic, Rejected, Source, Span, Spanned};

impl Document {
    /// Reads a policy of the given type, with the default [`Options`].
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place, the reason and the fix.
    pub fn parse(text: &str, policy_type: PolicyType) -> Result<Self, Rejected> {
        Self::parse_source(&Source::new(text), policy_type, &Options::default())
    }

    /// Reads a policy that has a source of its own.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_source(
        source: &Source,
        policy_type: PolicyType,
        options: &Options,
    ) -> Result<Self, Rejected> {
        let node = json::parse(source, &options.limits)?;
        Self::from_node(source, &node, policy_type, options)
            .map_err(|diagnostics| Rejected::new(source.clone(), diagnostics))
    }

    /// Reads a policy out of a larger JSON text that was parsed already.
    ///
    /// # Errors
    /// As [`Document::parse`], without the text.
    pub fn from_node(
        source: &Source,
        node: &Node,
        policy_type: PolicyType,
        options: &Options,
    ) -> Result<Self, Vec<Diagnostic>> {
        let language = Version::V2008;
        let mut reader = Reader {
            source,
            policy_type,
            options,
            language,
            diagnostics: Vec::new(),
        };
        match reader.document(node) {
            Some(document) if reader.diagnostics.is_empty() => Ok(document),
            _ => Err(reader.diagnostics),
        }
    }
}

struct Reader<'a> {
    source: &'a Source,
    policy_type: PolicyType,
    options: &'a Options,
    language: Version,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// What goes beyond the limit is not kept: the policy is refused all the same.
    fn error(&mut self, span: Span, reason: impl Into<String>, fix: impl Into<String>) {
        if self.diagnostics.len() < self.options.limits.diagnostics.max(1) {
            self.diagnostics
                .push(Diagnostic::new(span, reason).with_fix(fix));
        }
    }

    fn document(&mut self, node: &Node) -> Option<Document> {
        let members = self.object(node, "a policy")?;
        self.check_elements(members, Document::ELEMENTS, "a policy");
        let version = node.get("Version").and_then(|value| self.version(value));
        let missing = match self.options.missing_version {
            MissingVersion::V2008 => Version::V2008,
            MissingVersion::V2012 => Version::V2012,
        };
        self.language = version.as_ref().map_or(missing, |version| version.value);
        let written = version.as_ref().map(|version| version.value);
        if self.policy_type == PolicyType::ResourceControl && written != Some(Version::V2012) {
            let fix = "write \"Version\": \"2012-10-17\"";
            self.error(
                node.span,
                "a resource control policy needs `Version` 2012-10-17",
                fix,
            );
        }
        let id = node.get("Id").and_then(|value| self.id(value));
        let Some(statement) = node.get("Statement") else {
            let fix = "add \"Statement\": [ … ]";
            self.error(node.span, "the policy has no `Statement`", fix);
            return None;
        };
        let nodes = one_or_many(statement);
        let statements = nodes
            .iter()
            .filter_map(|node| self.statement(node))
            .collect();
        Some(Document {
            source: self.source.clone(),
            span: node.span,
            policy_type: self.policy_type,
            version,
            id,
            statements,
            statement_list: statement.as_array().is_some(),
        })
    }

    /// Only policies that are attached to resources have an `Id` (IAM User Guide, "Id").
    fn id(&mut self, node: &Node) -> Option<Spanned<String>> {
        if !self.policy_type.has_principal() {
            let (article, name) = (self.policy_type.article(), self.policy_type);
            let reason = format!("{article} {name} has no `Id`");
            self.error(node.span, reason, "remove the element");
        }
        self.string(node, "Id")
    }

    fn version(&mut self, node: &Node) -> Option<Spanned<Version>> {
        let text = self.string(node, "Version")?;
        let version = match text.value.as_str() {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => Version::V2008,
            other => {
                let reason = format!("`{other}` is no version of the policy language");
                self.error(text.span, reason, "write \"2012-10-17\"");
                return None;
            }
        };
        Some(Spanned::new(version, text.span))
    }

    fn statement(&mut self, node: &Node) -> Option<Statement> {
        let members = self.object(node, "a statement")?;
        self.check_elements(members, Statement::ELEMENTS, "a statement");
        let sid = node.get("Sid").and_then(|value| self.string(value, "Sid"));
        let effect = self.effect(node);
        let principal = self.principal_element(node);
        let actions = self.actions(node);
        let resources = self.resources(node);
        let conditions = node
            .get("Condition")
            .map_or_else(Vec::new, |value| self.conditions(value));
        if self.policy_type == PolicyType::ResourceControl
            && let (Some(effect), Some(actions)) = (&effect, &actions)
        {
            self.resource_control(effect.value, actions);
        }
        Some(Statement {
            span: node.span,
            sid,
            effect: effect?,
            principal: principal?,
            actions: actions?,
            resources: resources?,
            conditions,
        })
    }

    fn effect(&mut self, node: &Node) -> Option<Spanned<Effect>> {
        let Some(value) = node.get("Effect") else {
            let fix = "add \"Effect\": \"Allow\" or \"Deny\"";
            self.error(node.span, "the statement has no `Effect`", fix);
            return None;
        };
        let text = self.string(value, "Effect")?;
        let effect = match text.value.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => {
                let reason = format!("`{other}` is no effect; upper and lower case count");
                self.error(text.span, reason, "write \"Allow\" or \"Deny\"");
                return None;
            }
        };
        Some(Spanned::new(effect, text.span))
    }

    fn actions(&mut self, node: &Node) -> Option<Actions> {
        let (not, value) = self.either(node, "Action", "NotAction")?;
        let Some(value) = value else {
            let fix = "add \"Action\": \"service:Name\"";
            self.error(
                node.span,
                "the statement has neither `Action` nor `NotAction`",
                fix,
            );
            return None;
        };
        let texts = self.strings(value, if not { "NotAction" } else { "Action" })?;
        let patterns: Vec<_> = texts
            .into_iter()
            .filter_map(|text| self.action_pattern(text))
            .collect();
        Some(Actions {
            not,
            span: value.span,
            patterns,
        })
    }

    /// The inner `None` says that the statement rightly has no resource element.
    #[expect(
        clippy::option_option,
        reason = "missing and wrong are different answers"
    )]
    fn resources(&mut self, node: &Node) -> Option<Option<Resources>> {
        let (not, value) = self.either(node, "Resource", "NotResource")?;
        let name = if not { "NotResource" } else { "Resource" };
        let Some(value) = value else {
            if matches!(
                self.policy_type,
                PolicyType::Trust
                    | PolicyType::Resource
                    | PolicyType::Key
                    | PolicyType::VpcEndpoint
            ) {
                return Some(None);
            }
            let fix = "add \"Resource\": \"*\" or an ARN";
            self.error(
                node.span,
                "the statement has neither `Resource` nor `NotResource`",
                fix,
            );
            return None;
        };
        if self.policy_type == PolicyType::Trust {
            let reason = format!("a role trust policy has no `{name}`: it belongs to its role");
            self.error(value.span, reason, "remove the element");
            return None;
        }
        let texts = self.strings(value, name)?;
        let patterns = texts
            .into_iter()
            .filter_map(|text| self.resource_pattern(text))
            .collect();
        Some(Some(Resources {
            not,
            span: value.span,
            patterns,
        }))
    }

    /// What Organizations demands of a customer's resource control policy. The Allow of `RCPFullAWSAccess` is accepted.
    fn resource_control(&mut self, effect: Effect, actions: &Actions) {
        if actions.not {
            let fix = "list the actions in `Action`";
            self.error(
                actions.span,
                "a resource control policy has no `NotAction`",
                fix,
            );
        }
        if effect == Effect::Deny {
            for pattern in actions
                .patterns
                .iter()
                .filter(|pattern| pattern.value.text == "*")
            {
                let reason = "the actions of a resource control policy name their service";
                self.error(pattern.span, reason, "write \"s3:*\" and the like");
            }
        }
    }

    /// Finds an element under its plain or its `Not` name.
    fn either<'n>(
        &mut self,
        node: &'n Node,
        plain: &str,
        not: &str,
    ) -> Option<(bool, Option<&'n Node>)> {
        match (node.get(plain), node.get(not)) {
            (Some(_), Some(second)) => {
                let reason = format!("a statement has either `{plain}` or `{not}`, not both");
                self.error(second.span, reason, "remove one, or write two statements");
                None
            }
            (None, Some(value)) => Some((true, Some(value))),
            (value, None) => Some((false, value)),
        }
    }

    fn object<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Member]> {
        let members = node.as_object();
        if members.is_none() {
            let reason = format!("{what} is an object, not {}", node.kind());
            self.error(node.span, reason, "write { … }");
        }
        members
    }

    fn string(&mut self, node: &Node, what: &str) -> Option<Spanned<String>> {
        match node.as_str() {
            Some(text) => Some(Spanned::new(text.to_owned(), node.span)),
            None => {
                let reason = format!("`{what}` is a string, not {}", node.kind());
                self.error(node.span, reason, "put the text in double quotes");
                None
            }
        }
    }

    fn strings(&mut self, node: &Node, what: &str) -> Option<Vec<Spanned<String>>> {
        match &node.value {
            Value::String(text) => Some(vec![Spanned::new(text.clone(), node.span)]),
            Value::Array(elements) => Some(
                elements
                    .iter()
                    .filter_map(|element| self.string(element, what))
                    .collect(),
            ),
            _ => {
                let reason = format!(
                    "`{what}` is a string or a list of strings, not {}",
                    node.kind()
                );
                self.error(node.span, reason, "put the text in double quotes");
                None
            }
        }
    }

    fn check_elements(&mut self, members: &[Member], known: &[&str], what: &str) {
        for member in members {
            let name = member.key.value.as_str();
            if !known.contains(&name) {
                let reason = format!("`{name}` is no element of {what}");
                let fix = match closest(name, known) {
                    Some(meant) => format!("write `{meant}`"),
                    None => format!("remove it; {what} has {}", known.join(", ")),
                };
                self.error(member.key.span, reason, fix);
            }
        }
    }

    /// The place of a part of a string value: exact where the string holds no escapes.
    fn within(&self, text: &Spanned<String>, part: Span) -> Span {
        let raw = self.source.slice(text.span);
        if raw.len() == text.value.len() + 2 {
            let start = text.span.start + 1;
            Span {
                start: start + part.start,
                end: start + part.end,
            }
        } else {
            text.span
        }
    }
}

fn one_or_many(node: &Node) -> &[Node] {
    match &node.value {
        Value::Array(elements) => elements,
        _ => std::slice::from_ref(node),
    }
}

/// The known name that a misspelt one most likely means.
fn closest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| {
            (
                edit_distance(&name.to_ascii_lowercase(), &known.to_ascii_lowercase()),
                *known,
            )
        })
        .min()
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, known)| known)
}

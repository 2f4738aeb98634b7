//! Every statement, and why it does or does not apply.

use crate::compile::{self, Grant, PolicySet};
use crate::condition::{Truth, all};
use crate::document::{self, ArnValue, Effect, Operand, Part, PolicyType, Template};
use crate::evaluate::{Policies, resource_control_applies, service_control_applies};
use crate::names::Name;
use crate::request::{Context, ContextValue, Principal, Request};
use crate::text::{Position, Source};
use std::sync::Arc;

/// Where a statement stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The layer.
    pub policy_type: PolicyType,
    /// The level of an SCP or RCP, from the root down, from zero.
    pub level: Option<usize>,
    /// The policy's name.
    pub policy: Arc<str>,
    /// The statement's number within its policy, from zero.
    pub number: usize,
}

/// Whether a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// All of it matches.
    Yes,
    /// Something does not match.
    No,
    /// Something could not be evaluated, and the rest matches.
    Unknown,
}

/// What keeps a statement from applying.
#[derive(Clone, Debug)]
pub enum Mismatch<'a> {
    /// The action is not among those of the statement.
    Action,
    /// The resource is not among those of the statement.
    Resource,
    /// The statement is for somebody else.
    Principal,
    /// A condition is not met.
    Condition {
        /// The condition.
        condition: &'a document::Condition,
        /// The request's value, if it has one.
        value: Option<&'a ContextValue>,
        /// The value could not be read as the operator needs it.
        unreadable: bool,
    },
}

/// One statement, held against one request.
#[derive(Clone, Debug)]
pub struct StatementTrace<'a> {
    /// Where it stands.
    pub place: Place,
    /// The statement.
    pub statement: &'a document::Statement,
    /// Whether it applies.
    pub applies: Applies,
    /// What keeps it from applying.
    pub mismatches: Vec<Mismatch<'a>>,
    grant: Option<Grant>,
    compiled: &'a compile::Statement,
    source: &'a Source,
}

impl StatementTrace<'_> {
    /// Line and column of the statement in the text it was read from.
    #[must_use]
    pub fn position(&self) -> Position {
        self.source.position(self.statement.span.start)
    }

    /// The statement as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.statement.span)
    }

    /// Line and column behind the statement.
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.position(self.statement.span.end)
    }

    /// Whether it is an Allow of the resource's policy that names the caller itself.
    pub(super) fn grants_directly(&self, resource: PolicyType) -> bool {
        self.place.policy_type == resource
            && self.statement.effect.value == Effect::Allow
            && self.applies == Applies::Yes
            && self.grant == Some(Grant::Direct)
    }
}

/// Holds every statement of every layer that bears on the request against it, in the order of reporting.
#[must_use]
pub fn statements<'a>(policies: &Policies<'a>, request: &'a Request) -> Vec<StatementTrace<'a>> {
    let mut traces = Vec::new();
    let has_boundary = policies.boundary.is_some();
    let mut layer = |set: Option<&'a PolicySet>, policy_type, level| {
        if let Some(set) = set {
            let trace =
                |statement| trace(set, statement, request, policy_type, level, has_boundary);
            traces.extend(set.statements().iter().filter_map(trace));
        }
    };
    if service_control_applies(policies, request) {
        for (level, set) in policies.service_control.iter().enumerate() {
            layer(Some(set), PolicyType::ServiceControl, Some(level));
        }
    }
    if resource_control_applies(policies, request) {
        for (level, set) in policies.resource_control.iter().enumerate() {
            layer(Some(set), PolicyType::ResourceControl, Some(level));
        }
    }
    let limited = request.principal.account().is_some()
        && !matches!(request.principal, Principal::Root { .. });
    layer(policies.endpoint, PolicyType::VpcEndpoint, None);
    layer(
        policies.boundary.filter(|_| limited),
        PolicyType::Boundary,
        None,
    );
    layer(
        policies.session.filter(|_| limited),
        PolicyType::Session,
        None,
    );
    layer(policies.resource, request.resource_policy_type(), None);
    layer(
        policies.identity.filter(|_| limited),
        PolicyType::Identity,
        None,
    );
    traces
}

fn trace<'a>(
    set: &'a PolicySet,
    compiled: &'a compile::Statement,
    request: &'a Request,
    policy_type: PolicyType,
    level: Option<usize>,
    has_boundary: bool,
) -> Option<StatementTrace<'a>> {
    let named = set.policies().get(compiled.policy)?;
    let statement = named.document.statements.get(compiled.number)?;
    let options = set.options();
    let mut mismatches = Vec::new();
    if !compiled.actions.matches(request) {
        mismatches.push(Mismatch::Action);
    }
    if !compiled.matches_resource(request, options) {
        mismatches.push(Mismatch::Resource);
    }
    let grant = compiled.reaches(request, has_boundary);
    if grant.is_none() {
        mismatches.push(Mismatch::Principal);
    }
    let outside = mismatches.is_empty();
    let mut truths = Vec::with_capacity(compiled.clauses.len());
    for (clause, condition) in compiled.clauses.iter().zip(&statement.conditions) {
        let truth = clause.evaluate(&request.context, options);
        truths.push(truth);
        if truth != Truth::True {
            let value = request.context.find(&clause.key);
            let unreadable = truth == Truth::Unknown;
            mismatches.push(Mismatch::Condition {
                condition,
                value,
                unreadable,
            });
        }
    }
    let applies = match (outside, all(truths.into_iter())) {
        (false, _) | (_, Truth::False) => Applies::No,
        (true, Truth::True) => Applies::Yes,
        (true, Truth::Unknown) => Applies::Unknown,
    };
    let place = Place {
        policy_type,
        level,
        policy: Arc::clone(&named.name),
        number: compiled.number,
    };
    Some(StatementTrace {
        place,
        statement,
        applies,
        mismatches,
        grant,
        compiled,
        source: &named.document.source,
    })
}

/// The keys that statements about this action name, in conditions or variables, and the request lacks.
pub(super) fn missing_keys<'a>(traces: &[StatementTrace<'a>], request: &Request) -> Vec<&'a str> {
    let mut missing: Vec<&'a str> = Vec::new();
    let mut note = |key: &'a Name| {
        let known = missing
            .iter()
            .any(|noted| noted.eq_ignore_ascii_case(key.as_str()));
        if !known && request.context.find(key).is_none() {
            missing.push(key.as_str());
        }
    };
    for trace in traces {
        if trace
            .mismatches
            .iter()
            .any(|mismatch| matches!(mismatch, Mismatch::Action))
        {
            continue;
        }
        for clause in &trace.compiled.clauses {
            note(&clause.key);
            clause.variables().for_each(&mut note);
        }
        trace.compiled.resource_variables().for_each(&mut note);
    }
    missing.sort_unstable();
    missing
}

/// The text of a template with its variables replaced by the request's values; a variable without value stays as it is
/// written.
#[must_use]
pub fn expand(template: &Template, context: &Context) -> String {
    let mut out = String::new();
    for part in &template.parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::AnyRun => out.push('*'),
            Part::AnyOne => out.push('?'),
            Part::Variable { key, default } => match (context.get(key), default) {
                (Some(ContextValue::One(value)), _) => out.push_str(value),
                (_, Some(default)) => out.push_str(default),
                (_, None) => {
                    out.push_str("${");
                    out.push_str(key);
                    out.push('}');
                }
            },
        }
    }
    out
}

impl document::ConditionValue {
    /// The value with its variables replaced by the request's values.
    #[must_use]
    pub fn expanded(&self, context: &Context) -> String {
        match &self.operand {
            Operand::Text(template) | Operand::Bool(template) => expand(template, context),
            Operand::Arn(ArnValue::Whole(template)) => expand(template, context),
            Operand::Arn(ArnValue::Segments(segments)) => segments
                .each_ref()
                .map(|segment| expand(segment, context))
                .join(":"),
            _ => self.text.clone(),
        }
    }
}

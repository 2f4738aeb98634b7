//! One compiled statement.

use super::principal::{Grant, PrincipalMatcher};
use crate::condition::{Clause, Truth, all};
use crate::document::{self, ActionPattern, Effect, PolicyType, ResourcePattern, Template};
use crate::names::Name;
use crate::options::{NotResourceNullVariable, Options};
use crate::pattern::{Match, Pattern};
use crate::request::{Context, Request};

/// A compiled statement. It knows where in its policies it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) policy: usize,
    pub(crate) number: usize,
    pub(crate) effect: Effect,
    pub(crate) principal: Option<PrincipalMatcher>,
    pub(crate) actions: ActionMatcher,
    pub(crate) resources: Option<ResourceMatcher>,
    pub(crate) clauses: Box<[Clause]>,
}

#[derive(Clone, Debug)]
pub(crate) struct ActionMatcher {
    pub(crate) not: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourceMatcher {
    pub(crate) not: bool,
    pub(crate) patterns: Box<[ArnPattern]>,
}

/// A compiled resource pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`
    Any,
    /// Six segments: `arn`, partition, service, region, account, resource; all but the last in lower case.
    Segments(Box<[Pattern; 6]>),
    /// An ARN cut short where that means nothing.
    Never,
}

impl Statement {
    pub(crate) fn new(
        statement: &document::Statement,
        policy_type: PolicyType,
        policy: usize,
        number: usize,
    ) -> Self {
        let pads = matches!(
            policy_type,
            PolicyType::Identity | PolicyType::Boundary | PolicyType::Session
        );
        let actions = &statement.actions;
        let action = |pattern: &ActionPattern| Pattern::new(&pattern.template);
        Self {
            policy,
            number,
            effect: statement.effect.value,
            principal: statement.principal.as_ref().map(PrincipalMatcher::new),
            actions: ActionMatcher {
                not: actions.not,
                patterns: actions
                    .patterns
                    .iter()
                    .map(|pattern| action(&pattern.value))
                    .collect(),
            },
            resources: statement
                .resources
                .as_ref()
                .map(|resources| ResourceMatcher {
                    not: resources.not,
                    patterns: resources
                        .patterns
                        .iter()
                        .map(|pattern| ArnPattern::new(&pattern.value, pads))
                        .collect(),
                }),
            clauses: statement.conditions.iter().map(Clause::new).collect(),
        }
    }

    /// Whether the statement applies to a request; if it does, how strongly it reaches the caller.
    pub(crate) fn applies(
        &self,
        request: &Request,
        options: &Options,
        has_boundary: bool,
    ) -> (Truth, Option<Grant>) {
        if !self.actions.matches(request) || !self.matches_resource(request, options) {
            return (Truth::False, None);
        }
        let Some(grant) = self.reaches(request, has_boundary) else {
            return (Truth::False, None);
        };
        let truth = all(self
            .clauses
            .iter()
            .map(|clause| clause.evaluate(&request.context, options)));
        (truth, Some(grant))
    }

    /// Whether another statement applies wherever this one does, as both plainly show: surely where this one surely does, and
    /// at least perhaps where this one perhaps does. May say no where it is so, and does where the principals differ.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        if self.principal != other.principal || self.effect != other.effect {
            return false;
        }
        let clause = |other: &Clause| self.clauses.iter().any(|own| own.is_within(other));
        self.actions.is_within(&other.actions)
            && self.is_resource_within(other)
            && other.clauses.iter().all(clause)
    }

    fn is_resource_within(&self, other: &Self) -> bool {
        let (own, other) = match (&self.resources, &other.resources) {
            (_, None) => return true,
            (None, Some(_)) => return false,
            (Some(own), Some(other)) => (own, other),
        };
        match (own.not, other.not) {
            (false, false) => {
                let within = |one: &ArnPattern| other.patterns.iter().any(|all| one.is_within(all));
                own.patterns.iter().all(within)
            }
            // Of what is excluded, a variable without a value may mean more than one thing: it is compared as it stands.
            (true, true) => {
                let mut excluded = other.patterns.iter();
                excluded.all(|pattern| own.patterns.contains(pattern))
            }
            _ => false,
        }
    }

    /// How strongly the statement reaches the caller. Without a principal element it is for whom it is attached to.
    pub(crate) fn reaches(&self, request: &Request, has_boundary: bool) -> Option<Grant> {
        match &self.principal {
            None => Some(Grant::Direct),
            Some(principal) => principal.matches(request, self.effect, has_boundary),
        }
    }

    /// The keys of the variables in the statement's resources.
    pub(crate) fn resource_variables(&self) -> impl Iterator<Item = &Name> {
        let patterns = self
            .resources
            .iter()
            .flat_map(|resources| resources.patterns.iter());
        patterns
            .flat_map(ArnPattern::segments)
            .flat_map(Pattern::variables)
            .map(|v| v.key())
    }

    pub(crate) fn matches_resource(&self, request: &Request, options: &Options) -> bool {
        self.resources
            .as_ref()
            .is_none_or(|resources| resources.matches(request, options))
    }
}

impl ActionMatcher {
    fn is_within(&self, other: &Self) -> bool {
        let all_within = |some: &[Pattern], others: &[Pattern]| {
            let within = |one: &Pattern| others.iter().any(|all| one.is_within(all));
            some.iter().all(within)
        };
        match (self.not, other.not) {
            (false, false) => all_within(&self.patterns, &other.patterns),
            (true, true) => all_within(&other.patterns, &self.patterns),
            _ => false,
        }
    }

    pub(crate) fn matches(&self, request: &Request) -> bool {
        let action = request.action.lower().as_str();
        let listed = self
            .patterns
            .iter()
            .any(|pattern| pattern.matches(action, &request.context) == Match::Yes);
        listed != self.not
    }
}

impl ResourceMatcher {
    pub(crate) fn matches(&self, request: &Request, options: &Options) -> bool {
        let context = &request.context;
        let mut listed = false;
        for pattern in &self.patterns {
            match pattern.matches(request) {
                Match::Yes => listed = true,
                Match::No | Match::Null => {}
            }
            let strict = options.not_resource_null_variable
                == NotResourceNullVariable::StatementNeverApplies;
            if self.not && strict && pattern.is_null(context) {
                return false;
            }
            if listed && !(self.not && strict) {
                break;
            }
        }
        listed != self.not
    }
}

impl ArnPattern {
    fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Never, _) | (_, Self::Any) => true,
            (Self::Segments(own), Self::Segments(other)) => own
                .iter()
                .zip(&**other)
                .all(|(own, other)| own.is_within(other)),
            (Self::Any | Self::Segments(_), _) => false,
        }
    }

    fn new(pattern: &ResourcePattern, pads: bool) -> Self {
        let Some(segments) = &pattern.segments else {
            return Self::Any;
        };
        if segments.len() < 6 && !pads {
            return Self::Never;
        }
        let any = Template {
            parts: vec![document::Part::AnyRun],
        };
        Self::Segments(Box::new(std::array::from_fn(|at| {
            let segment = segments.get(at).unwrap_or(&any);
            match at {
                5 => Pattern::new(segment),
                _ => Pattern::new(&segment.to_ascii_lowercase()),
            }
        })))
    }

    pub(crate) fn matches(&self, request: &Request) -> Match {
        let context = &request.context;
        let (pattern, arn) = match (self, &request.folded_resource) {
            (Self::Any, _) => return Match::Yes,
            (Self::Segments(pattern), Some(arn)) => (pattern, arn),
            (Self::Segments(_) | Self::Never, _) => return Match::No,
        };
        let [_, partition, service, region, account, rest] = &**pattern;
        let head = [
            (service, arn.service()),
            (account, arn.account()),
            (region, arn.region()),
            (partition, arn.partition()),
        ];
        let head_matches = head
            .into_iter()
            .all(|(pattern, segment)| pattern.matches(segment, context) == Match::Yes);
        if head_matches {
            rest.matches(arn.resource(), context)
        } else {
            Match::No
        }
    }

    fn segments(&self) -> &[Pattern] {
        match self {
            Self::Segments(segments) => &**segments,
            Self::Any | Self::Never => &[],
        }
    }

    fn is_null(&self, context: &Context) -> bool {
        self.segments()
            .iter()
            .any(|pattern| pattern.is_null(context))
    }

    /// The literal text with which the resource part of every match begins.
    pub(crate) fn literal_prefix(&self) -> &str {
        self.segments().last().map_or("", Pattern::literal_prefix)
    }
}

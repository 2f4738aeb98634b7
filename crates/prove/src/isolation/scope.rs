//! What a role's policies may allow at all, read once for all claims about it.

use super::breach::{Breach, More};
use crate::language::{Pattern, Set, Step};
use crate::layers::Stage;
use crate::tenancy::Mark;
use catalog::Action;
use policy::Effect;
use policy::view::{self, ResourceText, Statement, Text, Token};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The actions of a service that may be allowed, with their names.
pub(super) type Granted = Rc<[(Action, String)]>;

/// The Allow statements of a stage: all that it ever allows is by one of them.
pub(super) struct Scope<'p> {
    openings: Vec<Opening<'p>>,
    /// The Deny statements of the identity-based policies.
    closings: Vec<Opening<'p>>,
    /// Whether only those are let in to whom the identity-based policies are attached: what is allowed is then by one of
    /// theirs.
    own_only: bool,
    granted: RefCell<HashMap<String, Granted>>,
}

/// A statement, by what it is about.
struct Opening<'p> {
    statement: Statement<'p>,
    not_action: bool,
    actions: Vec<Glob>,
    /// What its resources are matched by, with anything in the place of values; `None` where that is everything.
    resources: Option<Vec<Pattern>>,
}

/// An action with wildcards, lower-cased.
struct Glob {
    text: String,
    pattern: Pattern,
}

impl Glob {
    /// The text before the first wildcard, and whether that is all.
    fn start(&self) -> (&str, bool) {
        start(&self.text)
    }
}

fn start(glob: &str) -> (&str, bool) {
    match glob.find(['*', '?']) {
        Some(at) => (glob.get(..at).unwrap_or_default(), false),
        None => (glob, true),
    }
}

impl<'p> Scope<'p> {
    pub(super) fn of(stage: &Stage<'p>) -> Self {
        let sets = [stage.policies.identity, stage.policies.resource];
        let statements = sets.into_iter().flatten().flat_map(view::statements);
        let allows = statements.filter(|statement| statement.effect() == Effect::Allow);
        let own = stage
            .policies
            .identity
            .into_iter()
            .flat_map(view::statements);
        let denies = own.filter(|statement| statement.effect() == Effect::Deny);
        Self {
            openings: allows.map(Opening::new).collect(),
            closings: denies.map(Opening::new).collect(),
            own_only: stage.policies.resource.is_none()
                && stage.policies.endpoint.is_none()
                && stage.policies.resource_control.is_empty(),
            granted: RefCell::default(),
        }
    }

    /// Whether some Allow may allow an action.
    pub(super) fn mentions(&self, action: &str) -> bool {
        let wanted = action.to_ascii_lowercase();
        self.openings.iter().any(|opening| opening.may(&wanted))
    }

    /// The services of which something may be allowed; `usual` where that may be any.
    pub(super) fn services(&self, usual: &[&str]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for opening in &self.openings {
            for glob in &opening.actions {
                match glob.start().0.split_once(':') {
                    Some((service, _)) if !opening.not_action => found.push(service.to_owned()),
                    _ => found.extend(usual.iter().map(|service| (*service).to_owned())),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The actions of a service that may be allowed, by name.
    pub(super) fn granted(&self, prefix: &str) -> Granted {
        if let Some(known) = self.granted.borrow().get(prefix) {
            return known.clone();
        }
        let found: Granted = self.find_granted(prefix).into();
        let mut granted = self.granted.borrow_mut();
        granted.insert(prefix.to_owned(), found.clone());
        found
    }

    fn find_granted(&self, prefix: &str) -> Vec<(Action, String)> {
        let Some(service) = catalog::service(prefix) else {
            return Vec::new();
        };
        let head = format!("{}:", prefix.to_ascii_lowercase());
        let about = |glob: &Glob| {
            let (start, whole) = glob.start();
            start.starts_with(&head) || (!whole && head.starts_with(start))
        };
        let open = |opening: &Opening<'_>| {
            let mut globs = opening.actions.iter().filter(|glob| about(glob));
            opening.not_action || globs.any(|glob| !glob.start().1)
        };
        let mut found: Vec<(Action, String)> = match self.openings.iter().any(open) {
            true => {
                let named = service.actions().map(|action| (action, action.to_string()));
                let may = |name: &str| {
                    let lower = name.to_ascii_lowercase();
                    self.openings.iter().any(|opening| opening.may(&lower))
                };
                return named.filter(|(_, name)| may(name)).collect();
            }
            // Names without wildcards are looked up.
            false => {
                let globs = self.openings.iter().flat_map(|opening| &opening.actions);
                let known = globs.filter(|glob| about(glob));
                let actions = known.filter_map(|glob| catalog::action(&glob.text));
                actions.map(|action| (action, action.to_string())).collect()
            }
        };
        found.sort_by_cached_key(|(_, name)| name.to_ascii_lowercase());
        found.dedup_by(|one, other| one.1 == other.1);
        found
    }

    /// The statements of identity-based policies that may apply to a request of a kind, where it is allowed by no others: the
    /// Allows and the Denies. `None` where it may be allowed otherwise.
    pub(super) fn about(&self, breach: &Breach<'_>) -> Option<About<'p>> {
        if !self.own_only {
            return None;
        }
        let mut required = None;
        let mut about = |statements: &[Opening<'p>]| {
            let mut found = Vec::new();
            for opening in statements {
                if opening.is_about(breach.actions.as_deref()) {
                    let required = required.get_or_insert_with(|| required_by(breach));
                    if opening.may_reach(required) {
                        found.push(opening.statement);
                    }
                }
            }
            found
        };
        Some(About {
            allows: about(&self.openings),
            denies: about(&self.closings),
        })
    }
}

/// The statements that may apply to a request of a kind.
pub(super) struct About<'p> {
    pub(super) allows: Vec<Statement<'p>>,
    pub(super) denies: Vec<Statement<'p>>,
}

impl<'p> About<'p> {
    /// All statements of the identity-based policies.
    pub(super) fn all(stage: &Stage<'p>) -> Self {
        let own = stage
            .policies
            .identity
            .into_iter()
            .flat_map(view::statements);
        let (allows, denies) = own.partition(|statement| statement.effect() == Effect::Allow);
        Self { allows, denies }
    }
}

/// By which patterns the resource of a request of a kind is matched: one of each.
fn required_by(breach: &Breach<'_>) -> Vec<Vec<Pattern>> {
    let mut required = Vec::new();
    for mark in &breach.theirs {
        if let Mark::Resource(_) = mark {
            required.push(vec![super::breach::hull(mark)]);
        }
    }
    for more in &breach.more {
        if let More::Resource(arns) = more {
            required.push(arns.iter().map(|arn| Pattern::glob(arn)).collect());
        }
    }
    required
}

impl<'p> Opening<'p> {
    fn new(statement: Statement<'p>) -> Self {
        let actions = statement.actions();
        let glob = |text: &Text<'_>| {
            let text = globbed(*text);
            Glob {
                pattern: Pattern::glob(&text),
                text,
            }
        };
        let resources = statement.resources().filter(|resources| !resources.not);
        Self {
            statement,
            not_action: actions.not,
            actions: actions.patterns.iter().map(glob).collect(),
            resources: resources.and_then(|resources| {
                let pattern = |text: &ResourceText<'_>| match text {
                    ResourceText::Any => Some(None),
                    ResourceText::Never => None,
                    ResourceText::Segments(segments) => Some(Some(arn(segments))),
                };
                resources.patterns.iter().filter_map(pattern).collect()
            }),
        }
    }

    fn may(&self, lower: &str) -> bool {
        let listed = |glob: &Glob| match glob.start() {
            (text, true) => text == lower,
            (start, false) => lower.starts_with(start) && glob.pattern.matches(lower),
        };
        self.actions.iter().any(listed) != self.not_action
    }

    /// Whether it may allow an action that matches one of these.
    fn is_about(&self, wanted: Option<&[String]>) -> bool {
        let Some(wanted) = wanted.filter(|_| !self.not_action) else {
            return true;
        };
        let mut own = self.actions.iter();
        own.any(|glob| {
            wanted
                .iter()
                .any(|wanted| may_meet(glob.start(), start(wanted)))
        })
    }

    fn may_reach(&self, required: &[Vec<Pattern>]) -> bool {
        let Some(own) = &self.resources else {
            return true;
        };
        let meets = |own: &Pattern, group: &[Pattern]| group.iter().any(|one| !own.clashes(one));
        own.iter()
            .any(|own| required.iter().all(|group| meets(own, group)))
    }
}

/// Whether texts that begin so may be the same, upper and lower case not told apart; a text that is whole goes on no
/// further.
fn may_meet(one: (&str, bool), other: (&str, bool)) -> bool {
    let begins = |long: &str, short: &str| {
        let start = long.as_bytes().get(..short.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(short.as_bytes()))
    };
    match (one, other) {
        ((one, true), (other, true)) => one.eq_ignore_ascii_case(other),
        ((one, true), (other, false)) => begins(one, other),
        ((one, false), (other, true)) => begins(other, one),
        ((one, false), (other, false)) => begins(one, other) || begins(other, one),
    }
}

/// A text with `*` in the place of values.
fn globbed(text: Text<'_>) -> String {
    let token = |token: &Token<'_>| match token {
        Token::Literal(text) => (*text).to_owned(),
        Token::AnyOne => "?".to_owned(),
        Token::AnyRun | Token::Variable { .. } => "*".to_owned(),
    };
    text.tokens().iter().map(token).collect()
}

/// What an ARN pattern matches at most.
fn arn(segments: &[Text<'_>; 5]) -> Pattern {
    let mut steps = Pattern::literal("arn").steps;
    let last = segments.len().saturating_sub(1);
    for (at, segment) in segments.iter().enumerate() {
        let wild = if at < last {
            Set::Except(':')
        } else {
            Set::Any
        };
        steps.push(Step::One(Set::One(':')));
        for token in segment.tokens() {
            match token {
                Token::Literal(text) => {
                    steps.extend(text.chars().map(|c| Step::One(Set::One(c))));
                }
                Token::AnyOne => steps.push(Step::One(wild.clone())),
                Token::AnyRun | Token::Variable { .. } => steps.push(Step::Run(wild.clone())),
            }
        }
    }
    Pattern { steps }
}

//! The formula of "the request is allowed", over the layers as the engine composes them (its `evaluate` module is the one
//! place where that is decided; this one must say the same, and every answer is held against it).

use crate::caller::reached;
use crate::model::{Atom, AtomId, Demand, Model, NodeId};
use crate::question::{GIVE_UP, WHO_AM_I};
use crate::text::Text;
use policy::view::{self, Grant, Statement};
use policy::{AccountId, Effect, Policies, PolicySet, PolicyType, Principal, Request};

/// Whose the resources are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The caller's account, whichever it is.
    OfCaller,
    /// This account.
    Account(AccountId),
    /// An account that no caller belongs to.
    Stranger,
}

/// The layers that bear on a request, and how the resource's policy is read.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'p> {
    /// The policies of each layer.
    pub policies: Policies<'p>,
    /// Whether the resource's policy is an ordinary one, a trust policy or a key policy.
    pub resource_type: PolicyType,
    /// Whose the resources are.
    pub owner: Owner,
}

impl Stage<'_> {
    /// Every layer that is there.
    pub(crate) fn sets(&self) -> Vec<&PolicySet> {
        let policies = &self.policies;
        let single = [
            policies.identity,
            policies.boundary,
            policies.session,
            policies.resource,
            policies.endpoint,
        ];
        let levels = policies
            .service_control
            .iter()
            .chain(policies.resource_control);
        single.into_iter().flatten().chain(levels).collect()
    }
}

/// Builds formulas about one stage.
pub(crate) struct Layers<'a, 'p> {
    pub(crate) model: &'a mut Model<'p>,
    pub(crate) samples: &'a [&'a Request],
    pub(crate) stage: Stage<'p>,
}

impl<'p> Layers<'_, 'p> {
    /// "The request is allowed."
    pub(crate) fn allowed(&mut self) -> NodeId {
        let ordinary = self.layers_allow();
        let free = self.needs_no_policy();
        let free = self.model.literal(free, Demand::True);
        self.model.any([ordinary, free])
    }

    /// "The request is allowed, and a policy was needed."
    pub(crate) fn allowed_by_policy(&mut self) -> NodeId {
        let ordinary = self.layers_allow();
        let free = self.needs_no_policy();
        let other = self.model.literal(free, Demand::False);
        self.model.all([ordinary, other])
    }

    fn layers_allow(&mut self) -> NodeId {
        let policies = self.stage.policies;
        let mut parts = vec![self.nothing_denies()];
        if let Some(endpoint) = policies.endpoint {
            parts.push(self.grants(endpoint, Grant::Delegated));
        }
        if !policies.service_control.is_empty() {
            let exempt = self.callers(|layers, p| !layers.service_control_applies(p));
            let exempt = self.caller_node(exempt);
            for level in policies.service_control {
                let grants = self.grants(level, Grant::Delegated);
                parts.push(self.model.any([exempt, grants]));
            }
        }
        parts.push(self.granted());
        self.model.all(parts)
    }

    fn needs_no_policy(&mut self) -> AtomId {
        self.action(WHO_AM_I)
    }

    /// The action is this one.
    fn action(&mut self, name: &str) -> AtomId {
        let text = Text::literal(&name.to_ascii_lowercase());
        self.model.atom(Atom::Action(Box::new([text])))
    }

    fn granted(&mut self) -> NodeId {
        let accountless = self.callers(|_, p| p.account().is_none());
        let accountless = self.caller_node(accountless);
        let resource = |layers: &mut Self, least| match layers.stage.policies.resource {
            Some(set) => layers.grants(set, least),
            None => layers.model.never(),
        };
        let any_grant = resource(self, Grant::Delegated);
        let outsider = self.model.all([accountless, any_grant]);
        let same = self.callers(|layers, p| layers.is_same_account(p));
        let same = self.caller_node(same);
        let trusted = matches!(
            self.stage.resource_type,
            PolicyType::Trust | PolicyType::Key
        );
        let entrance = match trusted {
            true => any_grant,
            false => self.model.any([same, any_grant]),
        };
        let direct = resource(self, Grant::Direct);
        let direct = self.model.all([same, direct]);
        let as_role = resource(self, Grant::AsRole);
        let as_role = self.model.all([same, as_role]);
        let identity = self.identity();
        let by_policy = self.model.any([as_role, identity]);
        let limits = self.limits();
        let limited = self.model.all([by_policy, limits]);
        let inside = self.model.any([direct, limited]);
        let with_account = self.model.not(accountless);
        let insider = self.model.all([with_account, entrance, inside]);
        self.model.any([outsider, insider])
    }

    /// The identity-based policies allow; a root user needs none.
    fn identity(&mut self) -> NodeId {
        let root = self.callers(|_, p| matches!(p, Principal::Root { .. }));
        let root = self.caller_node(root);
        let limited = self.model.not(root);
        let grants = match self.stage.policies.identity {
            Some(set) => self.grants(set, Grant::Delegated),
            None => self.model.never(),
        };
        let grants = self.model.all([limited, grants]);
        self.model.any([root, grants])
    }

    /// Boundary and session policies allow, where the caller has them.
    fn limits(&mut self) -> NodeId {
        let unlimited = self.callers(|_, p| !is_limited(p));
        let unlimited = self.caller_node(unlimited);
        let mut parts = Vec::new();
        if let Some(boundary) = self.stage.policies.boundary {
            let grants = self.grants(boundary, Grant::Delegated);
            parts.push(self.model.any([unlimited, grants]));
        }
        match self.stage.policies.session {
            Some(session) => {
                let grants = self.grants(session, Grant::Delegated);
                parts.push(self.model.any([unlimited, grants]));
            }
            None => {
                let others = self.callers(|_, p| !matches!(p, Principal::FederatedUser { .. }));
                parts.push(self.caller_node(others));
            }
        }
        self.model.all(parts)
    }

    /// No Deny of any layer applies, or might.
    pub(crate) fn nothing_denies(&mut self) -> NodeId {
        let policies = self.stage.policies;
        let mut parts = Vec::new();
        let limited = self.callers(|_, p| is_limited(p));
        for set in [policies.identity, policies.boundary, policies.session]
            .into_iter()
            .flatten()
        {
            self.denies_nothing(set, Some(&limited), &mut parts);
        }
        for set in [policies.resource, policies.endpoint].into_iter().flatten() {
            self.denies_nothing(set, None, &mut parts);
        }
        let service = self.callers(|layers, p| layers.service_control_applies(p));
        for level in policies.service_control {
            self.denies_nothing(level, Some(&service), &mut parts);
        }
        let resource = self.callers(|layers, p| layers.resource_control_applies(p));
        let mut by_resource = Vec::new();
        for level in policies.resource_control {
            self.denies_nothing(level, Some(&resource), &mut by_resource);
        }
        if !by_resource.is_empty() {
            let gives_up = self.action(GIVE_UP);
            let gives_up = self.model.literal(gives_up, Demand::True);
            let by_resource = self.model.all(by_resource);
            parts.push(self.model.any([gives_up, by_resource]));
        }
        self.model.all(parts)
    }

    fn denies_nothing(
        &mut self,
        set: &'p PolicySet,
        bears_on: Option<&[bool]>,
        parts: &mut Vec<NodeId>,
    ) {
        for statement in view::statements(set).filter(|s| s.effect() == Effect::Deny) {
            let applies = self.applies(statement, Grant::Delegated, Demand::NotFalse);
            let applies = match bears_on {
                Some(members) if members.contains(&false) => {
                    let member = self.caller_node(members.into());
                    self.model.all([member, applies])
                }
                _ => applies,
            };
            parts.push(self.model.not(applies));
        }
    }

    /// Some Allow of a layer applies and reaches the caller at least as strongly as `least`.
    pub(crate) fn grants(&mut self, set: &'p PolicySet, least: Grant) -> NodeId {
        let allows = view::statements(set).filter(|s| s.effect() == Effect::Allow);
        let parts: Vec<NodeId> = allows
            .map(|statement| self.applies(statement, least, Demand::True))
            .collect();
        self.model.any(parts)
    }

    /// A statement applies: surely (`True`), or surely or perhaps (`NotFalse`).
    pub(crate) fn applies(
        &mut self,
        statement: Statement<'p>,
        least: Grant,
        demand: Demand,
    ) -> NodeId {
        let mut parts = Vec::new();
        let has_boundary = self.stage.policies.boundary.is_some();
        let members = reached(self.samples, statement, has_boundary, least);
        parts.push(self.caller_node(members));
        let (atom, holds) = self.model.read_actions(&statement.actions());
        parts.push(self.polar(atom, holds));
        if let Some(resources) = statement.resources() {
            let (atom, holds) = self.model.read_resources(&resources);
            parts.push(self.polar(atom, holds));
        }
        for condition in statement.conditions() {
            let atom = self.model.read_condition(condition);
            parts.push(self.model.literal(atom, demand));
        }
        self.model.all(parts)
    }

    fn polar(&mut self, atom: AtomId, holds: bool) -> NodeId {
        let demand = if holds { Demand::True } else { Demand::False };
        self.model.literal(atom, demand)
    }

    fn callers(&self, is: impl Fn(&Self, &Principal) -> bool) -> Box<[bool]> {
        self.samples
            .iter()
            .map(|sample| is(self, sample.principal()))
            .collect()
    }

    /// "The caller is one of these."
    pub(crate) fn caller_node(&mut self, members: Box<[bool]>) -> NodeId {
        if members.iter().all(|member| *member) {
            return self.model.always();
        }
        if members.iter().all(|member| !*member) {
            return self.model.never();
        }
        let atom = self.model.atom(Atom::Caller(members));
        self.model.literal(atom, Demand::True)
    }

    fn is_same_account(&self, principal: &Principal) -> bool {
        match self.stage.owner {
            Owner::OfCaller => principal.account().is_some(),
            Owner::Account(owner) => principal.account() == Some(owner),
            Owner::Stranger => false,
        }
    }

    fn service_control_applies(&self, principal: &Principal) -> bool {
        principal.account().is_some()
            && principal.account() != self.stage.policies.management_account
            && !principal.is_service_linked()
    }

    fn resource_control_applies(&self, principal: &Principal) -> bool {
        let managed = self.stage.policies.management_account;
        let of_management = match self.stage.owner {
            Owner::OfCaller => managed.is_some() && principal.account() == managed,
            Owner::Account(owner) => managed == Some(owner),
            Owner::Stranger => false,
        };
        !of_management && !principal.is_service_linked()
    }
}

/// Whether identity-based policies, boundaries and session policies bear on a caller.
fn is_limited(principal: &Principal) -> bool {
    principal.account().is_some() && !matches!(principal, Principal::Root { .. })
}

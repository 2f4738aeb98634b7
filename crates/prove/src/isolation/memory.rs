//! Asking again after an edit: what was found of roles whose policies are as they were is found again.

use super::scope::Scope;
use super::shared::Noted;
use super::{Answer, Asked, Finding, Need, Role};
use crate::facts::Facts;
use crate::layers::{Owner, Stage};
use crate::tenancy::Tenancy;
use policy::text::{Source, Span};
use policy::{AccountId, NamedPolicy, PolicySet, PolicyType};
use std::sync::Arc;

/// What was found of roles, for the next time that the same is asked of them. Policies are told by their texts.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    asked: Option<(Tenancy, Facts, Facts)>,
    names: Vec<String>,
    roles: Vec<Remembered>,
}

/// What was found of one role.
#[derive(Clone, Debug)]
struct Remembered {
    own: Part,
    trust: Part,
    /// Whether its policies may allow an action.
    mentions: Vec<(String, bool)>,
}

/// What was found of the policies of a role, or of its trust policy.
#[derive(Clone, Debug)]
struct Part {
    written: Option<Written>,
    findings: Vec<Arc<Finding>>,
    needs: Vec<Need>,
    /// What was proved, by what bears on it.
    noted: Vec<Noted>,
}

/// The layers of a stage, as they were written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    owner: Owner,
    resource_type: PolicyType,
    management_account: Option<AccountId>,
    policies: Vec<(usize, Policy)>,
}

/// A policy, as it was written.
#[derive(Clone, Debug)]
struct Policy {
    name: Arc<str>,
    policy_type: PolicyType,
    source: Source,
    span: Span,
}

impl Memory {
    /// Answers whether the tenants that work with these roles are isolated from each other. Roles are asked about that are
    /// new or changed since this was asked before; all of them, where anything else is not as it was then.
    #[must_use]
    pub fn answer(&mut self, roles: &[Role<'_>], tenancy: Tenancy, facts: &Facts) -> Answer {
        let with_tenancy = self.recall(roles, &tenancy, facts);
        let mut asked = Asked::new(roles, &tenancy, &with_tenancy);
        for (at, role) in roles.iter().enumerate() {
            match self.roles.get_mut(at) {
                Some(known) => known.renew(&mut asked, role),
                None => self.roles.push(Remembered::ask(&mut asked, role)),
            }
        }
        let needs = self.needs(roles);
        let parts = self.roles.iter().flat_map(Remembered::parts);
        let findings = parts.flat_map(|part| part.findings.iter().cloned());
        let findings = findings.collect();
        Answer::new(tenancy, findings, needs)
    }

    /// Forgets what was found where something else was asked. Returns the facts, with those of the tenancy.
    fn recall(&mut self, roles: &[Role<'_>], tenancy: &Tenancy, facts: &Facts) -> Facts {
        // What a role may go on to depends on which roles there are.
        let same_names = self.names.iter().eq(roles.iter().map(|role| &role.name));
        if let Some((known, given, with_tenancy)) = &self.asked
            && same_names
            && known == tenancy
            && given.is_same(facts)
        {
            return with_tenancy.clone();
        }
        let mut with_tenancy = facts.clone();
        for fact in &tenancy.facts {
            with_tenancy.add(fact.fact());
        }
        *self = Self {
            asked: Some((tenancy.clone(), facts.clone(), with_tenancy.clone())),
            names: roles.iter().map(|role| role.name.clone()).collect(),
            roles: Vec::new(),
        };
        with_tenancy
    }

    /// What is still needed of all roles together.
    fn needs(&mut self, roles: &[Role<'_>]) -> Vec<Need> {
        let mut needs: Vec<Need> = Vec::new();
        let parts = self.roles.iter().flat_map(Remembered::parts);
        for need in parts.flat_map(|part| &part.needs) {
            if !needs.contains(need) {
                needs.push(need.clone());
            }
        }
        // What one role's policies do not grant, and another's do, was asked of the other.
        needs.retain(|need| {
            // Who may name a session is a trust policy's to say, whatever roles may do.
            let known = self.roles.iter_mut().zip(roles);
            let mut granted = known.map(|(known, role)| known.mentions(role, &need.action));
            need.action == "sts:SetSourceIdentity" || !granted.any(|granted| granted)
        });
        needs
    }
}

impl Remembered {
    fn ask<'p>(asked: &mut Asked<'_, 'p>, role: &Role<'p>) -> Self {
        Self {
            own: Part::own(asked, role),
            trust: Part::trust(asked, role),
            mentions: Vec::new(),
        }
    }

    /// Asks again about what is not as it was.
    fn renew<'p>(&mut self, asked: &mut Asked<'_, 'p>, role: &Role<'p>) {
        if !self.own.is_of(Some(&role.stage)) {
            asked.known = std::mem::take(&mut self.own.noted);
            self.own = Part::own(asked, role);
            asked.known.clear();
            self.mentions.clear();
        }
        if !self.trust.is_of(role.trust.as_ref()) {
            self.trust = Part::trust(asked, role);
        }
    }

    fn parts(&self) -> [&Part; 2] {
        [&self.own, &self.trust]
    }

    fn mentions(&mut self, role: &Role<'_>, action: &str) -> bool {
        if let Some((_, known)) = self.mentions.iter().find(|(known, _)| known == action) {
            return *known;
        }
        let found = Scope::of(&role.stage).mentions(action);
        self.mentions.push((action.to_owned(), found));
        found
    }
}

impl Part {
    fn own<'p>(asked: &mut Asked<'_, 'p>, role: &Role<'p>) -> Self {
        let scope = Scope::of(&role.stage);
        asked.access(role, &scope);
        asked.ownership(role, &scope);
        asked.identity(role, &scope);
        Self::found(asked, Some(&role.stage))
    }

    fn trust<'p>(asked: &mut Asked<'_, 'p>, role: &Role<'p>) -> Self {
        asked.trust(role);
        Self::found(asked, role.trust.as_ref())
    }

    /// Takes what was found.
    fn found(asked: &mut Asked<'_, '_>, stage: Option<&Stage<'_>>) -> Self {
        let findings = std::mem::take(&mut asked.findings);
        Self {
            written: stage.map(Written::new),
            findings: findings.into_iter().map(Arc::new).collect(),
            needs: std::mem::take(&mut asked.needs),
            noted: asked.noted.take(),
        }
    }

    fn is_of(&self, stage: Option<&Stage<'_>>) -> bool {
        match (&self.written, stage) {
            (None, None) => true,
            (Some(written), Some(stage)) => written.is_of(stage),
            _ => false,
        }
    }
}

/// Every policy of a stage, with the number of its layer.
fn policies<'r>(stage: &'r Stage<'_>) -> impl Iterator<Item = (usize, &'r NamedPolicy)> {
    let own = &stage.policies;
    let single = [
        own.identity,
        own.boundary,
        own.session,
        own.resource,
        own.endpoint,
    ];
    let levels = own.service_control.len();
    let layers = single.into_iter().enumerate();
    let layers = layers.filter_map(|(number, set)| Some((number, set?)));
    let first = single.len();
    let levelled = own
        .service_control
        .iter()
        .chain(own.resource_control)
        .enumerate();
    // Levels of the two kinds are numbered apart.
    let levelled = levelled.map(move |(at, set)| match at < levels {
        true => (first + 2 * at, set),
        false => (first + 2 * (at - levels) + 1, set),
    });
    let all = |(number, set): (usize, &'r PolicySet)| {
        let policies: &'r [NamedPolicy] = set.policies();
        policies.iter().map(move |policy| (number, policy))
    };
    layers.chain(levelled).flat_map(all)
}

impl Written {
    pub(super) fn new(stage: &Stage<'_>) -> Self {
        let policy = |(layer, policy): (usize, &NamedPolicy)| {
            let written = Policy {
                name: policy.name.clone(),
                policy_type: policy.document.policy_type,
                source: policy.document.source.clone(),
                span: policy.document.span,
            };
            (layer, written)
        };
        Self {
            owner: stage.owner,
            resource_type: stage.resource_type,
            management_account: stage.policies.management_account,
            policies: policies(stage).map(policy).collect(),
        }
    }

    pub(super) fn is_of(&self, stage: &Stage<'_>) -> bool {
        let mut now = policies(stage);
        let same = |(layer, known): &(usize, Policy)| {
            now.next().is_some_and(|(number, policy)| {
                let document = &policy.document;
                number == *layer
                    && policy.name == known.name
                    && document.policy_type == known.policy_type
                    && document.span == known.span
                    && document.source == known.source
            })
        };
        self.policies.iter().all(same)
            && now.next().is_none()
            && stage.owner == self.owner
            && stage.resource_type == self.resource_type
            && stage.policies.management_account == self.management_account
    }
}

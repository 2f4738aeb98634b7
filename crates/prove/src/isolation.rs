//! Isolation: whether a tenant can ever reach what belongs to another.
//!
//! Three obligations, each over all layers of policies, and only all three together mean *ever*:
//!
//! - **access**: no request that is allowed reaches what belongs to somebody else than its caller;
//! - **ownership**: nobody can change, or claim at creation, whose a thing is, so that what access was proved of stays so;
//! - **identity**: nobody gets a session that bears another's name, or that has policies of which nothing was proved: the
//!   roles form a graph, and every role that a session can come to is looked at or named.
//!
//! Tenants are not counted: caller and owner are two symbols, so that one proof holds for any number of them.

mod actions;
mod answer;
mod breach;
mod by_name;
mod described;
mod fix;
mod identity;
mod memory;
mod ownership;
mod readable;
mod report;
mod scope;
mod shared;

pub use answer::{Answer, Finding, Need, Obligation};
pub use by_name::by_name;
pub use fix::Fix;
pub use memory::Memory;

use crate::case::case;
use crate::facts::Facts;
use crate::layers::Stage;
use crate::question::{Question, every};
use crate::tenancy::{Mark, Owned, Tenancy};
use crate::verdict::{Proof, Verdict};
use actions::Listed;
use breach::Breach;
use policy::Principal;
use scope::{About, Scope};
use shared::{Kind, Noted, Shared, Slice};
use std::cell::RefCell;

/// A role, with all policies that bear on its sessions.
#[derive(Clone, Debug)]
pub struct Role<'p> {
    /// Its name; empty where there is one role whose name does not matter.
    pub name: String,
    /// The layers.
    pub stage: Stage<'p>,
    /// Its trust policy, with the layers that bear on who assumes it.
    pub trust: Option<Stage<'p>>,
}

/// Answers whether the tenants that work with these roles are isolated from each other.
#[must_use]
pub fn answer(roles: &[Role<'_>], tenancy: Tenancy, facts: &Facts) -> Answer {
    Memory::default().answer(roles, tenancy, facts)
}

/// What was asked so far.
struct Asked<'a, 'p> {
    roles: &'a [Role<'p>],
    tenancy: &'a Tenancy,
    facts: &'a Facts,
    findings: Vec<Finding>,
    needs: Vec<Need>,
    listed: Listed,
    /// What was proved of other roles.
    shared: Shared<'p>,
    /// What was proved of the role before it was changed.
    known: Vec<Noted>,
    /// What was proved of the role.
    noted: RefCell<Vec<Noted>>,
}

impl<'a, 'p> Asked<'a, 'p> {
    fn new(roles: &'a [Role<'p>], tenancy: &'a Tenancy, facts: &'a Facts) -> Self {
        Self {
            roles,
            tenancy,
            facts,
            findings: Vec::new(),
            needs: Vec::new(),
            listed: Listed::default(),
            shared: Shared::default(),
            known: Vec::new(),
            noted: RefCell::default(),
        }
    }

    /// A kind of request that has nothing special so far.
    fn breach(&self) -> Breach<'_> {
        Breach {
            tenancy: self.tenancy,
            facts: self.facts,
            actions: None,
            theirs: Vec::new(),
            more: Vec::new(),
            pins: Vec::new(),
        }
    }

    fn access(&mut self, role: &Role<'p>, scope: &Scope<'p>) {
        for owned in &self.tenancy.owned {
            let actions = match &owned.by {
                Mark::Resource(template) => actions::on_arn(scope, template),
                Mark::Key { key, .. } => actions::that_give(scope, &self.listed, key),
                Mark::Tag { key, services, .. } => Some(actions::on_tagged(scope, key, services)),
            };
            let breach = Breach {
                actions,
                theirs: vec![owned.by.clone()],
                ..self.breach()
            };
            let claim = format!("no tenant reaches another's {}", self.named(owned));
            let finding = self.ask_of(Obligation::Access, role, scope, claim, &breach);
            self.findings.push(finding);
        }
    }

    /// How a thing is called.
    fn named(&self, owned: &Owned) -> String {
        let written = owned.by.template().written(&self.tenancy.identity);
        match &owned.by {
            Mark::Resource(_) => format!("`{written}`"),
            Mark::Tag { key, .. } => format!("resources with the tag `{key}` = `{written}`"),
            Mark::Key { key, .. } => format!("`{key}` = `{written}`"),
        }
    }

    /// Asks whether a kind of request is ever allowed by a role's own policies.
    fn ask_of(
        &self,
        obligation: Obligation,
        role: &Role<'p>,
        scope: &Scope<'p>,
        claim: String,
        breach: &Breach<'_>,
    ) -> Finding {
        match scope.about(breach) {
            Some(about) if about.allows.is_empty() && !self.facts.is_certified() => {
                plainly(obligation, role, claim, Proof::default())
            }
            Some(about) => self.ask_shared((obligation, role, &role.stage), claim, breach, about),
            None => self.ask(obligation, role, &role.stage, claim, breach),
        }
    }

    /// Asks, where it is not known already of a role that may do as much. `about` are the statements of identity-based policies
    /// that may apply.
    fn ask_shared(
        &self,
        (obligation, role, stage): (Obligation, &Role<'p>, &Stage<'p>),
        claim: String,
        breach: &Breach<'_>,
        about: About<'p>,
    ) -> Finding {
        // A certificate shows the reasons for this role.
        if self.facts.is_certified() {
            return self.ask(obligation, role, stage, claim, breach);
        }
        let kind = Kind {
            claim: claim.clone(),
            actions: breach.actions.clone(),
            theirs: breach.theirs.clone(),
            more: breach.more.clone(),
        };
        let slice = Slice::new(*stage, about);
        let mut known = self.known.iter();
        let known = known.find_map(|noted| noted.proof(&kind, &slice)).cloned();
        let known = known.or_else(|| self.shared.proof(&kind, &slice));
        let is_new = known.is_none();
        let finding = match known {
            Some(proof) => plainly(obligation, role, claim, proof),
            None => self.ask(obligation, role, stage, claim, breach),
        };
        if let Verdict::Proved(proof) = &finding.verdict {
            let noted = Noted::new(kind.clone(), &slice, proof);
            self.noted.borrow_mut().extend(noted);
            if is_new {
                self.shared.keep(kind, slice, proof);
            }
        }
        finding
    }

    /// Asks whether a kind of request is ever allowed.
    fn ask(
        &self,
        obligation: Obligation,
        role: &Role<'p>,
        stage: &Stage<'p>,
        claim: String,
        breach: &Breach<'_>,
    ) -> Finding {
        let question = Question {
            beyond: Some(breach),
            caller: is_tenant,
            ..every(*stage)
        };
        let mut verdict = question.answer(self.facts);
        if let Verdict::Unknown { .. } = verdict
            && let Some(found) = readable::between_known(&question, breach, self.facts)
        {
            verdict = Verdict::Violated(Box::new(found));
        }
        if let Verdict::Violated(replayed) = &mut verdict
            && let Some(better) =
                readable::read_well(&question, breach, replayed.request(), self.facts)
        {
            **replayed = better;
        }
        if let Verdict::Violated(replayed) = &mut verdict
            && let Some(named) = readable::with_role(&question, &role.name, replayed.request())
        {
            **replayed = named;
        }
        let violation = verdict.violation();
        let case = violation.map(|replayed| case(stage, replayed.request()));
        let owner = violation.and_then(|replayed| breach.owner(replayed.request()));
        let names = self.tenancy.identity.iter().map(|key| key.name.clone());
        let owner = names.zip(owner.unwrap_or_default());
        let fixes = violation.map(|replayed| fix::find(stage, breach, replayed, self.facts));
        Finding {
            obligation,
            role: role.name.clone(),
            claim,
            owner: owner
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            verdict,
            case,
            fixes: fixes.unwrap_or_default(),
        }
    }
}

/// Whether somebody can be a tenant: an account's root user is its owner.
fn is_tenant(principal: &Principal) -> bool {
    !matches!(principal, Principal::Root { .. })
}

/// A claim that is proved without being asked.
fn plainly(obligation: Obligation, role: &Role<'_>, claim: String, proof: Proof) -> Finding {
    Finding {
        obligation,
        role: role.name.clone(),
        claim,
        verdict: Verdict::Proved(Box::new(proof)),
        case: None,
        owner: Vec::new(),
        fixes: Vec::new(),
    }
}

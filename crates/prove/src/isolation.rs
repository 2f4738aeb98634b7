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
mod fix;
mod identity;
mod ownership;
mod readable;
mod report;
mod scope;
mod shared;

pub use answer::{Answer, Finding, Need, Obligation};
pub use by_name::by_name;
pub use fix::Fix;

use crate::case::case;
use crate::facts::Facts;
use crate::layers::Stage;
use crate::question::{Question, every};
use crate::tenancy::{Mark, Owned, Tenancy};
use crate::verdict::Verdict;
use actions::Listed;
use breach::Breach;
use scope::Scope;
use shared::Shared;

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
    let mut facts = facts.clone();
    for fact in &tenancy.facts {
        facts.add(fact.fact());
    }
    let mut asked = Asked::new(roles, &tenancy, &facts);
    let scopes: Vec<Scope<'_>> = roles.iter().map(|role| Scope::of(&role.stage)).collect();
    for (role, scope) in roles.iter().zip(&scopes) {
        asked.access(role, scope);
        asked.ownership(role, scope);
        asked.identity(role, scope);
    }
    let (findings, mut needs) = (asked.findings, asked.needs);
    // What one role's policies do not grant, and another's do, was asked of the other.
    needs.retain(|need| {
        // Who may name a session is a trust policy's to say, whatever roles may do.
        need.action == "sts:SetSourceIdentity"
            || !scopes.iter().any(|scope| scope.mentions(&need.action))
    });
    Answer::new(tenancy, findings, needs)
}

/// What was asked so far.
struct Asked<'a, 'p> {
    roles: &'a [Role<'p>],
    tenancy: &'a Tenancy,
    facts: &'a Facts,
    findings: Vec<Finding>,
    needs: Vec<Need>,
    listed: Listed,
    shared: Shared<'p>,
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
        // A certificate shows the reasons for this role.
        let leading = scope
            .leading_to(breach)
            .filter(|_| !self.facts.is_certified());
        let Some(leading) = leading else {
            return self.ask(obligation, role, &role.stage, claim, breach);
        };
        let kind = shared::Kind {
            claim: claim.clone(),
            actions: breach.actions.clone(),
            theirs: breach.theirs.clone(),
            more: breach.more.clone(),
        };
        let slice = shared::Slice::new(role.stage, leading);
        let known = match slice.allows_nothing() {
            true => Some(Verdict::Proved(Box::default())),
            false => self.shared.proof(&kind, &slice),
        };
        if let Some(verdict) = known {
            return Finding {
                obligation,
                role: role.name.clone(),
                claim,
                verdict,
                case: None,
                owner: Vec::new(),
                fixes: Vec::new(),
            };
        }
        let finding = self.ask(obligation, role, &role.stage, claim, breach);
        if let Verdict::Proved(proof) = &finding.verdict {
            self.shared.keep(kind, slice, proof);
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
            ..every(*stage)
        };
        let mut verdict = question.answer(self.facts);
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

//! A question about all requests: is there one that some layers allow, that others deny, and that is of some kind?

mod ask;
mod assumptions;
mod deputy;
mod owner;
mod plain;
mod readable;
mod replay;
mod strangers;

pub(crate) use ask::every;
pub use ask::{Blamed, alone, no_new_access, not_granted, public};
pub use deputy::{Trusted, deputy, plausible};
pub(crate) use plain::allows_no_more;
pub use replay::Replayed;
pub use strangers::strangers;

use crate::budget::NODES;
use crate::caller::{self, Caller, Names, Who};
use crate::certificate::Certificate;
use crate::facts::Facts;
use crate::layers::{Layers, Stage};
use crate::model::{Model, NodeId};
use crate::search::{Outcome, Search};
use crate::verdict::{Proof, Verdict};
use crate::witness;
use policy::view::{self, Grant};
use policy::{PolicySet, Principal, Request};
use std::fmt;

/// A question about all requests; a request that is all of this violates what is asked.
#[derive(Clone, Debug)]
pub struct Question<'p> {
    /// These layers allow the request.
    pub allowed: Stage<'p>,
    /// These layers deny it.
    pub denied: Option<Stage<'p>>,
    /// An Allow of each of these applies to it: policies that say what kind of request is meant, and grant nothing.
    pub within: Vec<&'p PolicySet>,
    /// The caller is of this kind.
    pub caller: fn(&Principal) -> bool,
    /// Whether callers other than users and roles are looked at.
    pub everybody: bool,
    /// Whether a policy must allow it: `sts:GetCallerIdentity` needs none.
    pub by_policy: bool,
    /// What else the request is, beyond what policies can say.
    pub beyond: Option<&'p dyn Beyond>,
}

/// What a request is beyond what policies can say, such as of whom it speaks.
pub trait Beyond: fmt::Debug + Sync {
    /// It, as a formula.
    fn formula(&self, model: &mut Model<'_>) -> NodeId;

    /// Takes facts into account about keys that are no part of requests.
    fn assume(&self, model: &mut Model<'_>, facts: &Facts);

    /// What it is, for certificates; `None` where only the formula says it.
    fn described(&self) -> Option<serde_json::Value> {
        None
    }

    /// Whether a request is of the kind.
    fn is_met_by(&self, request: &Request) -> bool;
}

/// The action that needs no permission and cannot be denied (STS API reference).
pub(crate) const WHO_AM_I: &str = "sts:GetCallerIdentity";

/// The action that resource control policies leave alone (Organizations User Guide, "Resource control policies").
pub(crate) const GIVE_UP: &str = "kms:RetireGrant";

/// A model and the formula of a question in it.
struct Posed<'p> {
    model: Model<'p>,
    formula: NodeId,
    /// What is beyond policies.
    beyond: Option<NodeId>,
}

impl<'p> Question<'p> {
    /// Answers the question, with these facts about condition keys.
    #[must_use]
    pub fn answer(&self, facts: &Facts) -> Verdict {
        if !facts.is_certified() && self.is_plain() {
            return Verdict::Proved(Box::default());
        }
        let posed = self.pose(facts);
        match Search::new(&posed.model, NODES).run(posed.formula) {
            Outcome::Unknown(reason) => Verdict::Unknown { reason },
            Outcome::Found(state) => {
                let request = witness::request(&posed.model, &self.allowed, &state);
                let readable = request.map(|request| self.readable(&posed.model, request));
                let replayed = readable.and_then(|request| Replayed::new(self, request));
                match replayed {
                    Some(replayed) => Verdict::Violated(Box::new(replayed)),
                    None => Verdict::Unknown {
                        reason: "the engine does not confirm the request that was found".into(),
                    },
                }
            }
            Outcome::Closed(tree) => {
                let certificate = facts.is_certified().then(|| {
                    let (formula, beyond) = (posed.formula, posed.beyond);
                    Certificate::new(self, &posed.model, formula, beyond, tree.clone())
                });
                let assumptions = assumptions::of(posed.model, &tree);
                Verdict::Proved(Box::new(Proof {
                    assumptions,
                    trees: vec![tree],
                    certificates: certificate.into_iter().collect(),
                }))
            }
        }
    }

    /// Whether the question is proved (`true`) or violated (`false`), without what the proof assumes and without an example;
    /// `None` where neither is known.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> Option<bool> {
        if self.is_plain() {
            return Some(true);
        }
        let posed = self.pose(facts);
        match Search::new(&posed.model, NODES).run(posed.formula) {
            Outcome::Closed(_) => Some(true),
            Outcome::Found(state) => {
                let request = witness::request(&posed.model, &self.allowed, &state)?;
                self.is_violated_by(&request).then_some(false)
            }
            Outcome::Unknown(_) => None,
        }
    }

    /// Why the question is proved with these facts, for somebody else to check; `None` where it is not proved.
    #[must_use]
    pub fn certificate(&self, facts: &Facts) -> Option<Certificate> {
        let posed = self.pose(facts);
        match Search::new(&posed.model, NODES).run(posed.formula) {
            Outcome::Closed(tree) => {
                let (formula, beyond) = (posed.formula, posed.beyond);
                let written = Certificate::new(self, &posed.model, formula, beyond, tree);
                Some(written)
            }
            Outcome::Found(_) | Outcome::Unknown(_) => None,
        }
    }

    /// A request that violates what is asked, as the engine says; without the work of a proof.
    pub(crate) fn find(&self, facts: &Facts) -> Option<Replayed> {
        let posed = self.pose(facts);
        match Search::new(&posed.model, NODES).run(posed.formula) {
            Outcome::Found(state) => {
                let request = witness::request(&posed.model, &self.allowed, &state)?;
                Replayed::new(self, self.readable(&posed.model, request))
            }
            Outcome::Closed(_) | Outcome::Unknown(_) => None,
        }
    }

    /// Whether the engine says that a request violates what is asked.
    #[must_use]
    pub fn is_violated_by(&self, request: &Request) -> bool {
        let within = |set: &&PolicySet| {
            view::statements(set).any(|s| s.applies(request, false) == view::Truth::True)
        };
        let needs_none = request.action().as_str().eq_ignore_ascii_case(WHO_AM_I);
        !(self.by_policy && needs_none)
            && (self.caller)(request.principal())
            && policy::decide(&self.allowed.policies, request).is_allow()
            && self
                .denied
                .is_none_or(|stage| !policy::decide(&stage.policies, request).is_allow())
            && self.within.iter().all(within)
            && self.beyond.is_none_or(|beyond| beyond.is_met_by(request))
    }

    /// What follows from whose the resource is, where the policies ask for its account.
    pub(crate) fn about_owner(&self, model: &Model<'_>) -> Option<&'static PolicySet> {
        model.find_key(owner::ACCOUNT)?;
        owner::about(self.allowed.owner)
    }

    fn pose(&self, facts: &Facts) -> Posed<'p> {
        let mut names = Names::default();
        let stages = [Some(&self.allowed), self.denied.as_ref()];
        let stages: Vec<&Stage<'p>> = stages.into_iter().flatten().collect();
        let sets = stages.iter().flat_map(|stage| stage.sets());
        for set in sets.chain(self.within.iter().copied()) {
            view::statements(set).for_each(|statement| names.read(statement));
        }
        for stage in &stages {
            if let crate::layers::Owner::Account(account) = stage.owner {
                names.accounts.insert(account);
            }
            names.accounts.extend(stage.policies.management_account);
        }
        let who = match self.everybody {
            true => Who::Everybody,
            false => Who::Identities,
        };
        let cast = caller::cast(&names, who, self.caller);
        let of_kind = |(caller, _): &&(Caller, Request)| (self.caller)(&caller.principal);
        let (callers, samples): (Vec<&Caller>, Vec<&Request>) = cast
            .iter()
            .filter(of_kind)
            .map(|(caller, sample)| (caller, sample))
            .unzip();
        let mut model = Model::default();
        let mut parts = Vec::new();
        let mut layers = Layers {
            model: &mut model,
            samples: &samples,
            stage: self.allowed,
        };
        for set in &self.within {
            parts.push(layers.grants(set, Grant::Delegated));
        }
        parts.push(match self.by_policy {
            true => layers.allowed_by_policy(),
            false => layers.allowed(),
        });
        if let Some(stage) = self.denied {
            layers.stage = stage;
            let allowed = match self.by_policy {
                true => layers.allowed_by_policy(),
                false => layers.allowed(),
            };
            parts.push(model.not(allowed));
        }
        if let Some(own) = self.about_owner(&model) {
            let mut layers = Layers {
                model: &mut model,
                samples: &samples,
                stage: self.allowed,
            };
            parts.push(layers.grants(own, Grant::Delegated));
        }
        let beyond = self.beyond.map(|beyond| beyond.formula(&mut model));
        parts.extend(beyond);
        let formula = match callers.is_empty() {
            true => model.never(),
            false => model.all(parts),
        };
        model.bind_callers(callers.into_iter().cloned().collect(), &names);
        model.assume(facts);
        if let Some(beyond) = self.beyond {
            beyond.assume(&mut model, facts);
        }
        Posed {
            model,
            formula,
            beyond,
        }
    }
}

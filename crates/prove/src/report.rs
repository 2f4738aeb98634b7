//! What is shown of an answer.

mod human;
mod json;
mod junit;
mod sarif;

pub use human::describe;
pub(crate) use human::violation;
pub(crate) use json::blamed;

use crate::case::case;
use crate::certificate::Certificate;
use crate::fix::{self, Candidate, Fix};
use crate::isolation;
use crate::question::{Blamed, Question};
use crate::verdict::{Proof, Verdict};
use policy::NamedPolicy;
use serde_json::Value;

/// The answer to one question, ready to be shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// A short name, where the question is one of several.
    pub id: Option<String>,
    /// The question, as the sentence that is proved or violated.
    pub question: String,
    /// The answer.
    pub outcome: Outcome,
    /// The request that shows otherwise, with its policies, as `palisade simulate` reads it.
    pub case: Option<Value>,
    /// A change of the policy with which it is proved.
    pub fix: Option<Fix>,
    /// The answers of which this one is made.
    pub parts: Vec<Report>,
    /// Where the question was isolation: all that was found.
    pub isolation: Option<Box<isolation::Answer>>,
}

/// What a question came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has an answer about all requests, or none.
    Verdict(Verdict),
    /// It is violated, and no request shows it.
    Dead {
        /// These statements never matter.
        statements: Vec<Blamed>,
        /// Why, for others to check; empty unless the facts are [certified](crate::Facts::certified).
        certificates: Vec<Certificate>,
    },
}

impl Outcome {
    /// `proved`, `violated` or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verdict(verdict) => verdict.name(),
            Self::Dead { .. } => "violated",
        }
    }
}

impl Report {
    /// The report of an answer.
    #[must_use]
    pub fn new(sentence: impl Into<String>, question: &Question<'_>, verdict: Verdict) -> Self {
        let case = verdict
            .violation()
            .map(|replayed| case(&question.allowed, replayed.request()));
        Self {
            case,
            ..Self::of(sentence, Outcome::Verdict(verdict))
        }
    }

    /// The report of an outcome without a request.
    #[must_use]
    pub fn of(sentence: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            id: None,
            question: sentence.into(),
            outcome,
            case: None,
            fix: None,
            parts: Vec::new(),
            isolation: None,
        }
    }

    /// The report with a change of the policy with which the question is proved, if it is violated and one is known.
    /// `ask` asks the same of a changed policy.
    #[must_use]
    pub fn with_fix(
        mut self,
        policy: &NamedPolicy,
        target: Option<(&str, &str)>,
        ask: impl Fn(NamedPolicy) -> Verdict,
    ) -> Self {
        let Outcome::Verdict(Verdict::Violated(replayed)) = &self.outcome else {
            return self;
        };
        let mut candidates = fix::narrower(policy, replayed.blame());
        if let Some((action, resource)) = target {
            let deny = fix::with_deny(policy, action, resource);
            candidates = deny.into_iter().chain(candidates).collect();
        }
        let proved = |candidate: &Candidate| {
            candidate
                .policy(policy)
                .is_some_and(|changed| ask(changed).is_proved())
        };
        self.fix = candidates.into_iter().find(proved).map(Candidate::proved);
        self
    }

    /// Why what it says holds, for others to check: that of a proof, and that of each statement that never matters.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        match &self.outcome {
            Outcome::Verdict(Verdict::Proved(proof)) => proof.certificates.clone(),
            Outcome::Dead { certificates, .. } if self.parts.is_empty() => certificates.clone(),
            Outcome::Dead { .. } => {
                let dead = |part: &&Self| matches!(part.outcome, Outcome::Dead { .. });
                let parts = self.parts.iter().filter(dead);
                parts.flat_map(Self::certificates).collect()
            }
            Outcome::Verdict(_) => Vec::new(),
        }
    }

    /// The report with a short name.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The report of several questions, all of which are to hold: the worst of their answers.
    #[must_use]
    pub fn joined(sentence: impl Into<String>, parts: Vec<Self>) -> Self {
        let worst = ["violated", "unknown"]
            .iter()
            .find_map(|name| parts.iter().find(|part| part.outcome.name() == *name));
        let (outcome, case) = match worst {
            Some(part) => (part.outcome.clone(), part.case.clone()),
            None => (Outcome::Verdict(all_proved(&parts)), None),
        };
        Self {
            case,
            parts,
            ..Self::of(sentence, outcome)
        }
    }
}

/// The proof of all together.
fn all_proved(parts: &[Report]) -> Verdict {
    let mut proof = Proof {
        assumptions: Vec::new(),
        trees: Vec::new(),
        certificates: Vec::new(),
    };
    for part in parts {
        if let Outcome::Verdict(Verdict::Proved(own)) = &part.outcome {
            for fact in &own.assumptions {
                if !proof.assumptions.contains(fact) {
                    proof.assumptions.push(fact.clone());
                }
            }
            proof.trees.extend(own.trees.iter().cloned());
            proof.certificates.extend(own.certificates.iter().cloned());
        }
    }
    Verdict::Proved(Box::new(proof))
}

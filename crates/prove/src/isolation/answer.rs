//! The answer: what holds for each obligation, what it rests on, and what is still needed.

use crate::facts::Fact;
use crate::tenancy::Tenancy;
use crate::verdict::Verdict;
use serde_json::Value;
use std::sync::Arc;

/// One of the three things that together mean that no tenant ever reaches what is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obligation {
    /// No request that is allowed reaches what belongs to somebody else.
    Access,
    /// Nobody can change whose a thing is.
    Ownership,
    /// Nobody gets a session that bears another's name, or one of which nothing was proved.
    Identity,
}

impl Obligation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Access, Self::Ownership, Self::Identity];

    /// `access`, `ownership` or `identity`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Ownership => "ownership",
            Self::Identity => "identity",
        }
    }
}

/// What was found of one claim.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is part of.
    pub obligation: Obligation,
    /// The role whose sessions it is about; empty where there is only one.
    pub role: String,
    /// The claim, in a sentence.
    pub claim: String,
    /// The answer.
    pub verdict: Verdict,
    /// The request that shows otherwise, with its policies, as `palisade simulate` reads it.
    pub case: Option<Value>,
    /// To whom what it reaches belongs: names and values of identity keys.
    pub owner: Vec<(String, String)>,
    /// Changes with which it is proved.
    pub fixes: Vec<super::Fix>,
}

/// What was not among the policies, and decides an obligation as soon as some policy grants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The obligation.
    pub obligation: Obligation,
    /// The action.
    pub action: String,
    /// What is to be seen to.
    pub why: String,
}

/// Whether tenants are isolated from each other.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Who the tenants are and what is whose.
    pub tenancy: Tenancy,
    /// What was found, claim by claim.
    pub findings: Vec<Arc<Finding>>,
    /// What is still to be seen to.
    pub needs: Vec<Need>,
}

impl Answer {
    pub(super) fn new(
        tenancy: Tenancy,
        mut findings: Vec<Arc<Finding>>,
        mut needs: Vec<Need>,
    ) -> Self {
        findings.sort_by_key(|finding| finding.obligation);
        needs.sort_by_key(|need| need.obligation);
        Self {
            tenancy,
            findings,
            needs,
        }
    }

    /// What was found of an obligation.
    pub fn of(&self, obligation: Obligation) -> impl Iterator<Item = &Finding> {
        let own = move |finding: &&Finding| finding.obligation == obligation;
        self.findings.iter().map(Arc::as_ref).filter(own)
    }

    /// `proved`, `violated` or `unknown`: of one obligation, or of all.
    #[must_use]
    pub fn verdict(&self, obligation: Option<Obligation>) -> &'static str {
        let own = |finding: &&Arc<Finding>| obligation.is_none_or(|own| own == finding.obligation);
        let mut names = self
            .findings
            .iter()
            .filter(own)
            .map(|finding| finding.verdict.name());
        let all: Vec<&str> = names.by_ref().collect();
        match () {
            () if all.contains(&"violated") => "violated",
            () if all.contains(&"unknown") => "unknown",
            () => "proved",
        }
    }

    /// The first claim that does not hold.
    #[must_use]
    pub fn violation(&self) -> Option<&Finding> {
        let mut findings = self.findings.iter().map(Arc::as_ref);
        findings.find(|finding| finding.verdict.violation().is_some())
    }

    /// The facts that proofs rest on, each once.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Arc<Fact>> {
        let mut all: Vec<Arc<Fact>> = Vec::new();
        for finding in &self.findings {
            if let Verdict::Proved(proof) = &finding.verdict {
                for fact in &proof.assumptions {
                    if !all.contains(fact) {
                        all.push(fact.clone());
                    }
                }
            }
        }
        all
    }
}

//! Checks the certificates of proofs about policies.
//!
//! A certificate says that no request is of some kind, such as "allowed by the new policies and not by the old", and why.
//! This crate shares nothing with the prover that writes them: it reads the policies in the certificate again, makes the
//! formula of the question from them by the rules of evaluation, and follows the reasons: every split must name all ways in
//! which a formula can hold, and every leaf literals that no request meets, which automata that follow whole sets of places
//! show. What it cannot see to be true it refuses; a wrong proof passes only where the prover and this crate are mistaken
//! alike.

mod automaton;
mod callers;
mod data;
mod domain;
mod formula;
mod leaf;
mod read;
mod tied;
mod tree;
mod wanted;

use data::Certificate;
use serde_json::Value;
use std::fmt;

/// What a certificate shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The leaves that were checked.
    pub leaves: usize,
    /// The facts about condition keys that were taken as given: identifier, key and source.
    pub facts: Vec<(String, String, String)>,
    /// Whether the certificate says itself, in part, what kind of request is meant, beyond what policies say.
    pub beyond: bool,
    /// The policies it is about: the layer and the name of each.
    pub policies: Vec<(String, String)>,
}

/// Why a certificate does not show what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub(crate) String);

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn refuse<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(reason.into()))
}

/// Checks a certificate.
///
/// # Errors
/// Where it is no certificate, where its formula is not that of its policies, and where a reason does not hold or is not
/// seen to.
pub fn check(certificate: &Value) -> Result<Checked, Refusal> {
    let certificate: Certificate = serde::Deserialize::deserialize(certificate)
        .map_err(|error| Refusal(format!("it is no certificate: {error}")))?;
    if certificate.version != data::VERSION {
        return refuse(format!(
            "it has version {} and not {}",
            certificate.version,
            data::VERSION
        ));
    }
    formula::check(&certificate)?;
    let leaves = tree::check(&certificate)?;
    let mut facts = Vec::new();
    for fact in certificate.keys.iter().flat_map(|key| &key.facts) {
        let known = (fact.id.clone(), fact.key.clone(), fact.source.clone());
        if !facts.contains(&known) {
            facts.push(known);
        }
    }
    Ok(Checked {
        leaves,
        facts,
        beyond: certificate.question.beyond.is_some(),
        policies: certificate.question.policies(),
    })
}

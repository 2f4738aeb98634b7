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
mod claim;
mod data;
mod domain;
mod formula;
mod leaf;
mod read;
mod tenancy;
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
    /// The policies it is about.
    pub policies: Vec<About>,
    /// What is proved, as a sentence.
    pub claim: String,
}

/// A policy that a certificate is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The layer that it is part of.
    pub layer: String,
    /// Its name, which says nothing of what is in it.
    pub name: String,
    /// The policy.
    pub text: String,
}

impl About {
    /// What it allows, where it is only supposed: the identity-based policies where a question is not about them allow
    /// everything, to everybody or to callers of other accounts than the owner's.
    #[must_use]
    pub fn supposed(&self) -> Option<String> {
        let policy: Value = serde_json::from_str(&self.text).ok()?;
        let statement = only(policy.get("Statement")?)?.as_object()?;
        let is = |element: &str, text: &str| {
            let value = statement.get(element).and_then(only);
            value.and_then(Value::as_str) == Some(text)
        };
        let all = self.layer == "identity"
            && is("Effect", "Allow")
            && is("Action", "*")
            && is("Resource", "*");
        let known = ["Effect", "Action", "Resource", "Condition"];
        if !all || statement.keys().any(|key| !known.contains(&key.as_str())) {
            return None;
        }
        let Some(condition) = statement.get("Condition") else {
            return Some("everything".to_owned());
        };
        let [(operator, keys)] = members(condition)?;
        let [(key, owner)] = members(keys)?;
        let owner = only(owner)?.as_str()?;
        let is_others = operator == "StringNotEquals" && key == "aws:PrincipalAccount";
        is_others.then(|| format!("everything to callers of other accounts than {owner}"))
    }
}

/// A value, or the one of a list.
fn only(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(all) if all.len() == 1 => all.first(),
        Value::Array(_) => None,
        other => Some(other),
    }
}

/// The only member of an object.
fn members(value: &Value) -> Option<[(&str, &Value); 1]> {
    let all: Vec<_> = value
        .as_object()?
        .iter()
        .map(|(k, v)| (k.as_str(), v))
        .collect();
    all.try_into().ok()
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
        beyond: certificate.question.beyond.is_some() && certificate.question.breach.is_none(),
        policies: certificate.question.policies(),
        claim: claim::of(&certificate.question),
    })
}

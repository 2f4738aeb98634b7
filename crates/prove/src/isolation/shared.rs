//! Proofs about one role that hold for others too.
//!
//! Few of a role's statements can apply to a request of a kind. Where its Allows are within those of another role of which
//! it was proved that nothing of the kind is allowed, its Denies take in those of the other, and every other layer allows no
//! more, nothing of the kind is allowed either: what is allowed grows with the Allows and shrinks with the Denies of each
//! layer.

use super::breach::More;
use super::memory::Written;
use super::scope::About;
use crate::layers::Stage;
use crate::question::allows_no_more;
use crate::tenancy::Mark;
use crate::verdict::Proof;
use policy::PolicyType;
use policy::document::Version;
use policy::text::{Source, Span};
use policy::view::Statement;
use std::cell::RefCell;
use std::collections::HashMap;

/// A kind of request, for one tenancy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) claim: String,
    pub(super) actions: Option<Vec<String>>,
    pub(super) theirs: Vec<Mark>,
    pub(super) more: Vec<More>,
}

/// What of a role's layers bears on requests of a kind.
pub(super) struct Slice<'p> {
    /// The statements of its identity-based policies that may apply.
    own: About<'p>,
    /// The other layers.
    others: Stage<'p>,
}

impl<'p> Slice<'p> {
    pub(super) fn new(stage: Stage<'p>, own: About<'p>) -> Self {
        let mut others = stage;
        others.policies.identity = None;
        Self { own, others }
    }

    fn is_within(&self, other: &Slice<'_>) -> bool {
        let within = |some: &[Statement<'_>], others: &[Statement<'_>]| {
            some.iter()
                .all(|one| others.iter().any(|all| one.is_within(*all)))
        };
        within(&self.own.allows, &other.own.allows)
            && within(&other.own.denies, &self.own.denies)
            && allows_no_more(&self.others, &other.others)
    }
}

/// A slice as it was written, and what was proved of it.
#[derive(Clone, Debug)]
pub(super) struct Noted {
    kind: Kind,
    allows: Vec<Text>,
    denies: Vec<Text>,
    others: Written,
    proof: Proof,
}

/// A statement's text, the version of the language in which it is read, and the type of its policy.
type Text = (Source, Span, Option<Version>, PolicyType);

fn text(statement: Statement<'_>) -> Option<Text> {
    let document = statement.document()?;
    Some((
        document.source.clone(),
        statement.written()?.span,
        document.version.as_ref().map(|version| version.value),
        document.policy_type,
    ))
}

fn is_text((source, span, version, policy_type): &Text, statement: Statement<'_>) -> bool {
    let same = || {
        let document = statement.document()?;
        let own = document.source.slice(statement.written()?.span);
        let kind = (
            document.version.as_ref().map(|version| version.value),
            document.policy_type,
        );
        Some(source.slice(*span) == own && kind == (*version, *policy_type))
    };
    same().unwrap_or(false)
}

impl Noted {
    /// `None` where a statement has no text.
    pub(super) fn new(kind: Kind, slice: &Slice<'_>, proof: &Proof) -> Option<Self> {
        let texts = |statements: &[Statement<'_>]| {
            statements
                .iter()
                .map(|one| text(*one))
                .collect::<Option<Vec<Text>>>()
        };
        Some(Self {
            kind,
            allows: texts(&slice.own.allows)?,
            denies: texts(&slice.own.denies)?,
            others: Written::new(&slice.others),
            proof: proof.clone(),
        })
    }

    /// The proof, if a slice is written as this one was.
    pub(super) fn proof(&self, kind: &Kind, slice: &Slice<'_>) -> Option<&Proof> {
        let same = |known: &[Text], now: &[Statement<'_>]| {
            let mut pairs = known.iter().zip(now);
            known.len() == now.len() && pairs.all(|(known, now)| is_text(known, *now))
        };
        let is_same = self.kind == *kind
            && same(&self.allows, &slice.own.allows)
            && same(&self.denies, &slice.own.denies)
            && self.others.is_of(&slice.others);
        is_same.then_some(&self.proof)
    }
}

/// What was proved.
#[derive(Default)]
pub(super) struct Shared<'p> {
    proved: RefCell<HashMap<String, Vec<Known<'p>>>>,
}

/// What was proved of a kind of request.
type Known<'p> = (Kind, Slice<'p>, Proof);

impl<'p> Shared<'p> {
    /// The proof that nothing of a kind is allowed, where it is known of what allows as much.
    pub(super) fn proof(&self, kind: &Kind, slice: &Slice<'p>) -> Option<Proof> {
        let proved = self.proved.borrow();
        let mut known = proved.get(&kind.claim)?.iter();
        let (.., proof) = known.find(|(of, all, _)| of == kind && slice.is_within(all))?;
        Some(proof.clone())
    }

    pub(super) fn keep(&self, kind: Kind, slice: Slice<'p>, proof: &Proof) {
        let mut proved = self.proved.borrow_mut();
        let of_claim = proved.entry(kind.claim.clone()).or_default();
        of_claim.push((kind, slice, proof.clone()));
    }
}

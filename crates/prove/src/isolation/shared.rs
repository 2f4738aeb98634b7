//! Proofs about one role that hold for others too.
//!
//! A request of a kind can be allowed by few of a role's statements. Where those are within what was proved of another role
//! to allow nothing of the kind, no less is denied, and every other layer allows no more, nothing of the kind is allowed
//! either: allowing grows with the Allows and shrinks with the Denies of each layer.

use super::breach::More;
use crate::layers::Stage;
use crate::question::allows_no_more;
use crate::tenancy::Mark;
use crate::verdict::{Proof, Verdict};
use policy::Effect;
use policy::view::{self, Statement};
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
    /// The Allows of identity-based policies that may apply.
    allows: Vec<Statement<'p>>,
    /// Their Denies.
    denies: Vec<Statement<'p>>,
    /// The other layers.
    others: Stage<'p>,
}

impl<'p> Slice<'p> {
    /// `leading` are the Allows of the identity-based policies without which no request of the kind is allowed.
    pub(super) fn new(stage: Stage<'p>, leading: Vec<Statement<'p>>) -> Self {
        let own = stage
            .policies
            .identity
            .into_iter()
            .flat_map(view::statements);
        let mut others = stage;
        others.policies.identity = None;
        Self {
            allows: leading,
            denies: own
                .filter(|statement| statement.effect() == Effect::Deny)
                .collect(),
            others,
        }
    }

    /// Whether no Allow may apply at all.
    pub(super) fn allows_nothing(&self) -> bool {
        self.allows.is_empty()
    }

    fn is_within(&self, other: &Slice<'_>) -> bool {
        let within = |some: &[Statement<'_>], others: &[Statement<'_>]| {
            some.iter()
                .all(|one| others.iter().any(|all| one.is_within(*all)))
        };
        within(&self.allows, &other.allows)
            && within(&other.denies, &self.denies)
            && allows_no_more(&self.others, &other.others)
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
    pub(super) fn proof(&self, kind: &Kind, slice: &Slice<'p>) -> Option<Verdict> {
        let proved = self.proved.borrow();
        let mut known = proved.get(&kind.claim)?.iter();
        let (.., proof) = known.find(|(of, all, _)| of == kind && slice.is_within(all))?;
        Some(Verdict::Proved(Box::new(proof.clone())))
    }

    pub(super) fn keep(&self, kind: Kind, slice: Slice<'p>, proof: &Proof) {
        let mut proved = self.proved.borrow_mut();
        let of_claim = proved.entry(kind.claim.clone()).or_default();
        of_claim.push((kind, slice, proof.clone()));
    }
}

//! What a proof rests on: the facts without which one of its reasons does not hold, or is not quickly seen to.

use crate::certificate::Tree;
use crate::facts::{Domain, Fact};
use crate::model::{KeyId, Literal, Model};
use crate::solve::{Effort, Solver};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The facts that a proof needs. Its tree is a proof with them alone.
///
/// Facts are about keys, and only leaves speak of keys: a fact is not needed where every leaf that depends on one of its
/// keys is still empty without it. The others are kept: without them there is an answer, or none is known quickly.
pub(super) fn of(mut model: Model<'_>, tree: &Tree) -> Vec<Arc<Fact>> {
    let facts = model.assumed();
    let mut leaves = BTreeSet::new();
    collect(tree, &mut leaves);
    let mut leaves = consulting(&model, &leaves);
    if facts.is_empty() || leaves.is_empty() {
        return Vec::new();
    }
    let domains = model.domains();
    model.know(&domains, &|_| true);
    let mut solver = Solver::new(&model);
    leaves.retain(|leaf| !leaf.is_closed(&mut solver));
    model.know(&domains, &|_| false);
    let mut solver = Solver::new(&model);
    for leaf in &mut leaves {
        if !leaf.is_closed(&mut solver) {
            leaf.effort = Effort::Full;
        }
    }
    let mut needed = Needed {
        model,
        domains: &domains,
        leaves: &leaves,
        gone: Vec::new(),
        kept: Vec::new(),
    };
    needed.narrow(&facts);
    let kept = needed.kept;
    facts
        .into_iter()
        .filter(|fact| is_among(&kept, fact))
        .collect()
}

/// Tells the facts that are needed from those that are not.
struct Needed<'a, 'm, 't> {
    model: Model<'m>,
    domains: &'a [Domain],
    leaves: &'a [Leaf<'t>],
    /// Those that are not.
    gone: Vec<Arc<Fact>>,
    kept: Vec<Arc<Fact>>,
}

impl Needed<'_, '_, '_> {
    /// Looks for those that are needed among some: most are not, so many are left out at once.
    fn narrow(&mut self, facts: &[Arc<Fact>]) {
        if facts.is_empty() || self.is_proof_without(facts) {
            self.gone.extend_from_slice(facts);
            return;
        }
        match facts {
            [one] => self.kept.push(one.clone()),
            _ => {
                let half = facts.len() / 2;
                let (first, second) = facts.split_at_checked(half).unwrap_or((facts, &[]));
                self.narrow(first);
                self.narrow(second);
            }
        }
    }

    fn is_proof_without(&mut self, facts: &[Arc<Fact>]) -> bool {
        let gone = &self.gone;
        self.model.know(self.domains, &|fact| {
            is_among(facts, fact) || is_among(gone, fact)
        });
        let about = |fact: &Arc<Fact>| self.model.keys_of(self.domains, fact);
        let keys: BTreeSet<KeyId> = facts.iter().flat_map(about).collect();
        let concerned = |leaf: &&Leaf<'_>| !leaf.consulted.is_disjoint(&keys);
        let mut concerned = self.leaves.iter().filter(concerned);
        let mut solver = Solver::new(&self.model);
        concerned.all(|leaf| leaf.is_closed(&mut solver))
    }
}

fn is_among(facts: &[Arc<Fact>], fact: &Fact) -> bool {
    facts.iter().any(|other| **other == *fact)
}

/// The literals of every leaf, once each.
fn collect<'t>(tree: &'t Tree, leaves: &mut BTreeSet<&'t [Literal]>) {
    match tree {
        Tree::Split { cases, .. } => cases.iter().for_each(|(_, case)| collect(case, leaves)),
        Tree::Leaf { literals } => {
            leaves.insert(literals);
        }
    }
}

/// Literals that no request meets, because of what is known of keys.
struct Leaf<'t> {
    literals: &'t [Literal],
    /// The keys.
    consulted: BTreeSet<KeyId>,
    /// What it takes to see it.
    effort: Effort,
}

impl Leaf<'_> {
    fn is_closed(&self, solver: &mut Solver<'_, '_>) -> bool {
        solver.closes(self.literals, self.effort)
    }
}

/// The leaves that depend on the values of keys.
fn consulting<'t>(model: &Model<'_>, leaves: &BTreeSet<&'t [Literal]>) -> Vec<Leaf<'t>> {
    let solver = Solver::new(model);
    let leaf = |literals: &&'t [Literal]| Leaf {
        literals,
        consulted: solver.consulted(literals),
        effort: Effort::Refute,
    };
    let all = leaves.iter().map(leaf);
    all.filter(|leaf| !leaf.consulted.is_empty()).collect()
}

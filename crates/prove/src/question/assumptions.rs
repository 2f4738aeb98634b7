//! What a proof rests on: the facts without which one of its reasons does not hold, or is not quickly seen to.

use crate::certificate::Tree;
use crate::facts::Fact;
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
    leaves.retain(|leaf| !leaf.is_closed(&model));
    let mut kept: Vec<Arc<Fact>> = Vec::new();
    let mut gone: Vec<Arc<Fact>> = Vec::new();
    for fact in facts {
        let keys: Vec<KeyId> = model.keys_of(&domains, &fact);
        let mut concerned = leaves
            .iter()
            .filter(|leaf| keys.iter().any(|key| leaf.consulted.contains(key)));
        model.know(&domains, &|other| *other == *fact || is_among(&gone, other));
        match concerned.all(|leaf| leaf.is_closed(&model)) {
            true => gone.push(fact),
            false => kept.push(fact),
        }
    }
    kept
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
    fn is_closed(&self, model: &Model<'_>) -> bool {
        Solver::closes(model, self.literals, self.effort)
    }
}

/// The leaves that depend on the values of keys.
fn consulting<'t>(model: &Model<'_>, leaves: &BTreeSet<&'t [Literal]>) -> Vec<Leaf<'t>> {
    let solver = Solver::new(model);
    let leaf = |literals: &&'t [Literal]| Leaf {
        literals,
        consulted: solver.consulted(literals),
        effort: match Solver::closes(model, literals, Effort::Refute) {
            true => Effort::Refute,
            false => Effort::Full,
        },
    };
    let all = leaves.iter().map(leaf);
    all.filter(|leaf| !leaf.consulted.is_empty()).collect()
}

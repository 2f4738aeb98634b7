//! Whether a formula holds for some request: by a request at hand, split where it fails.
//!
//! A node of the search has literals that must hold and formulas that must hold. A request that meets the literals is tried
//! on the formulas. Where it fails one, the formula's alternatives are tried one after the other, each of them more literals.
//! Where no request meets the literals, the node is closed: that is exact, so the whole is.

use crate::budget::NODES;
use crate::certificate::Tree;
use crate::model::{Literal, Model, Node, NodeId};
use crate::solve::{Solved, Solver, opposed};
use crate::state::State;

/// How many formulas are looked at for one that single fields decide.
const FEW: usize = 8;

/// What a search comes to.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The formula holds for this request.
    Found(Box<State>),
    /// It holds for none, for these reasons.
    Closed(Tree),
    /// Neither was found out.
    Unknown(String),
}

/// A search over one model.
pub(crate) struct Search<'m, 'p> {
    model: &'m Model<'p>,
    solver: Solver<'m, 'p>,
    left: usize,
}

impl<'m, 'p> Search<'m, 'p> {
    pub(crate) fn new(model: &'m Model<'p>, budget: usize) -> Self {
        Self {
            model,
            solver: Solver::new(model),
            left: budget,
        }
    }

    /// Whether the formula holds for some request.
    pub(crate) fn run(&mut self, formula: NodeId) -> Outcome {
        let mut literals = Vec::new();
        let mut open = Vec::new();
        self.add(formula, &mut literals, &mut open);
        self.visit(literals, open)
    }

    /// Takes a formula apart as far as it is a conjunction.
    fn add(&self, formula: NodeId, literals: &mut Vec<Literal>, open: &mut Vec<NodeId>) {
        match self.model.node(formula) {
            Node::Literal(literal) => {
                if let Err(at) = literals.binary_search(literal) {
                    literals.insert(at, *literal);
                }
            }
            Node::All(parts) => {
                for part in parts {
                    self.add(*part, literals, open);
                }
            }
            Node::Any(_) => open.push(formula),
        }
    }

    fn visit(&mut self, literals: Vec<Literal>, open: Vec<NodeId>) -> Outcome {
        if self.left == 0 {
            return Outcome::Unknown(format!("the search takes more than {NODES} steps"));
        }
        if let Err(reason) = self.model.budget.step() {
            return Outcome::Unknown(reason);
        }
        self.left -= 1;
        if let Some(pair) = opposed(&literals) {
            return Outcome::Closed(Tree::Leaf {
                literals: pair.to_vec(),
            });
        }
        // What has no alternative left is closed, and what has one is no choice: neither needs a request at hand.
        let forced = open.iter().find_map(|formula| {
            let alternatives = self.alternatives(*formula, &literals, 2);
            (alternatives.len() < 2).then_some((*formula, alternatives))
        });
        let forced = forced.or_else(|| self.decided(&literals, &open));
        if let Some((formula, alternatives)) = forced {
            return self.split(formula, &alternatives, &literals, &open);
        }
        let (state, unknown) = match self.solver.solve(&literals) {
            Solved::Found(state) => (Some(state), None),
            Solved::Empty(literals) => return Outcome::Closed(Tree::Leaf { literals }),
            Solved::Unknown(reason) => (None, Some(reason)),
        };
        let fails = |formula: &NodeId| match &state {
            Some(state) => !state.satisfies(self.model, *formula),
            None => true,
        };
        let failing = open.iter().copied().filter(fails);
        let narrowest = failing
            .map(|formula| (self.alternatives(formula, &literals, usize::MAX), formula))
            .min_by_key(|(alternatives, _)| alternatives.len());
        match (narrowest, state) {
            (Some((alternatives, formula)), _) => {
                self.split(formula, &alternatives, &literals, &open)
            }
            (None, Some(state)) => Outcome::Found(Box::new(state)),
            (None, None) => Outcome::Unknown(unknown.unwrap_or_default()),
        }
    }

    /// A formula of which all alternatives but one are closed by single fields, where a request at hand would take fields
    /// that are tied to each other.
    fn decided(&mut self, literals: &[Literal], open: &[NodeId]) -> Option<(NodeId, Vec<NodeId>)> {
        if open.len() > FEW || !self.solver.ties(literals) {
            return None;
        }
        open.iter().find_map(|formula| {
            let alternatives = self.alternatives(*formula, literals, 3);
            let closed = |part: &NodeId| match self.model.node(*part) {
                Node::Literal(literal) => self.solver.closes_alone(literals, *literal),
                Node::All(_) | Node::Any(_) => false,
            };
            let decided = alternatives.len() == 2 && alternatives.iter().any(closed);
            decided.then_some((*formula, alternatives))
        })
    }

    /// The alternatives of a formula that the literals at hand do not rule out, `most` of them at the most.
    fn alternatives(&self, formula: NodeId, literals: &[Literal], most: usize) -> Vec<NodeId> {
        let Node::Any(parts) = self.model.node(formula) else {
            return vec![formula];
        };
        let possible = |part: &NodeId| !self.is_ruled_out(*part, literals);
        let possible = parts.iter().copied().filter(possible);
        possible.take(most).collect()
    }

    fn is_ruled_out(&self, formula: NodeId, literals: &[Literal]) -> bool {
        match self.model.node(formula) {
            Node::Literal(literal) => {
                let from = literals.partition_point(|own| own.atom < literal.atom);
                let same = literals.iter().skip(from);
                same.take_while(|own| own.atom == literal.atom)
                    .any(|own| own.demand.excludes(literal.demand))
            }
            Node::All(parts) => parts.iter().any(|part| self.is_ruled_out(*part, literals)),
            Node::Any(parts) => parts.iter().all(|part| self.is_ruled_out(*part, literals)),
        }
    }

    fn split(
        &mut self,
        formula: NodeId,
        alternatives: &[NodeId],
        literals: &[Literal],
        open: &[NodeId],
    ) -> Outcome {
        let others = open.iter().copied().filter(|other| *other != formula);
        let rest: Vec<NodeId> = others.collect();
        let mut cases = Vec::with_capacity(alternatives.len());
        let mut unknown = None;
        for alternative in alternatives {
            let (mut literals, mut open) = (literals.to_vec(), rest.clone());
            self.add(*alternative, &mut literals, &mut open);
            match self.visit(literals, open) {
                Outcome::Found(state) => return Outcome::Found(state),
                Outcome::Closed(tree) => cases.push((*alternative, tree)),
                Outcome::Unknown(reason) => unknown = Some(reason),
            }
        }
        match unknown {
            Some(reason) => Outcome::Unknown(reason),
            None => Outcome::Closed(Tree::Split { formula, cases }),
        }
    }
}

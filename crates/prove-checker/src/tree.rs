//! Whether a tree of cases covers everything in which a formula can hold.

use crate::data::{Certificate, Literal, Node, Tree};
use crate::leaf::Leaves;
use crate::{Refusal, refuse};

/// The number of leaves, all of which hold.
pub(crate) fn check(certificate: &Certificate) -> Result<usize, Refusal> {
    let mut walk = Walk {
        certificate,
        leaves: Leaves::new(certificate)?,
        count: 0,
    };
    let mut hand = Hand::default();
    walk.add(certificate.formula, &mut hand, 0)?;
    walk.check(&certificate.tree, hand)?;
    Ok(walk.count)
}

/// What holds in a case.
#[derive(Clone, Debug, Default)]
struct Hand {
    literals: Vec<Literal>,
    /// Formulas that hold by one of their parts.
    any: Vec<usize>,
}

struct Walk<'c> {
    certificate: &'c Certificate,
    leaves: Leaves<'c>,
    count: usize,
}

/// How deep formulas may be nested.
const DEPTH: usize = 200;

impl<'c> Walk<'c> {
    fn node(&self, id: usize) -> Result<&'c Node, Refusal> {
        match self.certificate.nodes.get(id) {
            Some(node) => Ok(node),
            None => refuse(format!("there is no formula {id}")),
        }
    }

    /// Takes a formula into the hand.
    fn add(&self, formula: usize, hand: &mut Hand, depth: usize) -> Result<(), Refusal> {
        if depth > DEPTH {
            return refuse("formulas are nested too deeply");
        }
        match self.node(formula)? {
            Node::Literal(literal) => hand.literals.push(*literal),
            Node::All(parts) => {
                for part in parts {
                    self.add(*part, hand, depth + 1)?;
                }
            }
            Node::Any(_) => hand.any.push(formula),
        }
        Ok(())
    }

    fn check(&mut self, tree: &Tree, hand: Hand) -> Result<(), Refusal> {
        match tree {
            Tree::Leaf { literals } => {
                if let Some(strange) = literals.iter().find(|l| !has(&hand, **l)) {
                    return refuse(format!(
                        "a leaf rests on {strange:?}, which does not hold there"
                    ));
                }
                self.count += 1;
                match self.leaves.is_refuted(literals) {
                    true => Ok(()),
                    false => refuse(format!(
                        "a leaf is not seen to be impossible: {}",
                        self.leaves.describe(literals)
                    )),
                }
            }
            Tree::Split { formula, cases } => {
                let Some(at) = hand.any.iter().position(|own| own == formula) else {
                    return refuse(format!(
                        "formula {formula} is split and does not hold there"
                    ));
                };
                let Node::Any(parts) = self.node(*formula)? else {
                    return refuse(format!("formula {formula} is split and has no cases"));
                };
                for part in parts {
                    let named = cases.iter().any(|(case, _)| case == part);
                    if !named && !self.is_ruled_out(*part, &hand, 0)? {
                        return refuse(format!("the case {part} of formula {formula} is missing"));
                    }
                }
                let mut rest = hand;
                rest.any.remove(at);
                for (case, reason) in cases {
                    if !parts.contains(case) {
                        return refuse(format!("{case} is no case of formula {formula}"));
                    }
                    let mut hand = rest.clone();
                    self.add(*case, &mut hand, 0)?;
                    self.check(reason, hand)?;
                }
                Ok(())
            }
        }
    }

    /// Whether a formula cannot hold, for a literal at hand.
    fn is_ruled_out(&self, formula: usize, hand: &Hand, depth: usize) -> Result<bool, Refusal> {
        if depth > DEPTH {
            return Ok(false);
        }
        Ok(match self.node(formula)? {
            Node::Literal(literal) => hand
                .literals
                .iter()
                .any(|own| own.atom == literal.atom && own.demand.excludes(literal.demand)),
            Node::All(parts) => {
                for part in parts {
                    if self.is_ruled_out(*part, hand, depth + 1)? {
                        return Ok(true);
                    }
                }
                false
            }
            Node::Any(parts) => {
                for part in parts {
                    if !self.is_ruled_out(*part, hand, depth + 1)? {
                        return Ok(false);
                    }
                }
                true
            }
        })
    }
}

fn has(hand: &Hand, literal: Literal) -> bool {
    hand.literals
        .iter()
        .any(|own| own.atom == literal.atom && own.demand.implies(literal.demand))
}

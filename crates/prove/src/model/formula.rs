//! Formulas of literals, in which only atoms are negated.

use super::{AtomId, Demand, Literal, Model};
use crate::hash::Table;
use serde::Serialize;

/// A formula of a [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NodeId(pub(crate) u32);

/// One part of a formula.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Node {
    /// A demand on an atom.
    Literal(Literal),
    /// All of them hold; true where there is none.
    All(Box<[NodeId]>),
    /// One of them holds; false where there is none.
    Any(Box<[NodeId]>),
}

impl Model<'_> {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        static NOTHING: std::sync::LazyLock<Node> =
            std::sync::LazyLock::new(|| Node::Any(Box::new([])));
        self.nodes.get(id.0).unwrap_or(&NOTHING)
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        self.nodes.all()
    }

    fn add(&mut self, node: Node) -> NodeId {
        NodeId(self.nodes.add(node))
    }

    /// A demand on an atom.
    pub fn literal(&mut self, atom: AtomId, demand: Demand) -> NodeId {
        let two_valued = self.atom_of(atom).is_some_and(|atom| atom.is_two_valued());
        let demand = match demand {
            Demand::NotFalse if two_valued => Demand::True,
            Demand::NotTrue if two_valued => Demand::False,
            demand => demand,
        };
        self.add(Node::Literal(Literal { atom, demand }))
    }

    /// Always true.
    pub fn always(&mut self) -> NodeId {
        self.add(Node::All(Box::new([])))
    }

    /// Never true.
    pub fn never(&mut self) -> NodeId {
        self.add(Node::Any(Box::new([])))
    }

    /// All of these.
    pub fn all(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        let mut kept: Vec<NodeId> = Vec::new();
        for part in parts {
            match self.node(part) {
                Node::Any(none) if none.is_empty() => return self.never(),
                Node::All(inner) => kept.extend(inner.iter()),
                _ => kept.push(part),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        match kept.as_slice() {
            [one] => *one,
            _ => self.add(Node::All(kept.into())),
        }
    }

    /// One of these.
    pub fn any(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        let mut kept: Vec<NodeId> = Vec::new();
        for part in parts {
            match self.node(part) {
                Node::All(none) if none.is_empty() => return self.always(),
                Node::Any(inner) => kept.extend(inner.iter()),
                _ => kept.push(part),
            }
        }
        let mut seen = Table::default();
        kept.retain(|part| seen.insert(*part, ()).is_none());
        match kept.as_slice() {
            [one] => *one,
            _ => self.add(Node::Any(kept.into())),
        }
    }

    /// The opposite of a formula.
    pub fn not(&mut self, formula: NodeId) -> NodeId {
        match self.node(formula).clone() {
            Node::Literal(literal) => self.literal(literal.atom, literal.demand.opposite()),
            Node::All(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.not(*part)).collect();
                self.any(parts)
            }
            Node::Any(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.not(*part)).collect();
                self.all(parts)
            }
        }
    }
}

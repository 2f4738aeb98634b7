//! Why a proof holds, written down so that somebody else can check it.

use crate::model::{Literal, NodeId};

/// Why a formula holds for no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A formula that must hold holds only by one of its alternatives, and each comes to nothing. Alternatives that are not
    /// among the cases contradict a literal at hand.
    Split {
        /// The formula.
        formula: NodeId,
        /// Its alternatives, each with the reason.
        cases: Vec<(NodeId, Self)>,
    },
    /// Literals at hand that no request meets together.
    Leaf {
        /// The literals.
        literals: Vec<Literal>,
    },
}

/// The reasons of a proof.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The tree of cases, one for each part of the question.
    pub trees: Vec<Tree>,
}

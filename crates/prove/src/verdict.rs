//! What a question comes to.

use crate::certificate::{Certificate, Tree};
use crate::facts::Fact;
use crate::question::Replayed;
use std::sync::Arc;

/// The answer to a question about all requests.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It holds for every request.
    Proved(Box<Proof>),
    /// It does not hold for this one, which the engine has evaluated.
    Violated(Box<Replayed>),
    /// Neither is known.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// A proof.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The facts without which it would not hold, or might not.
    pub assumptions: Vec<Arc<Fact>>,
    /// The reasons, one tree for each part of the question; none where it was plain without a search.
    pub trees: Vec<Tree>,
    /// Why it holds, for others to check, one for each part of the question; empty unless the facts are
    /// [certified](crate::Facts::certified).
    pub certificates: Vec<Certificate>,
}

impl Verdict {
    /// `proved`, `violated` or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proved(_) => "proved",
            Self::Violated(_) => "violated",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The request that shows otherwise.
    #[must_use]
    pub fn violation(&self) -> Option<&Replayed> {
        match self {
            Self::Violated(replayed) => Some(replayed),
            Self::Proved(_) | Self::Unknown { .. } => None,
        }
    }

    /// Whether it is proved.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Proved(_))
    }
}

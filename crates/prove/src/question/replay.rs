//! A request that the engine has evaluated.

use super::{Blamed, Question};
use policy::Request;
use policy::explain::Applies;
use policy::{Effect, explain::statements};

/// A request that violates a question, as the engine says. It cannot be made otherwise.
#[derive(Clone, Debug)]
pub struct Replayed {
    request: Request,
    blame: Vec<Blamed>,
}

impl Replayed {
    /// Has the engine evaluate a request; `None` where it does not violate the question.
    #[must_use]
    pub fn new(question: &Question<'_>, request: Request) -> Option<Self> {
        if !question.is_violated_by(&request) {
            return None;
        }
        let traces = statements(&question.allowed.policies, &request);
        let blame = traces
            .iter()
            .filter(|trace| {
                trace.statement.effect.value == Effect::Allow && trace.applies == Applies::Yes
            })
            .map(Blamed::new)
            .collect();
        Some(Self { request, blame })
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The statements that allow it.
    #[must_use]
    pub fn blame(&self) -> &[Blamed] {
        &self.blame
    }
}

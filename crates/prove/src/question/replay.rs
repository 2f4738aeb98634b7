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
        let request = shrunk(question, request);
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

/// The request without the keys that do not matter.
fn shrunk(question: &Question<'_>, mut request: Request) -> Request {
    let keys: Vec<String> = request
        .context()
        .iter()
        .map(|(key, _)| key.to_owned())
        .collect();
    for key in keys.iter().filter(|key| !stays(key)) {
        let smaller = request.to_builder().absent(key).build();
        if question.is_violated_by(&smaller) {
            request = smaller;
        }
    }
    request
}

/// Keys that every request of its kind has.
fn stays(key: &str) -> bool {
    let principal = key
        .get(..13)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:Principal"));
    let always = [
        "aws:SecureTransport",
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:ViaAWSService",
        "aws:username",
        "aws:userid",
        "aws:ResourceAccount",
    ];
    principal || always.iter().any(|name| name.eq_ignore_ascii_case(key))
}

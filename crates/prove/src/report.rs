//! What is shown of an answer.

mod human;
mod json;

pub use human::describe;

use crate::case::case;
use crate::question::Question;
use crate::verdict::Verdict;
use serde_json::Value;

/// The answer to one question, ready to be shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// The question, in a sentence.
    pub question: String,
    /// The answer.
    pub verdict: Verdict,
    /// The request that shows otherwise, with its policies, as `palisade simulate` reads it.
    pub case: Option<Value>,
}

impl Report {
    /// The report of an answer.
    #[must_use]
    pub fn new(sentence: impl Into<String>, question: &Question<'_>, verdict: Verdict) -> Self {
        let case = verdict
            .violation()
            .map(|replayed| case(&question.allowed, replayed.request()));
        Self {
            question: sentence.into(),
            verdict,
            case,
        }
    }
}

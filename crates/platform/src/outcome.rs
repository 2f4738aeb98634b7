//! What a handler answers.

use wire::value::Value;

/// The answer of a handler: the output by the API's shapes.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub(crate) output: Value,
    pub(crate) listing: Listing,
}

/// Whether the trail lists the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Listing {
    /// When the operation writes.
    #[default]
    ByEffect,
    Always,
    Never,
}

impl Outcome {
    /// An answer with these members.
    #[must_use]
    pub fn new(output: Value) -> Self {
        Self {
            output,
            listing: Listing::ByEffect,
        }
    }

    /// An answer without members.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Value::map())
    }

    /// Lists the output in the trail although the operation only reads, as AWS does for
    /// `AssumeRole`. Secrets are hidden all the same.
    #[must_use]
    pub fn listed(mut self) -> Self {
        self.listing = Listing::Always;
        self
    }

    /// Keeps the output out of the trail although the operation writes, as AWS does for answers
    /// that are only data.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.listing = Listing::Never;
        self
    }
}

//! What a handler answers.

use catalog::shapes::{Operation, Shape};
use wire::value::Value;

use crate::error::ApiError;
use crate::flow::{Flow, Payload};

/// The answer of a handler: the output by the API's shapes.
#[derive(Debug, Default)]
pub struct Outcome {
    pub(crate) output: Value,
    pub(crate) listing: Listing,
    pub(crate) status: Option<u16>,
    pub(crate) flow: Option<Flow>,
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
            status: None,
            flow: None,
        }
    }

    /// An answer without members.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Value::map())
    }

    /// Answers with this HTTP status instead of the API's own, such as 206 for a part of an object.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The output with the whole body in it.
    pub(crate) fn gather(&mut self, api: Operation) -> Result<Value, ApiError> {
        let output = self.output.clone();
        let member = api.output().and_then(Shape::payload);
        match (self.flow.take(), member) {
            (Some(flow), Some(member)) => {
                let body = Payload::Flow(flow).gather()?;
                Ok(output.with(member.name(), body))
            }
            _ => Ok(output),
        }
    }

    /// Answers with this body, which is given while it leaves. The output says how long it is.
    #[must_use]
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flow = Some(flow);
        self
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

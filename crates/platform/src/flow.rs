//! Bodies that are too large to hold: taken while they come, given while they leave.

use bytes::Bytes;
use std::any::Any;
use std::fmt;
use wire::sigv4::Trailers;

use crate::authorize::Permitted;
use crate::call::Call;
use crate::error::ApiError;

/// Begins to take the body of a permitted call. It may refuse what the head already shows to be wrong;
/// the client is then answered without its body having been asked for.
pub type Receiver = fn(&Permitted<Call<'_>>) -> Result<Box<dyn Receive>, ApiError>;

/// Takes a body while it comes. Whether it is the one that was signed is known only at its end, so
/// nothing of it may take effect before [`Receive::end`]. One that is dropped before leaves nothing
/// behind.
pub trait Receive: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be kept, or are more than there may be.
    fn take(&mut self, data: Bytes) -> Result<(), ApiError>;

    /// The body is whole and the one that was signed. `trailers` are the checksums behind it. What is
    /// returned is for the handler, which gets it by [`Call::received`]; dropped instead, it leaves
    /// nothing behind either.
    ///
    /// # Errors
    /// When it is not what the client said of it, or cannot be kept.
    fn end(self: Box<Self>, trailers: &Trailers) -> Result<Box<dyn Any + Send>, ApiError>;
}

/// Gives a body while it leaves.
pub trait Source: Send {
    /// The next bytes, never none; `None` at the end. May block on the disk.
    ///
    /// # Errors
    /// When they cannot be read; the connection is then closed, so that the client sees a body that is
    /// cut off and not one that seems whole.
    fn next(&mut self) -> Result<Option<Bytes>, ApiError>;
}

/// A body of known length that is given while it leaves.
pub struct Flow {
    length: u64,
    source: Box<dyn Source>,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Flow {
    /// A body of `length` bytes.
    #[must_use]
    pub fn new(length: u64, source: Box<dyn Source>) -> Self {
        Self { length, source }
    }

    /// How many bytes there are in all.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What gives them.
    #[must_use]
    pub fn into_source(self) -> Box<dyn Source> {
        self.source
    }
}

/// The body of an answer.
#[derive(Debug)]
pub enum Payload {
    /// All of it.
    Whole(Bytes),
    /// What is given while it leaves.
    Flow(Flow),
}

impl Payload {
    /// All of it in memory.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn gather(self) -> Result<Bytes, ApiError> {
        let flow = match self {
            Self::Whole(bytes) => return Ok(bytes),
            Self::Flow(flow) => flow,
        };
        let mut all = Vec::new();
        let mut source = flow.into_source();
        while let Some(bytes) = source.next()? {
            all.extend_from_slice(&bytes);
        }
        Ok(all.into())
    }
}

//! A body on its way to a client, read while it leaves: little more of it than the client takes.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use platform::{ApiError, Payload, Platform, Source};
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// How many bytes are read at once, if a source gives fewer.
const PORTION: usize = 512 << 10;

/// The body of an answer. While the client takes what was read, the next portion is read.
pub(crate) struct Answer {
    /// How many bytes are still to be given.
    left: u64,
    /// The first of them.
    ready: VecDeque<Bytes>,
    state: State,
    platform: Arc<Platform>,
}

/// What a source gave.
type Read = Result<Vec<Bytes>, ApiError>;

/// Where what follows comes from.
enum State {
    Resting(Box<dyn Source>),
    Reading(JoinHandle<(Box<dyn Source>, Read)>),
    Ended,
}

impl State {
    /// Reads the next portion on a thread that may block.
    fn reading(mut source: Box<dyn Source>) -> Self {
        Self::Reading(tokio::task::spawn_blocking(move || {
            let read = portion(&mut *source);
            (source, read)
        }))
    }
}

fn portion(source: &mut dyn Source) -> Read {
    let (mut portion, mut size) = (Vec::new(), 0);
    while size < PORTION {
        let Some(data) = source.next()? else {
            break;
        };
        size += data.len();
        portion.push(data);
    }
    Ok(portion)
}

/// The body cannot be given to its end.
#[derive(Debug)]
pub(crate) struct CutOff;

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body of the answer cannot be read to its end")
    }
}

impl std::error::Error for CutOff {}

impl Answer {
    pub(crate) fn new(platform: Arc<Platform>, payload: Payload) -> Self {
        let (left, ready, state) = match payload {
            Payload::Whole(bytes) => (bytes.len() as u64, Some(bytes), State::Ended),
            Payload::Flow(flow) => (flow.length(), None, State::Resting(flow.into_source())),
        };
        Self {
            left,
            ready: ready.into_iter().filter(|data| !data.is_empty()).collect(),
            state,
            platform,
        }
    }

    /// Takes a portion; what follows is read on.
    fn take(&mut self, source: Box<dyn Source>, portion: Vec<Bytes>) -> bool {
        let size: u64 = portion.iter().map(|data| data.len() as u64).sum();
        if size == 0 || size > self.left {
            return false;
        }
        if size < self.left {
            self.state = State::reading(source);
        }
        self.ready = portion.into();
        true
    }

    fn fail(&mut self, reason: impl fmt::Display) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        self.state = State::Ended;
        self.platform
            .report(&format!("an answer was cut off: {reason}"));
        Poll::Ready(Some(Err(CutOff)))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        loop {
            if let Some(data) = self.ready.pop_front() {
                self.left = self.left.saturating_sub(data.len() as u64);
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Resting(source) => self.state = State::reading(source),
                State::Reading(mut reading) => {
                    let Poll::Ready(read) = Pin::new(&mut reading).poll(cx) else {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    match read {
                        Ok((source, Ok(portion))) => {
                            if !self.take(source, portion) {
                                return self.fail("it has another length than it should");
                            }
                        }
                        Ok((_, Err(error))) => return self.fail(error),
                        Err(error) => return self.fail(error),
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

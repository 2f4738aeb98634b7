//! A body on its way to a client, read while it leaves: no more of it than the client takes.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use platform::{ApiError, Flow, Payload, Platform, Source};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// The body of an answer.
pub(crate) struct Answer {
    left: u64,
    state: State,
    platform: Arc<Platform>,
}

/// What a source gave.
type Read = Result<Option<Bytes>, ApiError>;

enum State {
    Whole(Bytes),
    Resting(Box<dyn Source>),
    Reading(JoinHandle<(Box<dyn Source>, Read)>),
    Ended,
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
        let (left, state) = match payload {
            Payload::Whole(bytes) => (bytes.len() as u64, State::Whole(bytes)),
            Payload::Flow(flow) => (Flow::length(&flow), State::Resting(flow.into_source())),
        };
        Self {
            left,
            state,
            platform,
        }
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
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Whole(bytes) => {
                    self.left = 0;
                    let some = (!bytes.is_empty()).then(|| Ok(Frame::data(bytes)));
                    return Poll::Ready(some);
                }
                State::Resting(mut source) => {
                    self.state = State::Reading(tokio::task::spawn_blocking(move || {
                        let next = source.next();
                        (source, next)
                    }));
                }
                State::Reading(mut reading) => {
                    let Poll::Ready(read) = Pin::new(&mut reading).poll(cx) else {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    let (source, next) = match read {
                        Ok(read) => read,
                        Err(error) => return self.fail(error),
                    };
                    return match next {
                        Ok(Some(data)) if data.len() as u64 <= self.left => {
                            self.left -= data.len() as u64;
                            if self.left > 0 {
                                self.state = State::Resting(source);
                            }
                            Poll::Ready(Some(Ok(Frame::data(data))))
                        }
                        Ok(_) => self.fail("it has another length than it should"),
                        Err(error) => self.fail(error),
                    };
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

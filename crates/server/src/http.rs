//! From HTTP to the hallway and back.

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::EXPECT;
use hyper::http::request::Parts;
use platform::hallway::{self, Admitted, Arrived, BodyFault};
use platform::{Payload, Platform, Unrecorded};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinError;

use crate::download::Answer;
use crate::options::Limits;
use crate::turn::Turn;
use crate::upload::{self, Upload};

/// A body up to this size is read before anything else is done, unless the client waits to be asked
/// for it.
const SMALL: u64 = 64 << 10;

/// What every connection shares.
pub(crate) struct Front {
    pub(crate) platform: Arc<Platform>,
    pub(crate) limits: Limits,
    /// Bytes of bodies that may still be held.
    held: Arc<Semaphore>,
}

/// Who is at the other end of a connection, and whose turn it is to answer them.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) ip: IpAddr,
    pub(crate) tls: Option<platform::Tls>,
    pub(crate) turn: Arc<Turn>,
}

/// There is no answer: the connection is closed without one.
#[derive(Debug)]
pub(crate) struct Unanswered(String);

impl std::error::Error for Unanswered {}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Unrecorded> for Unanswered {
    fn from(unrecorded: Unrecorded) -> Self {
        Self(format!("it could not be recorded: {}", unrecorded.reason))
    }
}

impl From<JoinError> for Unanswered {
    fn from(error: JoinError) -> Self {
        Self(format!("it ended early: {error}"))
    }
}

type Answered = Result<hyper::Response<Payload>, Unanswered>;

/// Works on a thread that may block.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unrecorded> + Send + 'static,
) -> Result<T, Unanswered> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

fn arrived(parts: Parts, peer: Peer, body: Result<Bytes, BodyFault>) -> Arrived {
    Arrived {
        parts,
        body,
        source_ip: peer.ip,
        tls: peer.tls,
    }
}

impl Front {
    pub(crate) fn new(platform: Arc<Platform>, limits: Limits) -> Self {
        let held = Arc::new(Semaphore::new(limits.bodies.min(Semaphore::MAX_PERMITS)));
        Self {
            platform,
            limits,
            held,
        }
    }

    /// Answers one request.
    pub(crate) async fn answer(
        self: Arc<Self>,
        peer: Peer,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<Answer>, Unanswered> {
        let (parts, body) = request.into_parts();
        let waits = parts.headers.contains_key(EXPECT);
        let small = body.size_hint().upper().is_some_and(|size| size <= SMALL);
        let answered = if (waits || !small) && hallway::streams(&self.platform, &parts) {
            let (front, arrived) = (Arc::clone(&self), arrived(parts, peer, Ok(Bytes::new())));
            // A task of its own goes on, and records what happened, when the connection breaks.
            tokio::spawn(async move { front.receive(arrived, body, waits).await })
                .await
                .unwrap_or_else(|error| Err(error.into()))
        } else {
            self.take(parts, peer, body).await
        };
        let platform = || Arc::clone(&self.platform);
        match answered {
            Ok(response) => Ok(response.map(|payload| Answer::new(platform(), payload))),
            Err(unanswered) => {
                self.platform
                    .report(&format!("a call could not be answered: {unanswered}"));
                Err(unanswered)
            }
        }
    }

    /// Answers a request whose body is read first.
    async fn take(&self, parts: Parts, peer: Peer, body: Incoming) -> Answered {
        let (place, body) = if self.is_too_large(&body) {
            let limit = self.limits.body;
            (None, Err(BodyFault::TooLarge { limit }))
        } else {
            upload::gather(body, &self.limits, &self.held).await
        };
        let platform = Arc::clone(&self.platform);
        let turn = Arc::clone(&peer.turn);
        let arrived = arrived(parts, peer, body);
        if place.is_some() {
            // To read what is large takes its time, whatever it asks for.
            return apart(move || {
                let answered = hallway::enter(&platform, arrived).answer(&platform);
                drop(place);
                answered?.release(&platform)
            })
            .await;
        }
        let entered = hallway::enter(&platform, arrived);
        if entered.is_brief(&platform) {
            // Cheaper than a change of threads.
            let answer = entered.answer(&platform)?;
            return Ok(turn.release(&platform, answer).await?);
        }
        apart(move || entered.answer(&platform)?.release(&platform)).await
    }

    /// Answers a request whose body is received while it comes. Nothing of the body is asked for
    /// before the request is permitted: at the first reading, a client that waits is told to send it.
    async fn receive(&self, arrived: Arrived, body: Incoming, waits: bool) -> Answered {
        let platform = Arc::clone(&self.platform);
        let admit = move || match hallway::admit(&platform, arrived)? {
            Admitted::Receiving(receiving) => Ok(Ok(receiving)),
            Admitted::Answered(answer) => answer.release(&platform).map(Err),
        };
        let receiving = match apart(admit).await? {
            Ok(receiving) => receiving,
            Err(response) => {
                if !waits {
                    upload::discard(body, &self.limits).await;
                }
                return Ok(response);
            }
        };
        let platform = Arc::clone(&self.platform);
        let upload = Upload::new(body, &self.limits);
        let (mut receiving, last, end) = upload.pump(receiving).await?;
        apart(move || {
            upload::feed(&mut receiving, last);
            receiving.finish(end)?.release(&platform)
        })
        .await
    }

    /// Whether a body says of itself that it is more than this server takes. Such a one is not read.
    fn is_too_large(&self, body: &Incoming) -> bool {
        let limit = u64::try_from(self.limits.body).unwrap_or(u64::MAX);
        body.size_hint().lower() > limit
    }
}

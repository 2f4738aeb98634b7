//! From HTTP to the hallway and back.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use platform::hallway::{self, Arrived, BodyFault};
use platform::{Platform, Unrecorded};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::options::Limits;

/// A body above this size needs one of the few places for large ones.
const LARGE: u64 = 1 << 20;

/// What every connection shares.
pub(crate) struct Front {
    pub(crate) platform: Arc<Platform>,
    pub(crate) limits: Limits,
    large: Arc<Semaphore>,
}

/// Who is at the other end of a connection.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) ip: IpAddr,
    pub(crate) tls: Option<platform::Tls>,
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

impl Front {
    pub(crate) fn new(platform: Arc<Platform>, limits: Limits) -> Self {
        let large = Arc::new(Semaphore::new(limits.large_bodies));
        Self {
            platform,
            limits,
            large,
        }
    }

    /// Answers one request.
    pub(crate) async fn answer(
        self: Arc<Self>,
        peer: Peer,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<Full<Bytes>>, Unanswered> {
        let (parts, body) = request.into_parts();
        let (place, body) = if self.is_too_large(&body) {
            let limit = self.limits.body;
            (None, Err(BodyFault::TooLarge { limit }))
        } else {
            (self.place(&body).await?, self.read(body).await)
        };
        let platform = Arc::clone(&self.platform);
        let arrived = Arrived {
            parts,
            body,
            source_ip: peer.ip,
            tls: peer.tls,
        };
        let answered = tokio::task::spawn_blocking(move || {
            let answered = hallway::walk(&platform, arrived);
            drop(place);
            answered
        });
        match answered.await {
            Ok(Ok(response)) => Ok(response.map(Full::new)),
            Ok(Err(unrecorded)) => {
                let Unrecorded { reason } = &unrecorded;
                self.platform
                    .report(&format!("a call could not be recorded: {reason}"));
                Err(Unanswered(unrecorded.reason))
            }
            Err(error) => {
                self.platform
                    .report(&format!("a call ended early: {error}"));
                Err(Unanswered(error.to_string()))
            }
        }
    }

    /// Whether a body says of itself that it is more than this server takes. Such a one is neither
    /// read nor given a place.
    fn is_too_large(&self, body: &Incoming) -> bool {
        let limit = u64::try_from(self.limits.body).unwrap_or(u64::MAX);
        body.size_hint().lower() > limit
    }

    /// A place for a large body; a body of unknown size counts as large.
    async fn place(&self, body: &Incoming) -> Result<Option<OwnedSemaphorePermit>, Unanswered> {
        if body.size_hint().upper().is_some_and(|size| size <= LARGE) {
            return Ok(None);
        }
        let place = Arc::clone(&self.large).acquire_owned().await;
        place
            .map(Some)
            .map_err(|error| Unanswered(error.to_string()))
    }

    async fn read(&self, body: Incoming) -> Result<Bytes, BodyFault> {
        let limited = Limited::new(body, self.limits.body);
        match tokio::time::timeout(self.limits.body_time, limited.collect()).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyFault::TooLarge {
                limit: self.limits.body,
            }),
            Ok(Err(_)) | Err(_) => Err(BodyFault::Incomplete),
        }
    }
}

//! A body on its way to an operation that receives it while it comes.
//!
//! Between two pieces of a slow body nothing is held but its connection: no thread, no transaction, and
//! of memory what came since the last piece was taken.

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use platform::hallway::{BodyFault, Receiving};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::options::Limits;

/// How much is gathered before it is handed on, if it is there at once.
const BATCH: usize = 512 << 10;
/// How much of a body that is read whole is not counted.
const FREE: usize = 64 << 10;
/// What is read of a body that nobody wants, so that its sender gets to read the answer.
const UNWANTED: usize = 1 << 20;
const UNWANTED_TIME: Duration = Duration::from_secs(1);

/// A body and how fast it must come.
pub(crate) struct Upload {
    body: Incoming,
    began: Instant,
    received: u64,
    pause: Duration,
    rate: u64,
}

/// What came of a body at once.
enum Came {
    Some(Vec<Bytes>),
    /// The last, or nothing any more.
    Last(Vec<Bytes>),
    Fault(BodyFault),
}

impl Upload {
    pub(crate) fn new(body: Incoming, limits: &Limits) -> Self {
        Self {
            body,
            began: Instant::now(),
            received: 0,
            pause: limits.body_pause,
            rate: limits.upload_rate.max(1),
        }
    }

    /// Until when the next byte must come.
    fn deadline(&self) -> Instant {
        let earned = Duration::from_secs(self.received / self.rate);
        let paced = self.began + self.pause + earned;
        paced.min(Instant::now() + self.pause)
    }

    /// The next frame of data; `None` at the end.
    async fn frame(&mut self) -> Result<Option<Bytes>, BodyFault> {
        loop {
            let body = &mut self.body;
            let next = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
            match next {
                None => return Ok(None),
                Some(Err(_)) => return Err(BodyFault::Incomplete),
                // What is no data are trailers of HTTP, which nobody signs.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.received = self.received.saturating_add(data.len() as u64);
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The next frame if it is there already.
    async fn ready_frame(&mut self) -> Option<Result<Option<Bytes>, BodyFault>> {
        let mut frame = std::pin::pin!(self.frame());
        std::future::poll_fn(|cx| match frame.as_mut().poll(cx) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Waits for more of the body, and takes what else is there.
    async fn next(&mut self) -> Came {
        let first = match tokio::time::timeout_at(self.deadline(), self.frame()).await {
            Ok(Ok(Some(first))) => first,
            Ok(Ok(None)) => return Came::Last(Vec::new()),
            Ok(Err(fault)) => return Came::Fault(fault),
            Err(_) => return Came::Fault(BodyFault::Slow),
        };
        let mut size = first.len();
        let mut gathered = vec![first];
        while size < BATCH && !self.body.is_end_stream() {
            match self.ready_frame().await {
                Some(Ok(Some(more))) => {
                    size += more.len();
                    gathered.push(more);
                }
                Some(Ok(None)) => return Came::Last(gathered),
                Some(Err(fault)) => return Came::Fault(fault),
                None => return Came::Some(gathered),
            }
        }
        if self.body.is_end_stream() {
            return Came::Last(gathered);
        }
        Came::Some(gathered)
    }

    /// Hands all of the body on, except the last of it, which is left to the caller to feed together
    /// with the end. The next pieces are read while those before are taken.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub(crate) async fn pump(
        mut self,
        receiving: Box<Receiving>,
    ) -> Result<(Box<Receiving>, Vec<Bytes>, Result<(), BodyFault>), tokio::task::JoinError> {
        let mut receiving = receiving;
        let mut came = self.next().await;
        loop {
            let pieces = match came {
                Came::Some(pieces) => pieces,
                Came::Last(pieces) => return Ok((receiving, pieces, Ok(()))),
                Came::Fault(fault) => return Ok((receiving, Vec::new(), Err(fault))),
            };
            let feeding = tokio::task::spawn_blocking(move || {
                let more = feed(&mut receiving, pieces);
                (receiving, more)
            });
            let (fed, next) = tokio::join!(feeding, self.next());
            let more;
            (receiving, more) = fed?;
            if !more {
                return Ok((receiving, Vec::new(), Ok(())));
            }
            came = next;
        }
    }
}

/// Reads a body whole, within the bounds for such ones. What is above [`FREE`] counts against the
/// bytes that all of them may take, until the permit is dropped: a client that sends slowly can
/// take them up, and then large bodies are refused while small ones are served.
pub(crate) async fn gather(
    body: Incoming,
    limits: &Limits,
    held: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, Result<Bytes, BodyFault>) {
    let mut upload = Upload::new(body, limits);
    let end = Instant::now() + limits.body_time;
    let (mut frames, mut size, mut permit) = (Vec::new(), 0, None::<OwnedSemaphorePermit>);
    loop {
        let deadline = upload.deadline().min(end);
        let frame = match tokio::time::timeout_at(deadline, upload.frame()).await {
            Ok(Ok(Some(frame))) => frame,
            Ok(Ok(None)) => return (permit, Ok(joined(frames))),
            Ok(Err(fault)) => return (None, Err(fault)),
            Err(_) => return (None, Err(BodyFault::Slow)),
        };
        let before = size.max(FREE);
        size += frame.len();
        if size > limits.body {
            let limit = limits.body;
            return (None, Err(BodyFault::TooLarge { limit }));
        }
        if let Ok(more @ 1..) = u32::try_from(size.saturating_sub(before)) {
            match (Arc::clone(held).try_acquire_many_owned(more), &mut permit) {
                (Ok(more), Some(permit)) => permit.merge(more),
                (Ok(more), none) => *none = Some(more),
                (Err(_), _) => return (None, Err(BodyFault::Crowded)),
            }
        }
        frames.push(frame);
    }
}

/// One piece of several; a single one is not copied.
fn joined(mut frames: Vec<Bytes>) -> Bytes {
    match frames.len() {
        0 => Bytes::new(),
        1 => frames.swap_remove(0),
        _ => frames.concat().into(),
    }
}

/// Feeds until no more is wanted. Returns whether more is.
pub(crate) fn feed(receiving: &mut Receiving, pieces: Vec<Bytes>) -> bool {
    pieces.into_iter().all(|piece| receiving.feed(piece))
}

/// Reads a little of a body that nobody wants: a client that is still sending when the connection is
/// closed would not see the answer.
pub(crate) async fn discard(body: Incoming, limits: &Limits) {
    let mut upload = Upload::new(body, limits);
    let some = async {
        let mut read = 0;
        while let Ok(Some(data)) = upload.frame().await {
            read += data.len();
            if read > UNWANTED {
                break;
            }
        }
    };
    drop(tokio::time::timeout(UNWANTED_TIME, some).await);
}

//! Bodies that are received while they come.
//!
//! ```text
//! head ─ admit ─▶ Receiving ─ feed, as often as bytes come ─ finish ─▶ answer
//! ```
//!
//! Whether the call is permitted is decided on its head alone: who may not do it is answered before
//! anything of the body was asked for. Nothing is held between the steps but what takes the body, no
//! transaction and no thread. What was permitted at the head is asked again when the body is whole.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use std::any::Any;
use std::sync::Arc;
use wire::error::Family;
use wire::sigv4::{self, AuthError, BodyReader};

use super::arrive::{self, Arrived, BodyFault};
use super::chunks::{self, Raw};
use super::verify::Accepted;
use super::{Answered, Content, finish, handle, refuse, verify, written};
use crate::authorize::{self, Known, Permitted};
use crate::call::{Call, Facts, Verified};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::flow::{Payload, Receive};
use crate::platform::Platform;
use crate::record::{self, Unrecorded, Withheld};
use crate::resource::Target;

/// What became of the head of a request.
pub enum Admitted {
    /// It is answered; its body is not wanted.
    Answered(Box<Withheld<Response<Payload>>>),
    /// Its body is to come.
    Receiving(Box<Receiving>),
}

/// A permitted request whose body is coming.
pub struct Receiving {
    platform: Arc<Platform>,
    facts: Facts,
    inlet: Result<Inlet, ApiError>,
    caller: Arc<Caller>,
    targets: Vec<Target>,
}

/// Whether the request is for an operation that receives its body while it comes, as far as its head
/// tells.
#[must_use]
pub fn streams(platform: &Platform, parts: &Parts) -> bool {
    if !matches!(parts.method, Method::PUT | Method::POST) {
        return false;
    }
    let hoisted = sigv4::hoisted(parts);
    let parts = hoisted.as_ref().unwrap_or(parts);
    let parsed = sigv4::parse(parts).ok().flatten();
    let place = arrive::place(platform, parts, parsed.as_ref(), &[]);
    verify::receives(platform, &place)
}

/// Verifies and authorizes a request that [`streams`] by its head; `arrived` has no body yet.
///
/// # Errors
/// When the trail cannot be written. There must be no answer then: close the connection.
pub fn admit(platform: &Arc<Platform>, arrived: Arrived) -> Result<Admitted, Unrecorded> {
    let answered =
        |response: Withheld<Response<Payload>>| Ok(Admitted::Answered(Box::new(response)));
    let signed = match arrive::read(platform, arrived) {
        Ok(signed) => signed,
        Err(refusal) => return answered(refuse(platform, *refusal)?),
    };
    let Accepted {
        verified,
        raw,
        known,
    } = match verify::verify(platform, signed) {
        Ok(accepted) => accepted,
        Err(refusal) => return answered(refuse(platform, *refusal)?),
    };
    let begun = match raw {
        Some(raw) => begin(&verified, known, raw),
        None => Err(Stopped::unknown(ApiError::internal(
            "an operation that receives no body",
        ))),
    };
    match begun {
        Ok((inlet, caller, targets)) => {
            record::record_asked(&verified)?;
            Ok(Admitted::Receiving(Box::new(Receiving {
                platform: Arc::clone(platform),
                facts: verified.facts,
                inlet: Ok(inlet),
                caller,
                targets,
            })))
        }
        Err(stopped) => {
            let Stopped {
                caller,
                targets,
                error,
            } = *stopped;
            let answer = finish(&verified, caller.as_deref(), &targets, Err(error))?;
            answered(written(&verified, answer))
        }
    }
}

/// A request that ends at its head.
struct Stopped {
    caller: Option<Arc<Caller>>,
    targets: Vec<Target>,
    error: ApiError,
}

impl Stopped {
    fn unknown(error: ApiError) -> Box<Self> {
        Box::new(Self {
            caller: None,
            targets: Vec::new(),
            error,
        })
    }
}

/// Authorizes the head and opens what takes the body.
fn begin<'p>(
    verified: &Verified<'p>,
    known: Option<Known<'p>>,
    raw: Raw,
) -> Result<(Inlet, Arc<Caller>, Vec<Target>), Box<Stopped>> {
    let known = known.map_or_else(|| Known::now(verified), Ok);
    let Known { tx, caller } = known.map_err(Stopped::unknown)?;
    let attempt = authorize::authorize(verified, &*tx, caller);
    let (caller, targets) = (attempt.caller, attempt.targets);
    let opened = attempt
        .result
        .and_then(|call| Inlet::open(&call, raw.reader));
    match opened {
        Ok(inlet) => Ok((inlet, caller, targets)),
        Err(error) => Err(Box::new(Stopped {
            caller: Some(caller),
            targets,
            error,
        })),
    }
}

impl Receiving {
    /// Takes the next bytes of the body as they came. May block on the disk. Returns whether more are
    /// wanted: when not, [`finish`](Self::finish) says why.
    pub fn feed(&mut self, bytes: Bytes) -> bool {
        if let Ok(inlet) = &mut self.inlet
            && let Err(error) = inlet.feed(bytes)
        {
            self.inlet = Err(error);
        }
        self.inlet.is_ok()
    }

    /// Ends the body, does what was asked and answers. `end` says whether all of it came.
    ///
    /// # Errors
    /// When the trail cannot be written. There must be no answer then: close the connection.
    pub fn finish(self, end: Result<(), BodyFault>) -> Answered {
        let Self {
            platform,
            facts,
            inlet,
            caller,
            targets,
        } = self;
        let verified = Verified {
            platform: &platform,
            facts,
        };
        let family = verified.dialect.family();
        let received = inlet.and_then(|inlet| {
            let cut = |fault| ApiError::from_wire(&arrive::body_error(fault, family));
            end.map_err(cut)?;
            inlet.close(&verified.headers)
        });
        let answer = match received {
            Ok(received) => handle(&verified, None, Content::Received(received))?,
            Err(error) => finish(&verified, Some(&caller), &targets, Err(error))?,
        };
        Ok(written(&verified, answer))
    }
}

/// The way of a body from its encoding to what takes it.
pub(super) struct Inlet {
    family: Family,
    reader: BodyReader,
    receiver: Box<dyn Receive>,
    pieces: Vec<Bytes>,
}

impl Inlet {
    /// Asks the operation of a permitted call for what takes the body.
    pub(super) fn open(call: &Permitted<Call<'_>>, reader: BodyReader) -> Result<Self, ApiError> {
        let verified = call.verified;
        let none = || ApiError::internal("an operation that receives no body");
        let open = verified.operation.receive.ok_or_else(none)?;
        Ok(Self {
            family: verified.dialect.family(),
            reader,
            receiver: open(call)?,
            pieces: Vec::new(),
        })
    }

    pub(super) fn feed(&mut self, bytes: Bytes) -> Result<(), ApiError> {
        let family = self.family;
        self.reader
            .feed(bytes, &mut self.pieces)
            .map_err(|error| told(&error, family))?;
        self.pieces
            .drain(..)
            .try_for_each(|piece| self.receiver.take(piece))
    }

    /// Ends the body. What it was is believed from here on.
    pub(super) fn close(self, headers: &HeaderMap) -> Result<Box<dyn Any + Send>, ApiError> {
        let trailers = self
            .reader
            .finish()
            .and_then(|trailers| chunks::check(headers, &trailers).map(|()| trailers))
            .map_err(|error| told(&error, self.family))?;
        self.receiver.end(&trailers)
    }
}

fn told(error: &AuthError, family: Family) -> ApiError {
    ApiError::from_wire(&error.to_wire(family))
}

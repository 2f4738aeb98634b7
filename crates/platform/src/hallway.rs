//! The path of a request, one step a function, each step the only maker of what it returns.
//!
//! ```text
//! Arrived ─ read ─▶ Signed ─ verify ─▶ Verified ─ authorize ─▶ Permitted<Call> ─ handler ─▶ Outcome ─ record ─▶ Withheld ─ release ─▶ Response
//! ```
//!
//! Whatever goes wrong on the way is a `Refusal`, which is recorded like everything else.

mod arrive;
mod beside;
mod chunks;
mod door;
mod form;
mod receive;
mod respond;
mod verify;

pub use arrive::{Arrived, BodyFault, Signed};
pub use receive::{Admitted, Receiving, admit, streams};

use bytes::Bytes;
use http::{Method, Response};
use std::any::Any;
use std::sync::Arc;
use wire::error::WireError;
use wire::protocol::Dialect;
use wire::route::Target;
use wire::sigv4::{AuthError, BodyReader};
use wire::value::Value;

use self::chunks::Raw;
use self::receive::Inlet;
use self::verify::Accepted;
use crate::authorize::{self, Known, Permitted};
use crate::call::{Call, Envelope, Facts, Verified};
use crate::caller::{Caller, Holder};
use crate::error::ApiError;
use crate::flow::Payload;
use crate::operation::{Category, Effect};
use crate::outcome::Outcome;
use crate::platform::Platform;
use crate::record::{self, Answer, Happened, Unrecorded, Who, Withheld};

/// A request that does not reach its operation, with all that is known of it.
pub(crate) struct Refusal {
    envelope: Envelope,
    place: Place,
    caller: Option<Arc<Caller>>,
    claimed_key: Option<String>,
    error: WireError,
}

/// Which service and operation a request is for, as far as that is known.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    dialect: Dialect,
    /// The service's name in events.
    source: &'static str,
    /// The operation's name in events.
    operation: &'static str,
    target: Result<Target, WireError>,
    /// The page's origin, where a browser asks for one.
    origin: Option<String>,
}

/// The answer to a request.
pub type Answered = Result<Withheld<Response<Payload>>, Unrecorded>;

/// Answers a request whose body is there: the whole way, with the answer in memory.
///
/// # Errors
/// When the trail cannot be written, or the answer's body not read. There must be no answer then.
pub fn walk(platform: &Platform, arrived: Arrived) -> Result<Response<Bytes>, Unrecorded> {
    let (parts, payload) = enter(platform, arrived)
        .answer(platform)?
        .release(platform)?
        .into_parts();
    let body = payload.gather().map_err(|error| Unrecorded {
        reason: error.to_string(),
    })?;
    Ok(Response::from_parts(parts, body))
}

/// A request that was read, and is not yet believed.
pub struct Entered(Way);

/// Which way a request goes.
enum Way {
    /// To a door, or to a form, or it asks what a browser may ask.
    Aside(Box<Arrived>),
    Hallway(Box<Signed>),
    Out(Box<Refusal>),
}

/// Reads a request whose body is there, so far that its operation is known.
pub fn enter(platform: &Platform, arrived: Arrived) -> Entered {
    let parts = &arrived.parts;
    if parts.method == Method::OPTIONS
        || door::find(platform, parts).is_some()
        || form::find(platform, parts).is_some()
    {
        return Entered(Way::Aside(Box::new(arrived)));
    }
    Entered(read(platform, arrived))
}

fn read(platform: &Platform, arrived: Arrived) -> Way {
    match arrive::read(platform, arrived) {
        Ok(signed) => Way::Hallway(Box::new(signed)),
        Err(refusal) => Way::Out(refusal),
    }
}

impl Entered {
    /// Whether its operation is [`brief`](crate::Operation::brief), and nothing makes it wait for more
    /// than memory and the operating system.
    #[must_use]
    pub fn is_brief(&self, platform: &Platform) -> bool {
        match &self.0 {
            Way::Hallway(signed) => {
                !platform.waits() && verify::is_brief(platform, &signed.place, &signed.body)
            }
            Way::Aside(_) | Way::Out(_) => false,
        }
    }

    /// Answers it. The answer waits to be [released](Withheld::release).
    ///
    /// # Errors
    /// When it cannot be recorded. There must be no answer then: close the connection.
    pub fn answer(self, platform: &Platform) -> Answered {
        match self.0 {
            Way::Aside(arrived) => aside(platform, *arrived),
            Way::Hallway(signed) => believe(platform, *signed),
            Way::Out(refusal) => refuse(platform, *refusal),
        }
    }
}

fn aside(platform: &Platform, arrived: Arrived) -> Answered {
    if let Some(door) = door::find(platform, &arrived.parts) {
        return door::pass(platform, door, &arrived);
    }
    if let Some(answered) = beside::preflight(platform, &arrived) {
        return answered;
    }
    if let Some(goal) = form::find(platform, &arrived.parts) {
        return form::pass(platform, &goal, arrived);
    }
    Entered(read(platform, arrived)).answer(platform)
}

fn believe(platform: &Platform, signed: Signed) -> Answered {
    let Accepted {
        mut verified,
        raw,
        known,
    } = match verify::verify(platform, signed) {
        Ok(accepted) => accepted,
        Err(refusal) => return refuse(platform, *refusal),
    };
    if let Err(error) = prove(&mut verified) {
        let answer = finish(&verified, None, &[], Err(error))?;
        return Ok(written(&verified, answer));
    }
    let body = raw.map_or(Content::None, Content::Raw);
    Ok(written(&verified, handle(&verified, known, body)?))
}

/// Finds out who asks where the operation tells it from its input.
fn prove(verified: &mut Verified<'_>) -> Result<(), ApiError> {
    if let Some(proof) = verified.operation.proof {
        let time = verified.envelope.time;
        let caller = proof(verified.platform, &verified.input, time)?;
        verified.facts.holder = Holder::Federated(Arc::new(caller));
    }
    Ok(())
}

fn written(verified: &Verified<'_>, answer: Withheld<Answer>) -> Withheld<Response<Payload>> {
    let response = respond::write(
        verified.platform,
        &verified.dialect,
        &verified.envelope,
        answer,
    );
    let origin = verified.headers.get(http::header::ORIGIN);
    let about = (
        verified.platform,
        verified.input.str("Bucket"),
        verified.envelope.region.as_str(),
        origin.and_then(|origin| origin.to_str().ok()),
    );
    response.map(|mut response| {
        beside::add(
            verified.operation,
            verified.api.method(),
            about,
            &mut response,
        );
        response
    })
}

fn refuse(platform: &Platform, refusal: Refusal) -> Answered {
    let who = match (&refusal.caller, &refusal.claimed_key) {
        (Some(caller), _) => Who::Known(caller),
        (None, key) => Who::Claimed(key.as_deref()),
    };
    let happened = Happened {
        platform,
        envelope: &refusal.envelope,
        family: refusal.place.dialect.family(),
        source: refusal.place.source,
        operation: refusal.place.operation,
        effect: Effect::Read,
        category: Category::Management,
        who,
        verified: None,
        targets: &[],
    };
    let answer = record::record_refusal(&happened, refusal.error)?;
    let (place, envelope) = (&refusal.place, &refusal.envelope);
    let response = respond::write(platform, &place.dialect, envelope, answer);
    Ok(response.map(|mut response| {
        beside::add_to_refusal(platform, place, &envelope.region, &mut response);
        response
    }))
}

/// The body of an operation that receives it.
enum Content {
    /// The operation receives none.
    None,
    /// As it came.
    Raw(Raw),
    /// Received.
    Received(Box<dyn Any + Send>),
}

impl Content {
    /// Hands the body to the call.
    fn give(self, call: &Permitted<Call<'_>>) -> Result<(), ApiError> {
        let received = match self {
            Self::None => return Ok(()),
            Self::Received(received) => received,
            Self::Raw(Raw { reader, bytes }) => {
                let mut inlet = Inlet::open(call, reader)?;
                inlet.feed(bytes)?;
                inlet.close(call.headers())?
            }
        };
        call.received.replace(Some(received));
        Ok(())
    }
}

/// Authorizes a verified request, lets its handler work and records what came of it.
fn handle<'p>(
    verified: &Verified<'p>,
    known: Option<Known<'p>>,
    body: Content,
) -> Result<Withheld<Answer>, Unrecorded> {
    attempt(verified, known, body, |caller, targets, result| {
        finish(verified, caller, targets, result)
    })
}

/// [`handle`] for a request from inside the platform, which gets the output itself. `body` is the one
/// of an operation that receives it. What only reads on the way of another call is recorded with that.
pub(crate) fn handle_inside(
    verified: &Verified<'_>,
    body: Option<Bytes>,
    on_way_of: Option<&Facts>,
) -> Result<Value, ApiError> {
    let internal = |error: AuthError| ApiError::internal(error);
    let plain =
        |bytes| BodyReader::new(None, &verified.headers).map(|reader| Raw { reader, bytes });
    let raw = body.map(plain).transpose().map_err(internal)?;
    let body = raw.map_or(Content::None, Content::Raw);
    attempt(verified, None, body, |caller, targets, mut result| {
        let output = match &mut result {
            Ok(outcome) => outcome.gather(verified.api),
            Err(error) => Err(error.clone()),
        };
        let answer = finish(verified, caller, targets, result).map_err(unanswered)?;
        match on_way_of.filter(|_| verified.operation.effect == Effect::Read) {
            Some(outer) => answer.join(&outer.asked),
            None => drop(answer.release(verified.platform).map_err(unanswered)?),
        }
        output
    })
}

fn unanswered(unrecorded: Unrecorded) -> ApiError {
    ApiError::internal(unrecorded.reason)
}

/// Authorizes a verified request and lets its handler work. `finish` gets what came of it, with the
/// caller and what was asked for, as far as they are known. Where nobody told who asks, it is found out.
fn attempt<'p, T>(
    verified: &Verified<'p>,
    known: Option<Known<'p>>,
    body: Content,
    finish: impl FnOnce(Option<&Caller>, &[crate::resource::Target], Result<Outcome, ApiError>) -> T,
) -> T {
    let Known { tx, caller } = match known.map_or_else(|| Known::now(verified), Ok) {
        Ok(known) => known,
        Err(error) => return finish(None, &[], Err(error)),
    };
    let attempt = authorize::authorize(verified, &*tx, caller);
    let result = attempt.result.and_then(|call| {
        body.give(&call)?;
        (verified.operation.handle)(&call)
    });
    finish(Some(&attempt.caller), &attempt.targets, result)
}

fn finish(
    verified: &Verified<'_>,
    caller: Option<&Caller>,
    targets: &[crate::resource::Target],
    result: Result<Outcome, ApiError>,
) -> Result<Withheld<Answer>, Unrecorded> {
    if let Some(caller) = caller {
        let (usage, envelope) = (verified.platform.usage(), &verified.envelope);
        let what = (verified.source, verified.operation.name);
        usage.note(caller, what, envelope.time, &envelope.region);
        usage.write_now_and_then(verified.platform, envelope.time);
    }
    let happened = Happened {
        platform: verified.platform,
        envelope: &verified.envelope,
        family: verified.dialect.family(),
        source: verified.source,
        operation: verified.operation.name,
        effect: verified.operation.effect,
        category: verified.operation.category,
        who: match caller {
            Some(caller) => Who::Known(caller),
            None => {
                Who::Claimed(Some(verified.access_key_id.as_str()).filter(|key| !key.is_empty()))
            }
        },
        verified: Some(verified),
        targets,
    };
    record::record(&happened, verified.api, result)
}

//! The path of a request, one step a function, each step the only maker of what it returns.
//!
//! ```text
//! Arrived ─ read ─▶ Signed ─ verify ─▶ Verified ─ authorize ─▶ Permitted<Call> ─ handler ─▶ Outcome ─ record ─▶ Recorded ─ write ─▶ bytes
//! ```
//!
//! Whatever goes wrong on the way is a `Refusal`, which is recorded like everything else.

mod arrive;
mod chunks;
mod door;
mod respond;
mod verify;

pub use arrive::{Arrived, BodyFault, Signed};

use bytes::Bytes;
use http::Response;
use wire::error::WireError;
use wire::protocol::Dialect;
use wire::route::Target;
use wire::value::Value;

use crate::authorize;
use crate::call::{Envelope, Verified};
use crate::caller::{Caller, Rejected};
use crate::error::ApiError;
use crate::operation::{Category, Effect};
use crate::outcome::Outcome;
use crate::platform::Platform;
use crate::record::{self, Happened, Recorded, Unrecorded, Who};

/// A request that does not reach its operation, with all that is known of it.
pub(crate) struct Refusal {
    envelope: Envelope,
    place: Place,
    caller: Option<Caller>,
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
    operation: String,
    target: Result<Target, WireError>,
}

/// Answers a request: the whole way.
///
/// # Errors
/// When the trail cannot be written. There must be no answer then: close the connection.
pub fn walk(platform: &Platform, arrived: Arrived) -> Result<Response<Bytes>, Unrecorded> {
    if let Some(door) = door::find(platform, &arrived.parts) {
        return door::pass(platform, door, &arrived);
    }
    let signed = match arrive::read(platform, arrived) {
        Ok(signed) => signed,
        Err(refusal) => return refuse(platform, *refusal),
    };
    let verified = match verify::verify(platform, signed) {
        Ok(verified) => verified,
        Err(refusal) => return refuse(platform, *refusal),
    };
    let recorded = handle(&verified)?;
    Ok(respond::write(
        platform,
        &verified.dialect,
        &verified.envelope,
        &recorded,
    ))
}

fn refuse(platform: &Platform, refusal: Refusal) -> Result<Response<Bytes>, Unrecorded> {
    let who = match (&refusal.caller, &refusal.claimed_key) {
        (Some(caller), _) => Who::Known(caller),
        (None, key) => Who::Claimed(key.as_deref()),
    };
    let happened = Happened {
        platform,
        envelope: &refusal.envelope,
        family: refusal.place.dialect.family(),
        source: refusal.place.source,
        operation: &refusal.place.operation,
        effect: Effect::Read,
        category: Category::Management,
        who,
        verified: None,
        targets: &[],
    };
    let recorded = record::record_refusal(&happened, refusal.error)?;
    Ok(respond::write(
        platform,
        &refusal.place.dialect,
        &refusal.envelope,
        &recorded,
    ))
}

/// Authorizes a verified request, lets its handler work and records what came of it.
fn handle(verified: &Verified<'_>) -> Result<Recorded, Unrecorded> {
    attempt(verified, |caller, targets, result| {
        finish(verified, caller, targets, result)
    })
}

/// [`handle`] for a request from inside the platform, which gets the output itself.
pub(crate) fn handle_inside(verified: &Verified<'_>) -> Result<Value, ApiError> {
    attempt(verified, |caller, targets, result| {
        let output = result.as_ref().map(|outcome| outcome.output.clone());
        let output = output.map_err(Clone::clone);
        finish(verified, caller, targets, result)
            .map_err(|unrecorded| ApiError::internal(unrecorded.reason))?;
        output
    })
}

/// Authorizes a verified request and lets its handler work. `finish` gets what came of it, with the
/// caller and what was asked for, as far as they are known.
fn attempt<T>(
    verified: &Verified<'_>,
    finish: impl FnOnce(Option<&Caller>, &[crate::resource::Target], Result<Outcome, ApiError>) -> T,
) -> T {
    let tx = match verified.platform.store().begin_read() {
        Ok(tx) => tx,
        Err(error) => return finish(None, &[], Err(error.into())),
    };
    match authorize::authorize(verified, &*tx) {
        Ok(attempt) => {
            let result = attempt
                .result
                .and_then(|call| (verified.operation.handle)(&call));
            finish(attempt.caller.as_ref(), &attempt.targets, result)
        }
        Err(Rejected::Failed(error)) => finish(None, &[], Err(error)),
        // Verified a moment ago, and gone or over since.
        Err(Rejected::Unknown | Rejected::Expired) => {
            let error =
                ApiError::access_denied("The security token included in the request is invalid.");
            finish(None, &[], Err(error))
        }
    }
}

fn finish(
    verified: &Verified<'_>,
    caller: Option<&Caller>,
    targets: &[crate::resource::Target],
    result: Result<Outcome, ApiError>,
) -> Result<Recorded, Unrecorded> {
    let happened = Happened {
        platform: verified.platform,
        envelope: &verified.envelope,
        family: verified.dialect.family(),
        source: verified.service.principal,
        operation: verified.operation.name,
        effect: verified.operation.effect,
        category: verified.operation.category,
        who: match caller {
            Some(caller) => Who::Known(caller),
            None => Who::Claimed(Some(&verified.access_key_id)),
        },
        verified: Some(verified),
        targets,
    };
    record::record(&happened, verified.api, result)
}

//! Headers beside the answers, and the preflight requests of browsers.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response};

use super::arrive::{self, Arrived};
use super::{Answered, Place, respond, verify};
use crate::beside::{Asked, Header};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::flow::Payload;
use crate::operation::{Category, Effect, Operation};
use crate::platform::{Built, Platform};
use crate::record::{self, Happened, Who};

/// How the trail names a preflight request.
const EVENT: &str = "PreflightRequest";

/// The label of a path in which the resource stands that a request is about.
const PLACE: &str = "Bucket";

pub(super) fn header<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
}

/// Adds the headers that go with an answer of the operation. A failure leaves them out: the answer
/// was recorded, and browsers then keep it to themselves.
pub(super) fn add(
    operation: &'static Operation,
    method: &'static str,
    (platform, place, region, origin): (&Platform, Option<&str>, &str, Option<&str>),
    response: &mut Response<Payload>,
) {
    let (Some(beside), Some(place)) = (operation.beside, place) else {
        return;
    };
    let asked = Asked {
        platform,
        operation: operation.name,
        method,
        place,
        region,
        origin,
    };
    match (beside.headers)(&asked) {
        Ok(headers) => insert(headers, response),
        Err(error) => platform.report(&format!("the headers beside an answer: {error}")),
    }
}

/// The same for a request that did not reach its operation.
pub(super) fn add_to_refusal(
    platform: &Platform,
    place: &Place,
    region: &str,
    response: &mut Response<Payload>,
) {
    let Ok(target) = &place.target else { return };
    let api = target.operation();
    if let Some(Built { operation, .. }) = verify::operation(platform, api) {
        let about = (
            platform,
            target.label(PLACE),
            region,
            place.origin.as_deref(),
        );
        add(operation, api.method(), about, response);
    }
}

fn insert(headers: Vec<Header>, response: &mut Response<Payload>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// Answers a browser that asks whether a page may ask something; `None` when the request is none of
/// these, or is about nothing that answers them.
pub(super) fn preflight(platform: &Platform, arrived: &Arrived) -> Option<Answered> {
    if arrived.parts.method != Method::OPTIONS {
        return None;
    }
    let wanted = header(&arrived.parts, "access-control-request-method");
    let mut parts = arrived.parts.clone();
    parts.method = wanted
        .and_then(|method| Method::from_bytes(method.as_bytes()).ok())
        .unwrap_or(Method::GET);
    let place = arrive::place(platform, &parts, None, &[]);
    let target = place.target.as_ref().ok()?;
    let api = target.operation();
    let Built { operation, .. } = verify::operation(platform, api)?;
    let (beside, label) = (operation.beside?, target.label(PLACE)?);
    let envelope = arrive::envelope(
        platform,
        &arrived.parts,
        arrived.source_ip,
        arrived.tls.clone(),
    );
    let origin = header(&arrived.parts, "origin");
    let asked = Asked {
        platform,
        operation: operation.name,
        method: api.method(),
        place: label,
        region: &envelope.region,
        origin,
    };
    let listed = header(&arrived.parts, "access-control-request-headers").unwrap_or_default();
    let listed: Vec<&str> = listed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let bad = |text: &str| Err(ApiError::new("BadRequest", 400, text));
    let result = match (origin, wanted) {
        (None, _) => bad("Insufficient information. Origin request header needed."),
        (_, None) => bad("Invalid Access-Control-Request-Method: null"),
        _ => (beside.preflight)(&asked, &listed),
    };
    let happened = Happened {
        platform,
        envelope: &envelope,
        family: place.dialect.family(),
        source: place.source,
        operation: EVENT,
        effect: Effect::Read,
        category: Category::Data,
        who: Who::Known(&Caller::nobody(platform)),
        verified: None,
        targets: &[],
    };
    let (headers, result) = match result {
        Ok(headers) => (headers, Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    Some(
        record::record_without_answer(&happened, result).map(|answer| {
            let response = respond::write(platform, &place.dialect, &envelope, answer);
            response.map(|mut response| {
                insert(headers, &mut response);
                response
            })
        }),
    )
}

/// An answer that is only its headers.
pub(super) fn bare(request_id: &str) -> Response<Payload> {
    let mut response = Response::new(Payload::Whole(Bytes::new()));
    let named = ["x-amz-request-id", "x-amz-id-2"];
    for name in named {
        if let Ok(value) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

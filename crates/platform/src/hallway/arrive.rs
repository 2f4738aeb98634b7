//! Reading what arrived, as far as that goes without believing any of it.

use bytes::Bytes;
use http::request::Parts;
use std::net::IpAddr;
use wire::error::{Family, WireError};
use wire::protocol::Dialect;
use wire::sigv4::{self, AuthError, SignedRequest, Version};

use super::{Place, Refusal};
use crate::call::{Envelope, Tls, Transport};
use crate::id;
use crate::platform::Platform;

/// How the trail names an operation that cannot be told.
const UNKNOWN: &str = "Unknown";

/// Services that are the same in all regions. What they are asked is of one region in conditions and
/// in the trail, whichever the client signs for (CloudTrail User Guide, "Global service events");
/// otherwise a made-up region would keep it out of sight.
const GLOBAL: &[&str] = &["iam.amazonaws.com", "organizations.amazonaws.com"];
/// The region of those services.
const GLOBAL_REGION: &str = "us-east-1";

/// A request as the server received it.
#[derive(Debug)]
pub struct Arrived {
    /// Its line and headers.
    pub parts: Parts,
    /// Its body.
    pub body: Result<Bytes, BodyFault>,
    /// The address of the peer.
    pub source_ip: IpAddr,
    /// How the connection is secured; `None` when it is not.
    pub tls: Option<Tls>,
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// It is larger than this server takes.
    TooLarge {
        /// What it takes, in bytes.
        limit: usize,
    },
    /// Not all of it came.
    Incomplete,
    /// It came too slowly.
    Slow,
    /// The server holds as many bytes of other bodies as it may.
    Crowded,
}

/// A request that says who signed it and which service it is for, not yet believed.
pub struct Signed {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    pub(super) envelope: Envelope,
    pub(super) place: Place,
    /// None when it is not signed at all.
    pub(super) signed: Option<SignedRequest>,
}

/// Reads the signature, and finds the service in its scope.
pub(super) fn read(platform: &Platform, arrived: Arrived) -> Result<Signed, Box<Refusal>> {
    let Arrived {
        parts,
        body,
        source_ip,
        tls,
    } = arrived;
    let parts = sigv4::hoisted(&parts).unwrap_or(parts);
    let mut envelope = envelope(platform, &parts, source_ip, tls);
    let parsed = sigv4::parse(&parts);
    if let Ok(Some(signed)) = &parsed
        && is_region(&signed.scope().region)
    {
        envelope.region = signed.scope().region.clone();
    }
    let claimed_key = match &parsed {
        Ok(Some(signed)) => Some(signed.access_key().to_owned()),
        _ => None,
    };
    let known = parsed.as_ref().ok().and_then(Option::as_ref);
    let place = place(platform, &parts, known, body.as_deref().unwrap_or_default());
    if GLOBAL.contains(&place.source) {
        GLOBAL_REGION.clone_into(&mut envelope.region);
    }
    let family = place.dialect.family();
    let checked = parsed
        .map_err(|error| error.to_wire(family))
        .and_then(|signed| {
            signed
                .map(|signed| check_region(signed, &parts, family, platform))
                .transpose()
        })
        .and_then(|signed| Ok((signed, body.map_err(|fault| body_error(fault, family))?)));
    match checked {
        Ok((signed, body)) => Ok(Signed {
            parts,
            body,
            envelope,
            place,
            signed,
        }),
        Err(error) => Err(Box::new(Refusal {
            envelope,
            place,
            caller: None,
            claimed_key,
            error,
        })),
    }
}

/// What is known of a request before anything in it is believed.
pub(super) fn envelope(
    platform: &Platform,
    parts: &Parts,
    source_ip: IpAddr,
    tls: Option<Tls>,
) -> Envelope {
    let header = |name: &str| {
        let value = parts.headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    Envelope {
        // Without randomness there is no id; the call then fails where the trail needs its own.
        request_id: id::uuid(platform.random()).unwrap_or_default(),
        time: platform.now(),
        source_ip,
        user_agent: header("user-agent"),
        referer: header("referer"),
        host: header("host"),
        region: platform.config().region.clone(),
        transport: tls.map_or(Transport::Plain, Transport::Tls),
        via: Vec::new(),
    }
}

/// Refuses a signature for a region that cannot be one, or is another than that of the host by which
/// the request came. S3 tells the right region itself; it depends on the bucket.
fn check_region(
    signed: SignedRequest,
    parts: &Parts,
    family: Family,
    platform: &Platform,
) -> Result<SignedRequest, WireError> {
    let region = &signed.scope().region;
    let here = wire::route::aws_region(parts).filter(|_| family != Family::S3);
    // Version 2 names no region.
    let named = is_region(region) || signed.scope().version == Version::V2;
    if named && here.is_none_or(|here| here == region) {
        return Ok(signed);
    }
    Err(wrong_region(region, family, platform))
}

/// Refuses the name of a region that cannot be one.
pub(super) fn check_region_name(
    region: &str,
    family: Family,
    platform: &Platform,
) -> Result<(), WireError> {
    match is_region(region) {
        true => Ok(()),
        false => Err(wrong_region(region, family, platform)),
    }
}

/// S3's clients try again with the region that they are told.
fn wrong_region(region: &str, family: Family, platform: &Platform) -> WireError {
    let own = &platform.config().region;
    match family {
        Family::S3 => {
            let text = format!("the region '{region}' is wrong; expecting '{own}'");
            AuthError::Scope(text)
                .to_wire(family)
                .with("Region", own.clone())
        }
        _ => {
            let text = format!("Credential should be scoped to a valid region, not '{region}'.");
            AuthError::Scope(text).to_wire(family)
        }
    }
}

/// A region's name goes into ARNs and paths: lower-case letters, digits and hyphens only.
fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

pub(super) fn body_error(fault: BodyFault, family: Family) -> WireError {
    match (fault, family) {
        (BodyFault::TooLarge { limit }, Family::S3) => WireError::new(
            "EntityTooLarge",
            400,
            "Your proposed upload exceeds the maximum allowed size",
        )
        .with("MaxSizeAllowed", limit.to_string()),
        (BodyFault::TooLarge { limit }, _) => WireError::new(
            "RequestEntityTooLarge",
            413,
            format!("The request body is larger than {limit} bytes"),
        ),
        // Amazon S3 API Reference, "List of error codes".
        (BodyFault::Slow, Family::S3) => WireError::new(
            "RequestTimeout",
            400,
            "Your socket connection to the server was not read from or written to within the timeout \
             period.",
        ),
        (BodyFault::Incomplete, Family::S3) => WireError::new(
            "IncompleteBody",
            400,
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ),
        (BodyFault::Crowded, Family::S3) => {
            WireError::new("SlowDown", 503, "Please reduce your request rate.")
        }
        // The code that all services share (IAM API Reference, "Common errors").
        (BodyFault::Crowded, _) => WireError::new(
            "ServiceUnavailable",
            503,
            "The request has failed due to a temporary failure of the server.",
        ),
        (BodyFault::Slow, _) => WireError::new(
            "RequestTimeout",
            408,
            "The request body did not come in time",
        ),
        (BodyFault::Incomplete, _) => {
            WireError::new("IncompleteBody", 400, "The request body is incomplete")
        }
    }
}

/// Where a request goes: its operation, or why there is none.
pub(super) fn place(
    platform: &Platform,
    parts: &Parts,
    signed: Option<&SignedRequest>,
    body: &[u8],
) -> Place {
    let router = platform.router();
    let origin = super::beside::header(parts, "origin").map(str::to_owned);
    let api = match router.service(parts, signed) {
        Ok(api) => api,
        Err(error) => {
            return Place {
                dialect: Dialect::guess(parts),
                source: "unknown.amazonaws.com",
                operation: UNKNOWN,
                target: Err(error),
                origin,
            };
        }
    };
    let target = router.operation(api, parts, body);
    let served = platform.served().find(|served| served.api == api);
    Place {
        dialect: Dialect::of(api, parts),
        source: served.map_or("unknown.amazonaws.com", |served| served.service.principal),
        operation: target
            .as_ref()
            .map_or(UNKNOWN, |target| target.operation().name()),
        target,
        origin,
    }
}

//! Believing a request: its signature, then its caller, then its form.

use bytes::Bytes;
use http::request::Parts;
use std::cell::RefCell;
use std::sync::Arc;
use store::Read;
use wire::error::{Family, WireError};
use wire::protocol;
use wire::sigv4::{AuthError, SignedRequest, sha256};
use wire::value::Value;

use super::chunks::{self, Content, Raw};
use super::{Place, Refusal, Signed};
use crate::authorize::Known;
use crate::call::{Envelope, Facts, Signature, Verified};
use crate::caller::{Caller, Credential, Holder, Rejected};
use crate::platform::{Built, Platform};

/// Verifies the signature with the secret of the key that the request names, and reads the input by
/// the API's shapes. The body of an operation that receives it is left as it came.
pub(super) fn verify(platform: &Platform, signed: Signed) -> Result<Accepted<'_>, Box<Refusal>> {
    let Signed {
        mut parts,
        body,
        envelope,
        place,
        signed,
    } = signed;
    let claimed_key = signed.as_ref().map(|signed| signed.access_key().to_owned());
    let believed = match signed {
        Some(signed) => believe(platform, signed, &mut parts, body, &place),
        None => unsigned(platform, &place, &mut parts, body),
    };
    match believed {
        Ok(believed) => accept(platform, envelope, place, parts, believed, claimed_key),
        Err(error) => Err(Box::new(Refusal {
            envelope,
            place,
            caller: None,
            claimed_key,
            error,
        })),
    }
}

/// Reads the input of a request that is believed by the API's shapes.
pub(super) fn accept<'p>(
    platform: &'p Platform,
    envelope: Envelope,
    place: Place,
    parts: Parts,
    believed: Believed<'p>,
    claimed_key: Option<String>,
) -> Result<Accepted<'p>, Box<Refusal>> {
    let body = believed.body.whole();
    let opened = match open(platform, &place, &parts, &body) {
        Ok(opened) => opened,
        Err(error) => {
            return Err(Box::new(Refusal {
                envelope,
                place,
                caller: Some(believed.caller),
                claimed_key,
                error,
            }));
        }
    };
    let facts = Facts {
        envelope,
        access_key_id: believed.caller.access_key_id.clone(),
        holder: believed.holder,
        source: opened.built.source,
        operation: opened.built.operation,
        action: opened.built.action.clone(),
        api: opened.api,
        dialect: place.dialect,
        input: opened.input,
        link: match believed.signature {
            Some(signature) if signature.presigned => link(&parts.uri),
            _ => Vec::new(),
        },
        hosted: platform.router().host_bucket(&parts).is_some(),
        headers: parts.headers,
        body,
        signature: believed.signature,
        asked: RefCell::default(),
    };
    let raw = match believed.body {
        Content::Whole(_) => None,
        Content::Raw(raw) => Some(raw),
    };
    // Who it is in truth tells the input; to learn it may take a while, in which nothing is held.
    let tx = believed
        .tx
        .filter(|_| opened.built.operation.proof.is_none());
    let caller = believed.caller;
    Ok(Accepted {
        verified: Verified { platform, facts },
        raw,
        known: tx.map(|tx| Known { tx, caller }),
    })
}

/// What the query of a link says that events list: never the signature, nor a session's token.
fn link(uri: &http::Uri) -> Vec<(&'static str, String)> {
    const LISTED: [&str; 4] = [
        "X-Amz-Algorithm",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
    ];
    let pairs = wire::uri::pairs(uri.query().unwrap_or_default());
    pairs
        .filter_map(|(name, value)| {
            let mut listed = LISTED.into_iter();
            let name = listed.find(|known| known.as_bytes() == name)?;
            Some((name, String::from_utf8(value).ok()?))
        })
        .collect()
}

/// A verified request, with its body where the operation receives it.
pub(super) struct Accepted<'p> {
    pub(super) verified: Verified<'p>,
    pub(super) raw: Option<Raw>,
    /// Who asks, where the signature told.
    pub(super) known: Option<Known<'p>>,
}

/// Whether the operation that is asked for takes its body while it comes.
pub(super) fn receives(platform: &Platform, place: &Place) -> bool {
    let target = place.target.as_ref().ok();
    target
        .filter(|target| target.streams_body())
        .and_then(|target| operation(platform, target.operation()))
        .is_some_and(|built| built.operation.receive.is_some())
}

/// Whether the operation that is asked for does no more than look up or change a few records.
pub(super) fn is_brief(platform: &Platform, place: &Place, body: &Bytes) -> bool {
    let target = place.target.as_ref().ok();
    target
        .and_then(|target| operation(platform, target.operation()))
        .and_then(|built| built.operation.brief)
        .is_some_and(|most| body.len() <= most)
}

/// Who asks, and the body as it was meant.
pub(super) struct Believed<'p> {
    pub(super) holder: Holder,
    pub(super) caller: Arc<Caller>,
    /// As of which the caller is known, where somebody signed.
    pub(super) tx: Option<Box<dyn Read + 'p>>,
    pub(super) signature: Option<Signature>,
    pub(super) body: Content,
}

/// Lets a request without a signature pass where the operation is open to everyone.
fn unsigned<'p>(
    platform: &'p Platform,
    place: &Place,
    parts: &mut Parts,
    body: Bytes,
) -> Result<Believed<'p>, WireError> {
    let family = place.dialect.family();
    let found = place.target.as_ref().ok().and_then(|target| {
        let api = target.operation();
        operation(platform, api).map(|built| built.operation)
    });
    if found.is_some_and(|operation| operation.unsigned) {
        let body = match family {
            Family::S3 => chunks::decode(None, parts, body, receives(platform, place))
                .map_err(|error| error.to_wire(family))?,
            _ => Content::Whole(body),
        };
        return Ok(Believed {
            holder: Holder::Nobody,
            caller: Arc::new(Caller::nobody(platform)),
            tx: None,
            signature: None,
            body,
        });
    }
    Err(match family {
        Family::S3 => WireError::access_denied(family, "Access Denied"),
        _ => AuthError::Missing.to_wire(family),
    })
}

/// What stands in the tables for an operation of the API.
pub(super) fn operation(platform: &Platform, api: catalog::shapes::Operation) -> Option<Built<'_>> {
    let mut all = platform.served();
    let served = all.find(|served| served.api == api.service())?;
    served.operation(api.name())
}

struct Opened<'p> {
    built: Built<'p>,
    api: catalog::shapes::Operation,
    input: Value,
}

/// Finds what the request asks for, and reads its input.
fn open<'p>(
    platform: &'p Platform,
    place: &Place,
    parts: &Parts,
    body: &Bytes,
) -> Result<Opened<'p>, WireError> {
    let target = place.target.as_ref().map_err(Clone::clone)?;
    let api = target.operation();
    let missing = || WireError::not_implemented(place.dialect.family(), api.name());
    let built = operation(platform, api).ok_or_else(missing)?;
    let input = protocol::read(target, parts, body)?;
    Ok(Opened { built, api, input })
}

/// Who signed, if the signature is theirs.
fn believe<'p>(
    platform: &'p Platform,
    signed: SignedRequest,
    parts: &mut Parts,
    body: Bytes,
    place: &Place,
) -> Result<Believed<'p>, WireError> {
    let (family, receives) = (place.dialect.family(), receives(platform, place));
    let failed = |_: store::Error| WireError::internal(family);
    let tx = platform.store().begin_read().map_err(failed)?;
    let key = signed.access_key().to_owned();
    let token = signed.session_token().map(str::to_owned);
    let credential = Credential::find(platform, &*tx, &key, token.as_deref())
        .map_err(|rejected| rejection(platform, rejected, &key, token.is_some(), family))?;
    let hash = (!receives).then(|| sha256(&body));
    let bucket = platform.router().host_bucket(parts).map(str::to_owned);
    let signed = signed.in_bucket(bucket.as_deref());
    let (verified, body) = platform
        .signing_keys()
        .verify(signed, &credential.secret, platform.now(), hash.as_ref())
        .and_then(|verified| {
            let body = chunks::decode(Some(&verified), parts, body, receives)?;
            Ok((verified, body))
        })
        .map_err(|error| error.to_wire(family))?;
    let caller = Caller::learn(platform, &*tx, &key, &credential.holder)
        .map_err(|rejected| rejection(platform, rejected, &key, token.is_some(), family))?;
    Ok(Believed {
        holder: credential.holder,
        caller,
        tx: Some(tx),
        signature: Some(Signature {
            version: verified.scope().version,
            presigned: verified.is_presigned(),
            form: false,
            time: verified.time(),
        }),
        body,
    })
}

pub(super) fn rejection(
    platform: &Platform,
    rejected: Rejected,
    key: &str,
    token: bool,
    family: Family,
) -> WireError {
    match rejected {
        Rejected::Unknown if token => AuthError::InvalidToken.to_wire(family),
        Rejected::Unknown => AuthError::UnknownKey(key.to_owned()).to_wire(family),
        Rejected::Expired => AuthError::ExpiredToken.to_wire(family),
        Rejected::Failed(error) => {
            platform.report(&format!(
                "the caller with access key `{key}` cannot be known: {error}"
            ));
            WireError::internal(family)
        }
    }
}

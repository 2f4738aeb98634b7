//! Believing a request: its signature, then its caller, then its form.

use bytes::Bytes;
use http::request::Parts;
use wire::error::{Family, WireError};
use wire::protocol;
use wire::sigv4::{AuthError, BodyRule, SignedRequest, sha256};
use wire::value::Value;

use super::{Place, Refusal, Signed};
use crate::call::{Signature, Verified};
use crate::caller::{Caller, Credential, Rejected};
use crate::operation::Operation;
use crate::platform::{Platform, Served};

/// Verifies the signature with the secret of the key that the request names, and reads the input by
/// the API's shapes.
pub(super) fn verify(platform: &Platform, signed: Signed) -> Result<Verified<'_>, Box<Refusal>> {
    let Signed {
        parts,
        body,
        envelope,
        place,
        signed,
    } = signed;
    let claimed_key = Some(signed.access_key().to_owned());
    let signature = Signature {
        presigned: signed.is_presigned(),
        time: signed.time(),
    };
    let (credential, caller) = match believe(platform, signed, &body, place.dialect.family()) {
        Ok(known) => known,
        Err(error) => {
            return Err(Box::new(Refusal {
                envelope,
                place,
                caller: None,
                claimed_key,
                error,
            }));
        }
    };
    match open(platform, &place, &parts, &body) {
        Ok(opened) => Ok(Verified {
            platform,
            envelope,
            access_key_id: credential.access_key_id,
            holder: credential.holder,
            service: &opened.served.service,
            operation: opened.operation,
            api: opened.api,
            dialect: place.dialect,
            input: opened.input,
            headers: parts.headers,
            body,
            signature,
        }),
        Err(error) => {
            let caller = Some(caller);
            Err(Box::new(Refusal {
                envelope,
                place,
                caller,
                claimed_key,
                error,
            }))
        }
    }
}

struct Opened<'p> {
    served: &'p Served,
    operation: &'p Operation,
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
    let served = platform
        .served()
        .find(|served| served.api == api.service())
        .ok_or_else(missing)?;
    let operations = served.service.operations;
    let operation = operations
        .iter()
        .find(|operation| operation.name == api.name())
        .ok_or_else(missing)?;
    let input = protocol::read(target, parts, body)?;
    Ok(Opened {
        served,
        operation,
        api,
        input,
    })
}

/// Who signed, if the signature is theirs.
fn believe(
    platform: &Platform,
    signed: SignedRequest,
    body: &[u8],
    family: Family,
) -> Result<(Credential, Caller), WireError> {
    let failed = |_: store::Error| WireError::internal(family);
    let tx = platform.store().begin_read().map_err(failed)?;
    let key = signed.access_key().to_owned();
    let token = signed.session_token().map(str::to_owned);
    let credential = Credential::find(platform, &*tx, &key, token.as_deref())
        .map_err(|rejected| rejection(platform, rejected, &key, token.is_some(), family))?;
    let signing = platform
        .signing_keys()
        .key(&key, &credential.secret, signed.scope());
    let verified = signed
        .verify(&signing, platform.now(), Some(&sha256(body)))
        .map_err(|error| error.to_wire(family))?;
    if matches!(
        verified.body(),
        BodyRule::SignedChunks { .. } | BodyRule::UnsignedChunks
    ) {
        return Err(WireError::not_implemented(family, "aws-chunked"));
    }
    let caller = Caller::resolve(platform, &*tx, &key, &credential.holder)
        .map_err(|rejected| rejection(platform, rejected, &key, token.is_some(), family))?;
    Ok((credential, caller))
}

fn rejection(
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

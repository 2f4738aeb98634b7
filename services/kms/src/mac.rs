//! Message authentication codes.

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::sync::Arc;
use wire::value::Value;

use super::record::{Key, Spec};
use super::{check, error, grant, material};

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let algorithm = call.text("MacAlgorithm")?;
    Ok(check::on_any_key(call)?
        .key("kms:MacAlgorithm", algorithm)
        .into())
}

/// The key to use, if it is of the kind.
fn ready(call: &Call<'_>) -> Result<Arc<Key>, ApiError> {
    let key = check::any(call, call.state())?;
    let arn = key.arn(call.platform());
    let wanted = call.text("MacAlgorithm")?;
    match key.spec.mac() {
        None => return Err(error::usage(&arn, key.spec.usage(), call.operation())),
        Some(own) if own != wanted => {
            let text = format!("{arn} does not support the MAC algorithm {wanted}.");
            return Err(ApiError::new("InvalidKeyUsageException", 400, text));
        }
        Some(_) => {}
    }
    grant::tokens(call)?;
    key.usable(call.platform())?;
    Ok(key)
}

fn text<'t>(call: &Call<'t>, member: &'static str) -> Result<&'t Bytes, ApiError> {
    call.input()
        .blob(member)
        .ok_or_else(|| ApiError::validation(format!("{member} is missing")))
}

/// Computes the code and, where there is one to compare with, whether it is this (in constant time).
fn compute(key: &[u8], spec: Spec, text: &[u8], given: Option<&[u8]>) -> Option<(Vec<u8>, bool)> {
    macro_rules! with {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).ok()?;
            mac.update(text);
            let same = given.is_some_and(|given| mac.clone().verify_slice(given).is_ok());
            Some((mac.finalize().into_bytes().to_vec(), same))
        }};
    }
    match spec {
        Spec::Symmetric => None,
        Spec::Hmac224 => with!(Sha224),
        Spec::Hmac256 => with!(Sha256),
        Spec::Hmac384 => with!(Sha384),
        Spec::Hmac512 => with!(Sha512),
    }
}

fn done(call: &Call<'_>, given: Option<&[u8]>) -> Result<(Arc<Key>, Vec<u8>, bool), ApiError> {
    let key = ready(call)?;
    let bytes = material::bytes(call.platform(), &key)?;
    let (mac, same) = compute(&bytes, key.spec, text(call, "Message")?, given)
        .ok_or_else(|| ApiError::internal("an HMAC key that is none"))?;
    if call.input().bool("DryRun") == Some(true) {
        return Err(error::dry_run());
    }
    Ok((key, mac, same))
}

pub(super) fn generate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (key, mac, _) = done(call, None)?;
    Ok(Outcome::new(
        Value::map()
            .with("Mac", Bytes::from(mac))
            .with_some("MacAlgorithm", key.spec.mac())
            .with("KeyId", key.arn(call.platform())),
    ))
}

pub(super) fn verify(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (key, _, same) = done(call, Some(text(call, "Mac")?))?;
    if !same {
        return Err(ApiError::new("KMSInvalidMacException", 400, ""));
    }
    Ok(Outcome::new(
        Value::map()
            .with("KeyId", key.arn(call.platform()))
            .with("MacValid", true)
            .with_some("MacAlgorithm", key.spec.mac()),
    ))
}

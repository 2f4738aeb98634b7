//! Signature Version 2 in links to S3, as boto3 makes them by default in the regions that are old
//! enough to know it.
//!
//! It covers less than version 4: neither the host nor every parameter. Parameters that it leaves
//! uncovered are refused, so that who holds a link cannot turn it into another request. Source:
//! "Signing and authenticating REST requests (AWS signature version 2)", Amazon S3 User Guide.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac as _};
use http::request::Parts;
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use super::canonical::single;
use super::{AuthError, BodyRule, Place, Scope, SignedRequest, SigningKey, Verified};
use crate::uri;

/// The parameters of the signature itself.
const OWN: &[&str] = &["AWSAccessKeyId", "Signature", "Expires"];
/// Parameters that stand for headers, beside all of `x-amz-…`.
const HEADERS: &[&str] = &["content-md5", "content-type"];
/// Parameters that may be added to a link: they page through a listing or change how it is written,
/// and not what it holds. boto3 adds one itself.
const HARMLESS: &[&str] = &[
    "continuation-token",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "start-after",
    "version-id-marker",
    "x-id",
];
/// What `X-Amz-…` parameters begin with, which version 2 signs as headers.
const AMZ: &str = "x-amz-";

/// The parameters that name a resource of their own, and are signed as part of it.
const RESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Whether a parameter tells that the query is signed by version 2.
pub(super) fn is_mark(name: &str) -> bool {
    name == "AWSAccessKeyId"
}

/// A parameter as it stands in the query, and decoded.
struct Parameter<'r> {
    raw: &'r str,
    name: String,
    value: String,
}

fn parameters(parts: &Parts) -> Result<Vec<Parameter<'_>>, AuthError> {
    let raw = parts.uri.query().unwrap_or_default();
    let pieces = raw.split('&').filter(|piece| !piece.is_empty());
    let read = |raw| {
        let (name, value) = uri::pairs(raw).next()?;
        Some(Parameter {
            raw,
            name: String::from_utf8(name).ok()?,
            value: String::from_utf8(value).ok()?,
        })
    };
    pieces
        .map(|piece| {
            read(piece).ok_or_else(|| AuthError::OldQuery("Couldn't parse the query".to_owned()))
        })
        .collect()
}

/// Reads the signature of a link.
pub(super) fn from_query(parts: &Parts) -> Result<SignedRequest, AuthError> {
    let all = parameters(parts)?;
    let find = |name: &str| {
        let mut found = all.iter().filter(|parameter| parameter.name == name);
        let value = found.next().map(|parameter| parameter.value.as_str());
        value.filter(|value| !value.is_empty() && found.next().is_none())
    };
    if all
        .iter()
        .any(|parameter| parameter.name == "SignatureVersion")
    {
        // The form of the query services, which none of them accepts any more.
        return Err(AuthError::Algorithm("AWS".to_owned()));
    }
    let (Some(access_key), Some(signature), Some(expires)) =
        (find("AWSAccessKeyId"), find("Signature"), find("Expires"))
    else {
        return Err(AuthError::OldQuery(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId \
             parameters"
                .to_owned(),
        ));
    };
    let end = expires
        .parse()
        .ok()
        .and_then(|s| Timestamp::from_second(s).ok());
    let end = end.ok_or_else(|| {
        AuthError::OldQuery(format!(
            "Invalid date (should be seconds since epoch): {expires}"
        ))
    })?;
    let headers = amz_headers(parts, &all)?;
    let session_token = headers.get("x-amz-security-token").cloned();
    Ok(SignedRequest {
        access_key: access_key.to_owned(),
        scope: Scope::old(),
        session_token,
        time: end,
        place: Place::OldQuery,
        signature: signature.to_owned(),
        canonical: top(parts, &all, expires, &headers).into_bytes(),
        resource: resource(parts, &all)?,
        declared: None,
    })
}

/// The `x-amz-…` headers, sent as such or in the query. One that is sent as both must be the same.
fn amz_headers(
    parts: &Parts,
    all: &[Parameter<'_>],
) -> Result<BTreeMap<String, String>, AuthError> {
    let mut out = BTreeMap::new();
    for parameter in all {
        let name = parameter.name.to_ascii_lowercase();
        if is_header(&name) && is_several_lines(parameter) {
            return Err(AuthError::UnsignedParameter(parameter.name.clone()));
        }
        if name.starts_with(AMZ) && out.insert(name, parameter.value.clone()).is_some() {
            return Err(AuthError::UnsignedParameter(parameter.name.clone()));
        }
    }
    let names = parts.headers.keys().map(http::HeaderName::as_str);
    for name in names.filter(|name| name.starts_with(AMZ)) {
        let values: Vec<String> = parts
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            .collect();
        let value = values.join(",");
        let earlier = out.insert(name.to_owned(), value.clone());
        if earlier.is_some_and(|earlier| earlier != value) {
            return Err(AuthError::HeadersUnsigned(name.to_owned()));
        }
    }
    Ok(out)
}

/// The text to be signed, up to the resource.
fn top(
    parts: &Parts,
    all: &[Parameter<'_>],
    expires: &str,
    headers: &BTreeMap<String, String>,
) -> String {
    let standard = |name: &str| {
        let mut given = all.iter().filter(|parameter| parameter.name == name);
        let given = given.next().map(|parameter| parameter.value.clone());
        let header = single(&parts.headers, name).map(|value| value.trim().to_owned());
        header.or(given).unwrap_or_default()
    };
    let mut out = format!(
        "{}\n{}\n{}\n{expires}\n",
        parts.method,
        standard("content-md5"),
        standard("content-type")
    );
    for (name, value) in headers {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
    out
}

/// The path as it is sent, and the parameters that name a resource.
fn resource(parts: &Parts, all: &[Parameter<'_>]) -> Result<String, AuthError> {
    let mut named = Vec::new();
    for parameter in all {
        let name = parameter.name.as_str();
        let known = OWN.contains(&name) || HARMLESS.contains(&name) || is_header(name);
        if RESOURCES.contains(&name) && !is_several(parameter) {
            named.push(parameter);
        } else if !known {
            return Err(AuthError::UnsignedParameter(name.to_owned()));
        }
    }
    named.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out = parts.uri.path().to_owned();
    for (number, parameter) in named.into_iter().enumerate() {
        out.push(if number == 0 { '?' } else { '&' });
        out.push_str(&parameter.name);
        if parameter.raw.contains('=') {
            out.push('=');
            out.push_str(&parameter.value);
        }
    }
    Ok(out)
}

/// Whether a parameter stands for a header.
fn is_header(name: &str) -> bool {
    HEADERS.contains(&name) || name.to_ascii_lowercase().starts_with(AMZ)
}

/// Whether what is signed of a header could as well be several: a line each.
fn is_several_lines(parameter: &Parameter<'_>) -> bool {
    let breaks = |text: &str| text.contains(['\r', '\n']);
    breaks(&parameter.name) || breaks(&parameter.value)
}

/// Whether what is signed of a parameter could as well be several: their values are signed as they mean.
fn is_several(parameter: &Parameter<'_>) -> bool {
    let mut more = parameter.value.split('&').skip(1);
    more.any(|more| RESOURCES.contains(&more.split('=').next().unwrap_or_default()))
}

/// The signature of a text: base64 of 20 bytes.
pub(super) fn signature(secret: &str, text: &[u8]) -> [u8; 20] {
    // HMAC takes a key of any length; the fallback is never used.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else {
        return [0; 20];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Whether `claimed` is the signature of a text, compared in constant time.
pub(super) fn is_signed(key: &SigningKey, text: &[u8], claimed: &str) -> bool {
    use base64::Engine as _;
    let Some(secret) = key.whole() else {
        return false;
    };
    let claimed = base64::engine::general_purpose::STANDARD.decode(claimed);
    let expected = signature(secret, text);
    claimed.is_ok_and(|claimed| bool::from(expected[..].ct_eq(&claimed)))
}

/// Believes a link, or says why not.
pub(super) fn verify(
    signed: SignedRequest,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Verified, AuthError> {
    let mut text = signed.canonical.clone();
    let (path, rest) = match signed.resource.find('?') {
        Some(at) => signed.resource.split_at(at),
        None => (signed.resource.as_str(), ""),
    };
    text.extend_from_slice(path.as_bytes());
    if path.len() > 1 && path.rfind('/') == Some(0) {
        // A bucket alone is signed with a slash behind it, also where none is sent.
        text.push(b'/');
    }
    text.extend_from_slice(rest.as_bytes());
    if *key.scope() != signed.scope || !is_signed(key, &text, &signed.signature) {
        return Err(AuthError::Mismatch {
            access_key: signed.access_key,
            signature: signed.signature,
            string_to_sign: String::from_utf8_lossy(&text).into_owned(),
            canonical_request: String::new(),
        });
    }
    if now > signed.time {
        return Err(AuthError::OldLinkExpired {
            end: signed.time,
            now,
        });
    }
    Ok(signed.believed(key, BodyRule::Unsigned))
}

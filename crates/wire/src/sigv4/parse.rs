//! Reading the signature from the header or the query.

use http::request::Parts;

use super::canonical::{head, single};
use super::{
    ALGORITHM, AuthError, MAX_EXPIRES, Place, Scope, SignedRequest, TERMINATOR, UNSIGNED_PAYLOAD,
    Version, hoist, time, v2,
};
use crate::uri;

/// Headers that clients and proxies send unsigned although their names begin with `x-amz-`.
const UNSIGNED_HEADERS: &[&str] = &["x-amz-cf-id", "x-amz-user-agent"];

/// Reads a request's signature. `None`: it has none (an anonymous request).
///
/// # Errors
/// There is a signature, but not one that can be verified: malformed, in two places, by another
/// algorithm, or over too little of the request (`host` and every `x-amz-…` header must be signed).
pub fn parse(parts: &Parts) -> Result<Option<SignedRequest>, AuthError> {
    let in_header = parts.headers.contains_key("authorization");
    let query = Query::read(parts.uri.query().unwrap_or_default());
    if query.old && query.is_new() {
        return Err(AuthError::TwoMechanisms);
    }
    match (in_header, query.is_signed()) {
        (true, true) => Err(AuthError::TwoMechanisms),
        (true, false) => from_header(parts).map(Some),
        (false, true) if query.old => v2::from_query(parts).map(Some),
        (false, true) => from_query(parts, &query).map(Some),
        (false, false) => Ok(None),
    }
}

/// The `X-Amz-…` parameters of a presigned request.
struct Query {
    pairs: Vec<(String, String)>,
    old: bool,
}

impl Query {
    fn read(raw: &str) -> Self {
        let all = uri::pairs(raw).filter_map(|(name, value)| {
            Some((
                String::from_utf8(name).ok()?,
                String::from_utf8(value).ok()?,
            ))
        });
        let mut old = false;
        let pairs = all
            .inspect(|(name, _)| old |= v2::is_mark(name))
            .filter(|(name, _)| name.starts_with("X-Amz-"))
            .collect();
        Self { pairs, old }
    }

    fn is_signed(&self) -> bool {
        self.old || self.is_new()
    }

    fn is_new(&self) -> bool {
        let marks = ["X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"];
        let mut names = self.pairs.iter().map(|(name, _)| name.as_str());
        names.any(|name| marks.contains(&name))
    }

    /// The one value of a parameter.
    fn get(&self, name: &'static str) -> Result<Option<&str>, AuthError> {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            None => Ok(value),
            Some(_) => Err(AuthError::QueryParameters(format!(
                "X-Amz- parameters must not be repeated: {name}"
            ))),
        }
    }

    fn need(&self, name: &'static str) -> Result<&str, AuthError> {
        self.get(name)?
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                AuthError::QueryParameters(
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, \
                 X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                 X-Amz-Expires parameters."
                        .to_owned(),
                )
            })
    }
}

/// Other signatures of AWS's: Signature Version 2, and `SigV4a`.
const KNOWN: [&str; 2] = ["AWS", "AWS4-ECDSA-P256-SHA256"];

fn from_header(parts: &Parts) -> Result<SignedRequest, AuthError> {
    let header = single(&parts.headers, "authorization").ok_or_else(|| {
        AuthError::Incomplete("the `Authorization` header is repeated or is no text".to_owned())
    })?;
    let (algorithm, fields) = header.split_once(' ').unwrap_or((header, ""));
    if KNOWN.contains(&algorithm) {
        return Err(AuthError::Algorithm(algorithm.to_owned()));
    }
    if algorithm != ALGORITHM {
        return Err(AuthError::Scheme(header.to_owned()));
    }
    let (mut credential, mut names, mut signature) = (None, None, None);
    for field in fields.split(',') {
        let (name, value) = field.trim().split_once('=').unwrap_or((field.trim(), ""));
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut names,
            "Signature" => &mut signature,
            _ => return Err(AuthError::incomplete_field(field.trim(), header)),
        };
        if slot.replace(value).is_some() {
            return Err(AuthError::incomplete_field(field.trim(), header));
        }
    }
    let date = ["x-amz-date", "date"]
        .into_iter()
        .find(|name| parts.headers.contains_key(*name));
    let instant = date.and_then(|name| time::parse_any(single(&parts.headers, name)?));
    let (Some(credential), Some(names), Some(signature), Some(instant)) =
        (credential, names, signature, instant)
    else {
        let missing = [
            ("'Credential' parameter", credential.is_none()),
            ("'Signature' parameter", signature.is_none()),
            ("'SignedHeaders' parameter", names.is_none()),
            (
                "existence of either a 'X-Amz-Date' or a 'Date' header",
                instant.is_none(),
            ),
        ];
        let incomplete = AuthError::incomplete_header(&missing, header);
        let others = credential.is_some() && names.is_some() && signature.is_some();
        return Err(match incomplete {
            AuthError::Incomplete(text) if others => AuthError::DateMissing(text),
            other => other,
        });
    };
    let (access_key, scope) = credential_scope(credential)?;
    let session_token = single(&parts.headers, "x-amz-security-token").map(str::to_owned);
    let found = Found {
        access_key,
        scope,
        session_token,
        instant,
        names,
        signature,
    };
    finish(
        parts,
        found,
        Place::Header,
        single(&parts.headers, "x-amz-content-sha256"),
    )
}

fn from_query(parts: &Parts, query: &Query) -> Result<SignedRequest, AuthError> {
    let algorithm = query.need("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(AuthError::Algorithm(algorithm.to_owned()));
    }
    let (access_key, scope) = credential_scope(query.need("X-Amz-Credential")?)?;
    let instant = time::parse_basic(query.need("X-Amz-Date")?).ok_or_else(|| {
        AuthError::QueryParameters(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned(),
        )
    })?;
    let expires: u32 = query
        .need("X-Amz-Expires")?
        .parse()
        .map_err(|_| AuthError::QueryParameters("X-Amz-Expires should be a number".to_owned()))?;
    if expires > MAX_EXPIRES {
        return Err(AuthError::QueryParameters(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given \
             X-Amz-Expires must be less than 604800 seconds"
                .to_owned(),
        ));
    }
    let session_token = query.get("X-Amz-Security-Token")?.map(str::to_owned);
    let declared = single(&parts.headers, "x-amz-content-sha256");
    let declared = declared
        .or(query.get("X-Amz-Content-Sha256")?)
        .unwrap_or(UNSIGNED_PAYLOAD);
    let found = Found {
        access_key,
        scope,
        session_token,
        instant,
        names: query.need("X-Amz-SignedHeaders")?,
        signature: query.need("X-Amz-Signature")?,
    };
    finish(parts, found, Place::Query { expires }, Some(declared))
}

struct Found<'r> {
    access_key: String,
    scope: Scope,
    session_token: Option<String>,
    instant: jiff::Timestamp,
    names: &'r str,
    signature: &'r str,
}

fn finish(
    parts: &Parts,
    found: Found<'_>,
    place: Place,
    declared: Option<&str>,
) -> Result<SignedRequest, AuthError> {
    let names = found.names.to_ascii_lowercase();
    let names: Vec<&str> = names.split(';').collect();
    check_signed_headers(parts, &names, place)?;
    let stamp = time::basic(found.instant);
    let day = stamp.get(..8).unwrap_or_default();
    if found.scope.date != day {
        return Err(AuthError::Scope(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{}' != '{day}', from '{stamp}'.",
            found.scope.date
        )));
    }
    let canonical = head(parts, &names, found.scope.is_s3());
    Ok(SignedRequest {
        access_key: found.access_key,
        scope: found.scope,
        session_token: found.session_token,
        time: found.instant,
        place,
        signature: found.signature.to_owned(),
        canonical,
        resource: String::new(),
        declared: declared.map(str::to_owned),
    })
}

/// `KEY/20150830/us-east-1/service/aws4_request`; the key's id may hold no slash.
pub(super) fn credential_scope(credential: &str) -> Result<(String, Scope), AuthError> {
    let mut parts = credential.split('/');
    let (Some(access_key), Some(date), Some(region), Some(service), Some(terminator), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return Err(AuthError::Credential(credential.to_owned()));
    };
    if [access_key, date, region, service]
        .iter()
        .any(|part| part.is_empty())
    {
        return Err(AuthError::Credential(credential.to_owned()));
    }
    if terminator != TERMINATOR {
        return Err(AuthError::Scope(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
        )));
    }
    let scope = Scope {
        version: Version::V4,
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    };
    Ok((access_key.to_owned(), scope))
}

fn check_signed_headers(parts: &Parts, names: &[&str], place: Place) -> Result<(), AuthError> {
    let signed = |name: &str| names.contains(&name);
    if !signed("host") {
        return Err(AuthError::HostUnsigned);
    }
    let repeated = names
        .iter()
        .enumerate()
        .any(|(at, name)| names.iter().take(at).any(|before| before == name));
    if repeated {
        return Err(AuthError::Incomplete(
            "`SignedHeaders` names a header twice".to_owned(),
        ));
    }
    let unsigned: Vec<&str> = parts
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-") && !signed(name))
        .filter(|name| !UNSIGNED_HEADERS.contains(name))
        .filter(|name| !says_nothing(parts, name, place))
        .collect();
    if unsigned.is_empty() {
        Ok(())
    } else {
        Err(AuthError::HeadersUnsigned(unsigned.join(", ")))
    }
}

/// A presigned request may carry the header that says that its body is not signed, and headers that
/// its signed query holds as well.
fn says_nothing(parts: &Parts, name: &str, place: Place) -> bool {
    let value = single(&parts.headers, name);
    place != Place::Header
        && value.is_some_and(|value| {
            (name == "x-amz-content-sha256" && value == UNSIGNED_PAYLOAD)
                || hoist::in_query(parts, name, value)
        })
}

//! Operations by method, path and query.

mod table;

use catalog::shapes::{Operation, Service};
use http::request::Parts;
use std::cmp::Reverse;

use self::table::{Place, Route};
use super::{Target, no_route};
use crate::error::{Family, WireError};
use crate::uri;

/// The decoded names and values of the query.
type Query = Vec<(String, String)>;
type Labels = Vec<(&'static str, String)>;

/// How a path fits a template.
enum Fit {
    No,
    /// It fits, but a label is not UTF-8.
    Illegible,
    Yes(Labels),
}

/// Beginnings of `x-amz-…` parameters that change nothing about what a request to S3 asks: those of
/// the signature, and those that clients add for themselves.
const WITHOUT_EFFECT: &[&str] = &[
    "x-amz-algorithm",
    "x-amz-checksum-",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-sdk-",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
    "x-amz-user-agent",
];

/// Finds an operation of a rest-json service.
pub(super) fn find(service: &'static Service, parts: &Parts) -> Result<Target, WireError> {
    let path = parts.uri.path();
    let none = || no_route(Family::of(service), &parts.method);
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        // The signature covers the path without these; what is left of them is not routed.
        return Err(none());
    }
    choose(service, parts, path).map_or_else(|_| Err(none()), |found| found.ok_or_else(none))
}

/// Finds an operation of S3; `bucket` is the one in the host name.
pub(super) fn find_s3(
    service: &'static Service,
    parts: &Parts,
    bucket: Option<&str>,
) -> Result<Target, WireError> {
    if let Some(name) = header_in_query(parts) {
        // Left out, a link to copy an object would put an empty one.
        let text = "A header you provided implies functionality that is not implemented";
        return Err(WireError::new("NotImplemented", 501, text).with("Header", name));
    }
    let raw = parts.uri.path();
    let hosted = bucket.map(|bucket| format!("/{bucket}{raw}"));
    let path = hosted.as_deref().unwrap_or(raw);
    // `/bucket/` is the bucket; a key has at least one character.
    let path = match path.strip_suffix('/') {
        Some(bucket) if bucket.len() > 1 && bucket.rfind('/') == Some(0) => bucket,
        _ => path,
    };
    let found = choose(service, parts, path).map_err(|Illegible| {
        WireError::new("InvalidURI", 400, "Couldn't parse the specified URI.")
    })?;
    found.ok_or_else(|| {
        let form = parts
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        if form.is_some_and(|value| value.starts_with("multipart/form-data")) {
            return WireError::not_implemented(Family::S3, "PostObject");
        }
        no_route(Family::S3, &parts.method)
    })
}

/// A header of S3 that stands in the query and not, with the same value, among the headers
/// ([`crate::sigv4::hoisted`] puts those of links there).
fn header_in_query(parts: &Parts) -> Option<String> {
    uri::pairs(parts.uri.query().unwrap_or_default())
        .filter_map(|(name, value)| Some((String::from_utf8(name).ok()?, value)))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| name.starts_with("x-amz-") && !changes_nothing(name))
        .find(|(name, value)| {
            let mut sent = parts.headers.get_all(name.as_str()).iter();
            sent.next().is_none_or(|sent| sent.as_bytes() != value) || sent.next().is_some()
        })
        .map(|(name, _)| name)
}

/// Whether a parameter `x-amz-…`, in lower case, changes nothing about what a request asks.
pub(crate) fn changes_nothing(name: &str) -> bool {
    WITHOUT_EFFECT.iter().any(|it| name.starts_with(it))
}

struct Illegible;

/// The operation that says most about what the request carries.
fn choose(
    service: &'static Service,
    parts: &Parts,
    path: &str,
) -> Result<Option<Target>, Illegible> {
    let query: Query = uri::pairs(parts.uri.query().unwrap_or_default())
        .map(|(name, value)| {
            let text = |bytes| String::from_utf8(bytes).map_err(|_| Illegible);
            Ok((text(name)?, text(value)?))
        })
        .collect::<Result<_, _>>()?;
    let mut best: Option<(Rank, Operation)> = None;
    let mut fitting = None;
    let mut illegible = false;
    for place in table::of(service).places(parts.method.as_str()) {
        let labels = match fit(place.template, path) {
            Fit::No => continue,
            Fit::Illegible => {
                illegible = true;
                continue;
            }
            Fit::Yes(labels) => labels,
        };
        let before = best;
        for route in &place.routes {
            let Some(mut score) = score(route, &query, parts) else {
                continue;
            };
            // What stands behind a name that may hold slashes could belong to the name, too.
            score += i32::from(!behind(place.template).is_empty());
            let rank = (score, Reverse(route.number));
            if best.is_none_or(|(known, _)| rank > known)
                && claims_all(service, place.template, route, &query)
            {
                best = Some((rank, route.operation));
            }
        }
        if best.map(|(rank, _)| rank) != before.map(|(rank, _)| rank) {
            fitting = Some(labels);
        }
    }
    match (best, fitting) {
        (Some((_, operation)), Some(labels)) => Ok(Some(Target { operation, labels })),
        _ if illegible => Err(Illegible),
        _ => Ok(None),
    }
}

/// How well an operation fits, and of two that fit equally well the first.
type Rank = (i32, Reverse<usize>);

/// What a template has behind a label that takes slashes: `/policy`.
fn behind(template: &'static str) -> &'static str {
    template.split_once("+}").map_or("", |(_, behind)| behind)
}

fn fit(template: &'static str, path: &str) -> Fit {
    let mut labels = Labels::new();
    let mut rest = path.strip_prefix('/');
    for part in template.split('/').skip(1) {
        let Some(left) = rest else { return Fit::No };
        let label = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        if let Some(greedy) = label.and_then(|label| label.strip_suffix('+')) {
            let name = left.strip_suffix(behind(template)).unwrap_or_default();
            return match (name.is_empty(), String::from_utf8(uri::decode(name))) {
                (true, _) => Fit::No,
                (_, Err(_)) => Fit::Illegible,
                (_, Ok(text)) => {
                    labels.push((greedy, text));
                    Fit::Yes(labels)
                }
            };
        }
        let (segment, after) = match left.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (left, None),
        };
        match label {
            None if segment != part => return Fit::No,
            None => {}
            Some(_) if segment.is_empty() => return Fit::No,
            Some(label) => match String::from_utf8(uri::decode(segment)) {
                Ok(text) => labels.push((label, text)),
                Err(_) => return Fit::Illegible,
            },
        }
        rest = after;
    }
    if rest.is_none() {
        Fit::Yes(labels)
    } else {
        Fit::No
    }
}

fn has<'q>(query: &'q Query, name: &str) -> Option<&'q str> {
    query
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// How well the query and the headers fit; `None` when a fixed parameter is missing.
fn score(route: &Route, query: &Query, parts: &Parts) -> Option<i32> {
    let mut score = 0;
    for (name, value) in &route.fixed {
        let given = has(query, name)?;
        if value.is_some_and(|value| value != given) {
            return None;
        }
        score += 1000;
    }
    for (place, name) in &route.required {
        let (given, weight) = match place {
            Place::Query => (has(query, name).is_some(), 100),
            Place::Header => (parts.headers.contains_key(*name), 10),
        };
        score += if given { weight } else { -weight };
    }
    Some(score - i32::from(route.second))
}

/// Whether the operation knows every parameter that distinguishes operations on this path.
///
/// Otherwise `DELETE /bucket?policy=…` misspelt as something that S3 has for another method would
/// delete the bucket.
fn claims_all(
    service: &'static Service,
    template: &'static str,
    route: &Route,
    query: &Query,
) -> bool {
    query.iter().all(|(name, value)| {
        let claimed = route.fixed.iter().any(|(known, _)| known == name)
            || route.takes_any
            || route.parameters.iter().any(|known| known == name);
        claimed || !distinguishes(service, template, route.operation, name, value)
    })
}

fn distinguishes(
    service: &'static Service,
    template: &'static str,
    operation: Operation,
    name: &str,
    value: &str,
) -> bool {
    if name == "x-id" || name.starts_with("X-Amz-") {
        return false;
    }
    let known = table::of(service).routes_at(template).any(|other| {
        other.fixed.iter().any(|(known, _)| *known == name)
            || other.required.contains(&(Place::Query, name))
    });
    // A parameter without a value is how S3 names a part of a bucket or object; an unknown one must
    // not turn into a change of the whole.
    known || (value.is_empty() && !matches!(operation.method(), "GET" | "HEAD"))
}

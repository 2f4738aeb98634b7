//! Operations by method, path and query.

use catalog::shapes::{Location, Operation, Service};
use http::request::Parts;

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
    let mut best: Option<(i32, Target)> = None;
    let mut illegible = false;
    for operation in service
        .operations()
        .filter(|op| op.method() == parts.method.as_str())
    {
        let (template, literals) = template(operation);
        let labels = match fit(template, path) {
            Fit::No => continue,
            Fit::Illegible => {
                illegible = true;
                continue;
            }
            Fit::Yes(labels) => labels,
        };
        let Some(mut score) = score(operation, literals, &query, parts) else {
            continue;
        };
        // What stands behind a name that may hold slashes could belong to the name, too.
        score += i32::from(!behind(template).is_empty());
        if claims_all(service, template, operation, literals, &query)
            && best.as_ref().is_none_or(|(known, _)| score > *known)
        {
            best = Some((score, Target { operation, labels }));
        }
    }
    match best {
        None if illegible => Err(Illegible),
        best => Ok(best.map(|(_, target)| target)),
    }
}

fn template(operation: Operation) -> (&'static str, &'static str) {
    let uri = operation.uri();
    uri.split_once('?').unwrap_or((uri, ""))
}

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

/// The fixed parameters of a template: names, and values if they have one.
fn literals(text: &'static str) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part, None),
        })
}

/// How well the query and the headers fit; `None` when a fixed parameter is missing.
fn score(operation: Operation, fixed: &'static str, query: &Query, parts: &Parts) -> Option<i32> {
    let mut score = 0;
    for (name, value) in literals(fixed) {
        let given = has(query, name)?;
        if value.is_some_and(|value| value != given) {
            return None;
        }
        score += 1000;
    }
    for member in operation
        .input()
        .into_iter()
        .flat_map(|shape| shape.members())
    {
        if !member.required() {
            continue;
        }
        let (given, weight) = match member.location() {
            Location::Querystring => (has(query, member.wire_name()).is_some(), 100),
            Location::Header => (parts.headers.contains_key(member.wire_name()), 10),
            _ => continue,
        };
        score += if given { weight } else { -weight };
    }
    // Of two operations on one path the newer one is meant; directory buckets have hosts of their
    // own.
    let second = operation.deprecated() || operation.name() == "ListDirectoryBuckets";
    Some(score - i32::from(second))
}

/// Whether the operation knows every parameter that distinguishes operations on this path.
///
/// Otherwise `DELETE /bucket?policy=…` misspelt as something that S3 has for another method would
/// delete the bucket.
fn claims_all(
    service: &'static Service,
    template_path: &str,
    operation: Operation,
    fixed: &'static str,
    query: &Query,
) -> bool {
    query.iter().all(|(name, value)| {
        let claimed = literals(fixed).any(|(known, _)| known == name)
            || operation
                .input()
                .into_iter()
                .flat_map(|shape| shape.members())
                .any(|member| {
                    let map = member.shape().map_value().is_some();
                    member.location() == Location::Querystring
                        && (map || member.wire_name() == name)
                });
        claimed || !distinguishes(service, template_path, operation, name, value)
    })
}

fn distinguishes(
    service: &'static Service,
    template_path: &str,
    operation: Operation,
    name: &str,
    value: &str,
) -> bool {
    if name == "x-id" || name.starts_with("X-Amz-") {
        return false;
    }
    let known = service
        .operations()
        .filter(|other| template(*other).0 == template_path)
        .any(|other| {
            literals(template(other).1).any(|(known, _)| known == name)
                || other
                    .input()
                    .into_iter()
                    .flat_map(|shape| shape.members())
                    .any(|member| {
                        member.required()
                            && member.location() == Location::Querystring
                            && member.wire_name() == name
                    })
        });
    // A parameter without a value is how S3 names a part of a bucket or object; an unknown one must
    // not turn into a change of the whole.
    known || (value.is_empty() && !matches!(operation.method(), "GET" | "HEAD"))
}

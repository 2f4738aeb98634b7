//! Headers that a link carries in its query.

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::route::changes_nothing;
use crate::uri;

/// A presigned request to S3 with the `x-amz-…` headers that its query holds, as the SDKs for
/// JavaScript and Java put them there; `None` when there is nothing to add.
///
/// The query is signed, and so are they; [`super::parse`] takes a header for signed that stands in the
/// query with the same value. A header that is sent as well is left as it is, and refused by the router when
/// it differs.
#[must_use]
pub fn hoisted(parts: &Parts) -> Option<Parts> {
    let query = parts.uri.query()?;
    let pairs: Vec<(String, String)> = uri::pairs(query)
        .filter_map(|(name, value)| {
            let name = String::from_utf8(name).ok()?;
            Some((name, String::from_utf8(value).ok()?))
        })
        .collect();
    let signed = |(name, _): &(String, String)| name == "X-Amz-Signature" || name == "Signature";
    if !pairs.iter().any(signed) {
        return None;
    }
    let mut out: Option<Parts> = None;
    for (name, value) in &pairs {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("x-amz-") || changes_nothing(&name) {
            continue;
        }
        let (Ok(header), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        let parts = out.get_or_insert_with(|| parts.clone());
        parts.headers.entry(header).or_insert(value);
    }
    out
}

/// Whether the query holds a header with this value.
pub(super) fn in_query(parts: &Parts, name: &str, value: &str) -> bool {
    uri::pairs(parts.uri.query().unwrap_or_default()).any(|(known, held)| {
        known.eq_ignore_ascii_case(name.as_bytes()) && held == value.as_bytes()
    })
}

//! The canonical request: what signer and verifier must agree on, byte for byte.

use http::{HeaderMap, HeaderValue, request::Parts};

use crate::uri;

/// What the names of headers and the path mostly take, in bytes.
const NAMES: usize = 384;

/// The canonical request without its last line (the body's hash).
///
/// `headers` are the names in the order of `SignedHeaders`; one that the request lacks stands there
/// empty, so that the signature cannot match unless the signer did the same.
pub(super) fn head(parts: &Parts, headers: &[&str], s3: bool) -> Vec<u8> {
    let values = parts.headers.values().map(HeaderValue::len);
    let mut out = Vec::with_capacity(NAMES + values.sum::<usize>());
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(path(parts.uri.path(), s3).as_bytes());
    out.push(b'\n');
    out.extend_from_slice(query(parts.uri.query().unwrap_or_default()).as_bytes());
    out.push(b'\n');
    for name in headers {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        header_value(&mut out, parts, name);
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(headers.join(";").as_bytes());
    out.push(b'\n');
    out
}

/// S3 signs the path's own encoding; everyone else removes dot segments and encodes what is sent
/// once more.
fn path(raw: &str, s3: bool) -> String {
    let mut out = String::with_capacity(raw.len());
    if s3 {
        uri::encode_into(&mut out, &uri::decode(raw), true);
    } else {
        uri::encode_into(&mut out, normalized(raw).as_bytes(), true);
    }
    if out.is_empty() {
        out.push('/');
    }
    out
}

fn normalized(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let mut out = String::with_capacity(raw.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if raw.ends_with('/') && !kept.is_empty() {
        out.push('/');
    }
    out
}

/// The parameters encoded and sorted, without the signature itself.
fn query(raw: &str) -> String {
    let encode = |bytes: &[u8]| {
        let mut out = String::with_capacity(bytes.len());
        uri::encode_into(&mut out, bytes, false);
        out
    };
    let mut pairs: Vec<(String, String)> = uri::pairs(raw)
        .filter(|(name, _)| name != b"X-Amz-Signature")
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort_unstable();
    let mut out = String::with_capacity(raw.len());
    for (name, value) in &pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    out
}

/// The values of all headers of this name, trimmed, runs of spaces made one, commas between.
fn header_value(out: &mut Vec<u8>, parts: &Parts, name: &str) {
    if name == "host" && !parts.headers.contains_key("host") {
        let authority = parts.uri.authority().map(|authority| authority.as_str());
        out.extend_from_slice(authority.unwrap_or_default().as_bytes());
        return;
    }
    for (number, value) in parts.headers.get_all(name).iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        let words = value.as_bytes().split(|byte| byte.is_ascii_whitespace());
        for (number, word) in words.filter(|word| !word.is_empty()).enumerate() {
            if number > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
    }
}

/// The one value of a header; `None` when it is absent, repeated or no ASCII text.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

//! Forms by which browsers upload to S3 (Amazon S3 API Reference, "Browser-based uploads using
//! POST").
//!
//! A form that is believed is the upload that it stands for: its fields become the headers of a
//! `PutObject`, which is authorized, handled and recorded like every other. Only the answer is a
//! form's.

mod multipart;

use bytes::Bytes;
use catalog::shapes::Service;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use wire::error::{Family, WireError};
use wire::protocol::Dialect;
use wire::sigv4::{self, AuthError};
use wire::uri;

use super::arrive::{self, Arrived};
use super::verify::{self, Accepted, Believed};
use super::{Answered, Content, Place, Refusal, chunks, handle, refuse, written};
use crate::call::{Envelope, Signature, object_url};
use crate::caller::{Caller, Credential, Holder};
use crate::flow::Payload;
use crate::platform::Platform;
use multipart::{Form, Malformed};
use std::sync::Arc;

/// Fields that become headers of the same name.
const PLAIN: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];
/// Beginnings of further fields that do.
const KEPT: &[&str] = &[
    "x-amz-checksum-",
    "x-amz-meta-",
    "x-amz-object-lock-",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];
/// Fields of the signature.
const SIGNATURE: &[&str] = &[
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

/// What a form is for.
pub(super) struct Goal {
    api: &'static Service,
    bucket: String,
}

/// The bucket that a form is for; `None` when the request is no form.
pub(super) fn find(platform: &Platform, parts: &Parts) -> Option<Goal> {
    let kind = parts.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let is_form = parts.method == Method::POST
        && kind.to_ascii_lowercase().starts_with("multipart/form-data")
        && !parts.headers.contains_key(header::AUTHORIZATION)
        && parts.uri.query().unwrap_or_default().is_empty();
    if !is_form {
        return None;
    }
    let path = parts.uri.path().trim_start_matches('/');
    let path = path.strip_suffix('/').unwrap_or(path);
    let bucket = match platform.router().host_bucket(parts) {
        Some(bucket) if path.is_empty() => bucket.to_owned(),
        None if !path.is_empty() && !path.contains('/') => {
            String::from_utf8(uri::decode(path)).ok()?
        }
        _ => return None,
    };
    let api = catalog::shapes::service("s3")?;
    Some(Goal { api, bucket })
}

/// Answers a form.
pub(super) fn pass(platform: &Platform, goal: &Goal, arrived: Arrived) -> Answered {
    let (api, bucket) = (goal.api, goal.bucket.as_str());
    let Arrived {
        parts,
        body,
        source_ip,
        tls,
    } = arrived;
    let envelope = arrive::envelope(platform, &parts, source_ip, tls);
    let hosted = platform.router().host_bucket(&parts).is_some();
    let mut place = place(platform, api, &parts);
    let read = body
        .map_err(|fault| arrive::body_error(fault, Family::S3))
        .and_then(|body| read(&parts, &body));
    let mut form = match read {
        Ok(form) => form,
        Err(error) => return refuse(platform, refusal(envelope, place, None, error)),
    };
    sigv4::expand_filename(&mut form.fields, &form.filename);
    let (key, put) = match upload(api, bucket, &form) {
        Ok(upload) => upload,
        Err(error) => return refuse(platform, refusal(envelope, place, None, error)),
    };
    place.target = platform.router().operation(api, &put, &[]);
    let claimed = form
        .field("x-amz-credential")
        .or(form.field("awsaccesskeyid"));
    let claimed = claimed.and_then(|text| text.split('/').next().map(str::to_owned));
    let (region, believed) = match believe(platform, bucket, &form, put, &place) {
        Ok(believed) => believed,
        Err(error) => return refuse(platform, refusal(envelope, place, claimed, error)),
    };
    let envelope = match region {
        Some(region) => Envelope { region, ..envelope },
        None => envelope,
    };
    let (put, believed) = believed;
    match verify::accept(platform, envelope, place, put, believed, claimed) {
        Ok(accepted) => {
            let Accepted {
                verified,
                raw,
                known,
            } = accepted;
            let location = object_url(&verified.envelope.endpoint(), hosted, bucket, &key);
            let body = raw.map_or(Content::None, Content::Raw);
            let response = written(&verified, handle(&verified, known, body)?);
            Ok(response.map(|response| answer(&form, location, (bucket, &key), response)))
        }
        Err(refusal) => refuse(platform, *refusal),
    }
}

fn place(platform: &Platform, api: &'static Service, parts: &Parts) -> Place {
    let served = platform.served().find(|served| served.api == api);
    Place {
        dialect: Dialect::of(api, parts),
        source: served.map_or("s3.amazonaws.com", |served| served.service.principal),
        operation: "PutObject",
        target: Err(WireError::not_implemented(Family::S3, "PostObject")),
        origin: super::beside::header(parts, "origin").map(str::to_owned),
    }
}

fn refusal(
    envelope: Envelope,
    place: Place,
    claimed_key: Option<String>,
    error: WireError,
) -> Refusal {
    Refusal {
        envelope,
        place,
        caller: None,
        claimed_key,
        error,
    }
}

fn read(parts: &Parts, body: &Bytes) -> Result<Form, WireError> {
    let kind = super::beside::header(parts, "content-type").unwrap_or_default();
    multipart::read(kind, body).map_err(|malformed| match malformed {
        Malformed::Form => WireError::new(
            "MalformedPOSTRequest",
            400,
            "The body of your POST request is not well-formed multipart/form-data.",
        ),
        Malformed::TooLong => WireError::new(
            "MaxPostPreDataLengthExceeded",
            400,
            "Your POST request fields preceding the upload file were too large.",
        ),
        Malformed::NoFile => argument(
            "POST requires exactly one file upload per request.",
            ("file", "0"),
        ),
    })
}

fn argument(text: &str, (name, value): (&str, &str)) -> WireError {
    WireError::new("InvalidArgument", 400, text)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
}

/// The key, and the head of the upload that the form stands for.
fn upload(api: &'static Service, bucket: &str, form: &Form) -> Result<(String, Parts), WireError> {
    let key = form.field("key").filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| {
        argument(
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the \
             order of the fields.",
            ("key", ""),
        )
    })?;
    let path = format!("/{}/{}", uri::encode(bucket), uri::encode_path(key));
    let request = http::Request::builder().method(Method::PUT).uri(&path);
    let wrong = |_| WireError::new("InvalidURI", 400, "Couldn't parse the specified URI.");
    let (mut parts, ()) = request.body(()).map_err(wrong)?.into_parts();
    parts.headers = headers(api, form)?;
    Ok((key.to_owned(), parts))
}

fn headers(api: &'static Service, form: &Form) -> Result<HeaderMap, WireError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &form.fields {
        let field = name.to_ascii_lowercase();
        let (name, value) = match field.as_str() {
            "acl" => ("x-amz-acl", value.clone()),
            "tagging" => ("x-amz-tagging", tagging(api, value)?),
            known if PLAIN.contains(&known) => (known, value.clone()),
            known if KEPT.iter().any(|kept| known.starts_with(kept)) => (known, value.clone()),
            known if known.starts_with("x-amz-") && !SIGNATURE.contains(&known) => {
                let text = "A header you provided implies functionality that is not implemented";
                return Err(WireError::new("NotImplemented", 501, text).with("Header", known));
            }
            _ => continue,
        };
        let malformed = || argument("The field's value cannot be one of a header.", (name, ""));
        let header = HeaderName::try_from(name).map_err(|_| malformed())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| malformed())?;
        if headers.insert(header, value).is_some() {
            return Err(argument("The field is there more than once.", (name, "")));
        }
    }
    headers.insert("content-length", HeaderValue::from(form.file.len()));
    Ok(headers)
}

/// The tags of a form, an XML document, as the header holds them.
fn tagging(api: &'static Service, xml: &str) -> Result<String, WireError> {
    let malformed = || {
        WireError::new(
            "MalformedXML",
            400,
            "The XML you provided was not well-formed or did not validate against our published \
             schema",
        )
    };
    let request = http::Request::builder()
        .method(Method::PUT)
        .uri("/bucket/key?tagging");
    let (parts, ()) = request.body(()).map_err(|_| malformed())?.into_parts();
    let target = wire::route::Router::default()
        .operation(api, &parts, &[])
        .map_err(|_| malformed())?;
    let input = wire::protocol::read(&target, &parts, &Bytes::copy_from_slice(xml.as_bytes()))?;
    let set = input.get("Tagging").map(|tagging| tagging.list("TagSet"));
    let pair = |tag: &wire::value::Value| {
        let text = |name: &str| uri::encode(tag.str(name).unwrap_or_default());
        format!("{}={}", text("Key"), text("Value"))
    };
    let pairs: Vec<String> = set.unwrap_or_default().iter().map(pair).collect();
    Ok(pairs.join("&"))
}

type Signed<'p> = (Option<String>, (Parts, Believed<'p>));

/// Who signed the form, if the signature is theirs and the policy allows the form.
fn believe<'p>(
    platform: &'p Platform,
    bucket: &str,
    form: &Form,
    mut put: Parts,
    place: &Place,
) -> Result<Signed<'p>, WireError> {
    let wire = |error: AuthError| error.to_wire(Family::S3);
    let failed = |_: store::Error| WireError::internal(Family::S3);
    let content = |put: &mut Parts| {
        let receives = verify::receives(platform, place);
        chunks::decode(None, put, form.file.clone(), receives).map_err(wire)
    };
    let Some(signed) = sigv4::parse_form(&form.fields).map_err(wire)? else {
        let body = content(&mut put)?;
        let believed = Believed {
            holder: Holder::Nobody,
            caller: Arc::new(Caller::nobody(platform)),
            tx: None,
            signature: None,
            body,
        };
        return Ok((None, (put, believed)));
    };
    let (key, token) = (signed.access_key(), signed.session_token());
    let tx = platform.store().begin_read().map_err(failed)?;
    let rejected =
        |rejected| verify::rejection(platform, rejected, key, token.is_some(), Family::S3);
    let credential = Credential::find(platform, &*tx, key, token).map_err(rejected)?;
    let policy = signed
        .verify(&credential.secret, platform.now())
        .map_err(wire)?;
    let sizes = policy.check(bucket, &form.fields).map_err(wire)?;
    sizes.check(form.file.len() as u64)?;
    let region = signed.region().map(str::to_owned);
    if let Some(region) = &region {
        arrive::check_region_name(region, Family::S3, platform)?;
    }
    let caller = Caller::learn(platform, &*tx, key, &credential.holder)
        .map_err(|error| verify::rejection(platform, error, key, token.is_some(), Family::S3))?;
    let body = content(&mut put)?;
    let believed = Believed {
        holder: credential.holder,
        caller,
        tx: Some(tx),
        signature: Some(Signature {
            version: signed.version(),
            presigned: false,
            form: true,
            time: signed.time(),
        }),
        body,
    };
    Ok((region, (put, believed)))
}

/// The answer to a form: that the object is there, in the way that the form asks for.
fn answer(
    form: &Form,
    location: String,
    (bucket, key): (&str, &str),
    mut response: Response<Payload>,
) -> Response<Payload> {
    if response.status() != StatusCode::OK {
        return response;
    }
    let etag = response.headers().get(header::ETAG);
    let etag = etag.and_then(|etag| etag.to_str().ok()).unwrap_or_default();
    let etag = etag.to_owned();
    let redirect = form
        .field("success_action_redirect")
        .or_else(|| form.field("redirect"));
    let redirect = redirect.and_then(|to| redirected(to, bucket, key, &etag));
    let (status, location) = match (redirect, form.field("success_action_status")) {
        (Some(to), _) => (StatusCode::SEE_OTHER, Some(to)),
        (None, Some("200")) => (StatusCode::OK, HeaderValue::try_from(location).ok()),
        (None, Some("201")) => {
            let xml = document(&location, bucket, key, &etag);
            *response.body_mut() = Payload::Whole(Bytes::from(xml));
            let kind = HeaderValue::from_static("application/xml");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            (StatusCode::CREATED, HeaderValue::try_from(location).ok())
        }
        _ => (StatusCode::NO_CONTENT, HeaderValue::try_from(location).ok()),
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    if let Some(location) = location {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// Where the browser is sent; `None` when that is no address, which S3 passes over.
fn redirected(to: &str, bucket: &str, key: &str, etag: &str) -> Option<HeaderValue> {
    let parsed: http::Uri = to.parse().ok()?;
    matches!(parsed.scheme_str(), Some("http" | "https")).then_some(())?;
    let mark = if parsed.query().is_some() { '&' } else { '?' };
    let etag = uri::encode(etag);
    HeaderValue::try_from(format!(
        "{to}{mark}bucket={}&key={}&etag={etag}",
        uri::encode(bucket),
        uri::encode(key)
    ))
    .ok()
}

fn document(location: &str, bucket: &str, key: &str, etag: &str) -> String {
    let text = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location>\
         <Bucket>{}</Bucket><Key>{}</Key><ETag>{}</ETag></PostResponse>",
        text(location),
        text(bucket),
        text(key),
        text(etag)
    )
}

//! From request to input and from output to response, in each protocol.

mod errors;
mod json;
mod query;
mod rest;
mod s3;
pub(crate) mod scalar;
#[cfg(test)]
mod tests;
mod xml;

pub use errors::Dialect;

use bytes::Bytes;
use catalog::shapes::{Kind, Location, Member, Operation, Protocol, Shape};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};
use jiff::Timestamp;

use crate::error::{Family, WireError};
use crate::route::Target;
use crate::validate;
use crate::value::{Map, Value};

pub(crate) use query::parameter;
use xml::write::Writer;

/// The longest body that is read as a document. Objects' bytes are none; and what an API takes fits,
/// while a tree of tiny values takes many times the memory of its text.
const MAX_DOCUMENT: usize = 4 << 20;

/// Few answers of S3 have more headers.
const HEADERS: usize = 12;

/// What every response carries besides its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The request's id; the same stands in its trail record.
    pub request_id: String,
    /// S3's second id (`x-amz-id-2`).
    pub host_id: String,
    /// The time, for the `Date` header. Clients correct their clocks by it.
    pub now: Timestamp,
}

/// Why a request's parameters cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The body, or a value of a form.
    Body(String),
    /// A header, query parameter or label: its name, its value, and why.
    Argument {
        name: String,
        value: String,
        reason: String,
    },
}

impl Unreadable {
    fn new(reason: impl Into<String>) -> Self {
        Self::Body(reason.into())
    }

    /// A value of one type where another is needed: `STRING_VALUE`, `Integer`.
    fn value(found: &str, needed: &str) -> Self {
        Self::Body(format!("{found} cannot be converted to {needed}"))
    }

    /// A union that has not exactly one of the members that it may have.
    fn union(shape: Shape, map: &Map) -> Result<(), Self> {
        if shape.is_union() && map.len() != 1 {
            return Err(Self::new("a union must have one member"));
        }
        Ok(())
    }

    fn argument(name: &str, value: &str, reason: impl Into<String>) -> Self {
        Self::Argument {
            name: name.to_owned(),
            value: value.to_owned(),
            reason: reason.into(),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Body(reason) | Self::Argument { reason, .. } => reason,
        }
    }

    fn into_wire(self, family: Family) -> WireError {
        match (family, self) {
            (Family::S3, Self::Body(_)) => WireError::new(
                "MalformedXML",
                400,
                "The XML you provided was not well-formed or did not validate against our \
                 published schema",
            ),
            (Family::S3, Self::Argument { name, value, .. }) if name == "x-amz-mp-object-size" => {
                WireError::new(
                    "InvalidRequest",
                    400,
                    format!("Value for {name} header is invalid: '{value}'"),
                )
            }
            (
                Family::S3,
                Self::Argument {
                    name,
                    value,
                    reason,
                },
            ) => {
                let text = match name.as_str() {
                    "x-amz-object-lock-retain-until-date" => {
                        "The retain until date must be provided in ISO 8601 format".to_owned()
                    }
                    "partNumber" => {
                        "Part number must be an integer between 1 and 10000, inclusive".to_owned()
                    }
                    "max-keys" | "max-parts" | "max-uploads" | "max-buckets"
                    | "part-number-marker" => {
                        format!("Provided {name} not an integer or within integer range")
                    }
                    _ => format!("Invalid argument: {reason}"),
                };
                WireError::new("InvalidArgument", 400, text)
                    .with("ArgumentName", name)
                    .with("ArgumentValue", value)
            }
            (Family::Query, error) => WireError::new("MalformedInput", 400, error.text()),
            (Family::Json | Family::RestJson, error) => {
                WireError::new("SerializationException", 400, error.text())
            }
        }
    }
}

/// Reads and checks the input of an operation.
///
/// `body` is the whole body; it may be empty where [`Target::streams_body`] is true, for a streaming
/// payload is no part of the input.
///
/// # Errors
/// The input cannot be read (`SerializationException`, `MalformedXML`), or breaks constraints of its
/// shape (`ValidationException` with all of them at once). The error is the service's own.
pub fn read(target: &Target, parts: &Parts, body: &Bytes) -> Result<Value, WireError> {
    let operation = target.operation();
    let family = Family::of(operation.service());
    if body.len() > MAX_DOCUMENT && !target.streams_body() {
        return Err(too_long(family));
    }
    let value = decode(target, parts, body).map_err(|error| error.into_wire(family))?;
    let value = as_spelled(family, value);
    validate::input(operation, &value)?;
    Ok(value)
}

/// The value that S3 takes however it is spelled: Amazon's client in C writes `x-amz-checksum-mode: enabled`.
fn as_spelled(family: Family, value: Value) -> Value {
    const MODE: (&str, &str) = ("ChecksumMode", "ENABLED");
    let is_mode = |text: &str| text.eq_ignore_ascii_case(MODE.1);
    if family == Family::S3 && value.str(MODE.0).is_some_and(is_mode) {
        return value.with(MODE.0, MODE.1);
    }
    value
}

fn too_long(family: Family) -> WireError {
    match family {
        Family::S3 => WireError::new(
            "MaxMessageLengthExceeded",
            400,
            "Your request was too large.",
        ),
        _ => WireError::new(
            "RequestEntityTooLarge",
            413,
            format!("The request body is larger than {MAX_DOCUMENT} bytes"),
        ),
    }
}

fn decode(target: &Target, parts: &Parts, body: &Bytes) -> Result<Value, Unreadable> {
    let operation = target.operation();
    match operation.service().protocol() {
        Protocol::Json => match operation.input() {
            Some(shape) if !body.is_empty() => match json::read::read(shape, body)? {
                Value::Null => Ok(Value::map()),
                value => Ok(value),
            },
            _ => Ok(Value::map()),
        },
        Protocol::Query => {
            let form = std::str::from_utf8(body)
                .map_err(|_| Unreadable::new("the request body is not UTF-8"))?;
            let form = if form.is_empty() {
                parts.uri.query().unwrap_or_default()
            } else {
                form
            };
            query::read(operation, form)
        }
        Protocol::RestJson | Protocol::RestXml => rest::read::read(target, parts, body),
    }
}

/// Writes the output of an operation.
///
/// A blob in the place of a streaming payload becomes the body; when it is left out the caller
/// puts the stream there (and the `Content-Length`).
#[must_use]
pub fn write(operation: Operation, output: &Value, stamp: &Stamp) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    let (status, body) = match operation.service().protocol() {
        Protocol::Json => {
            let version = operation.service().json_version().unwrap_or("1.0");
            content_type(&mut headers, &format!("application/x-amz-json-{version}"));
            let text = operation
                .output()
                .map(|shape| json::write::write(shape, output));
            (None, Bytes::from(text.unwrap_or_default()))
        }
        Protocol::Query => {
            content_type(&mut headers, "text/xml");
            (None, Bytes::from(query_response(operation, output, stamp)))
        }
        Protocol::RestJson | Protocol::RestXml => rest_response(operation, output, &mut headers),
    };
    let status = status.unwrap_or_else(|| operation.response_code());
    response(
        Family::of(operation.service()),
        status,
        headers,
        body,
        stamp,
    )
}

fn query_response(operation: Operation, output: &Value, stamp: &Stamp) -> String {
    let mut xml = Writer::new(false);
    let root = format!("{}Response", operation.name());
    xml.open_in(&root, operation.service().xml_namespace());
    if let Some(shape) = operation.output() {
        if let Some(wrapper) = operation.result_wrapper() {
            xml.open(wrapper);
            xml.members(shape, output);
            xml.close(wrapper);
        } else {
            xml.members(shape, output);
        }
    }
    xml.open("ResponseMetadata");
    xml.leaf("RequestId", &stamp.request_id);
    xml.close("ResponseMetadata");
    xml.close(&root);
    xml.finish()
}

fn rest_response(
    operation: Operation,
    output: &Value,
    headers: &mut HeaderMap,
) -> (Option<u16>, Bytes) {
    let Some(shape) = operation.output() else {
        return (None, Bytes::new());
    };
    headers.reserve(HEADERS);
    let status = rest::write::head(shape, output, headers);
    let is_json = operation.service().protocol() == Protocol::RestJson;
    let body = match shape.payload() {
        None if is_json => Bytes::from(json::write::write(shape, output)),
        None if !shape.members().any(in_body) => return (status, Bytes::new()),
        None => Bytes::from(s3::document(operation, shape, output)),
        Some(payload) => match (payload.shape().kind(), output.get(payload.name())) {
            (_, None) => return (status, Bytes::new()),
            (Kind::Blob | Kind::String, Some(Value::Blob(bytes))) => bytes.clone(),
            (Kind::Blob | Kind::String, Some(Value::String(text))) => Bytes::from(text.clone()),
            (_, Some(value)) if is_json => {
                let mut text = Vec::new();
                json::write::part(&mut text, payload, value);
                Bytes::from(text)
            }
            (_, Some(value)) => Bytes::from(s3::payload(operation, payload, value)),
        },
    };
    if !headers.contains_key(header::CONTENT_TYPE) {
        let kind = shape.payload().map(|payload| payload.shape().kind());
        let value = match kind {
            Some(Kind::Blob) => "application/octet-stream",
            // The one text that S3 answers with is a policy.
            Some(Kind::String) if operation.service().name() == "s3" => "application/json",
            Some(Kind::String) => "text/plain",
            _ if is_json => "application/json",
            _ => "application/xml",
        };
        content_type(headers, value);
    }
    (status, body)
}

/// Whether a member of an output stands in the body: what says where it stands in a request says
/// nothing about responses.
fn in_body(member: Member) -> bool {
    matches!(
        member.location(),
        Location::Body | Location::Querystring | Location::Uri
    )
}

fn content_type(headers: &mut HeaderMap, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(header::CONTENT_TYPE, value);
    }
}

/// Puts the parts together, with the ids and the date.
fn response(
    family: Family,
    status: u16,
    mut headers: HeaderMap,
    body: Bytes,
    stamp: &Stamp,
) -> Response<Bytes> {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if family == Family::S3 {
        set("x-amz-request-id", &stamp.request_id);
        set("x-amz-id-2", &stamp.host_id);
    } else {
        set("x-amzn-requestid", &stamp.request_id);
    }
    set("date", &scalar::http_date(stamp.now));
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = headers;
    response
}

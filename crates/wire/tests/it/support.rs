//! Requests and responses for the tests.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use wire::error::WireError;
use wire::protocol::{self, Stamp};
use wire::route::Router;
use wire::value::Value;

pub(crate) fn stamp() -> Stamp {
    Stamp {
        request_id: "request-1".to_owned(),
        host_id: "host-1".to_owned(),
        now: "2026-11-22T05:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn parts(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// Reads a call of an awsJson operation.
pub(crate) fn json_call(service: &str, operation: &str, body: &str) -> Result<Value, WireError> {
    let service = catalog::shapes::service(service).unwrap();
    let target = format!("{}.{operation}", service.target_prefix().unwrap());
    let parts = parts("POST", "/", &[("x-amz-target", &target)]);
    let target = Router::default().operation(service, &parts, b"")?;
    protocol::read(&target, &parts, &Bytes::from(body.to_owned()))
}

/// Reads a call of a query operation, given the parameters behind action and version.
pub(crate) fn query_call(service: &str, action: &str, rest: &str) -> Result<Value, WireError> {
    let service = catalog::shapes::service(service).unwrap();
    let parts = parts(
        "POST",
        "/",
        &[("content-type", "application/x-www-form-urlencoded")],
    );
    let form = format!("Action={action}&Version={}{rest}", service.api_version());
    let target = Router::default().operation(service, &parts, form.as_bytes())?;
    protocol::read(&target, &parts, &Bytes::from(form))
}

/// Reads a call of S3.
pub(crate) fn s3_call(parts: &Parts, body: &str) -> Result<(String, Value), WireError> {
    let service = catalog::shapes::service("s3").unwrap();
    let target = Router::new(["s3.localhost"]).operation(service, parts, b"")?;
    let input = protocol::read(&target, parts, &Bytes::from(body.to_owned()))?;
    Ok((target.operation().name().to_owned(), input))
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

pub(crate) fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
        .unwrap_or_default()
}

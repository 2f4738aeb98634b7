//! Errors in each protocol.

use bytes::Bytes;
use catalog::shapes::{Kind, Operation, Service, Shape};
use http::{HeaderMap, HeaderValue, Method, Response, request::Parts};

use super::{Stamp, Writer, content_type, in_body, json, response, rest};
use crate::error::{Family, WireError};
use crate::value::Value;

/// How to speak to a client, for a request that may not be understood (yet).
#[derive(Clone, Debug)]
pub struct Dialect {
    family: Family,
    service: Option<&'static Service>,
    operation: Option<Operation>,
    head: bool,
    resource: String,
}

impl Dialect {
    /// The dialect in which the client seems to speak, from its head alone.
    #[must_use]
    pub fn guess(parts: &Parts) -> Self {
        let content_type = parts
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default();
        let family = if parts.headers.contains_key("x-amz-target") {
            Family::Json
        } else if content_type.starts_with("application/x-www-form-urlencoded")
            && parts.uri.path() == "/"
        {
            Family::Query
        } else if content_type.starts_with("application/json") {
            Family::RestJson
        } else {
            Family::S3
        };
        let head = parts.method == Method::HEAD;
        let resource = parts.uri.path().to_owned();
        Self {
            family,
            service: None,
            operation: None,
            head,
            resource,
        }
    }

    /// The dialect of a service, once it is known which one was called.
    #[must_use]
    pub fn of(service: &'static Service, parts: &Parts) -> Self {
        let guess = Self::guess(parts);
        Self {
            family: Family::of(service),
            service: Some(service),
            ..guess
        }
    }

    /// The same, with the operation: its declared errors have members with names of their own.
    #[must_use]
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// The family of services.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// Writes an error.
    #[must_use]
    pub fn write(&self, error: &WireError, stamp: &Stamp) -> Response<Bytes> {
        let mut headers = HeaderMap::new();
        let body: Bytes = match self.family {
            Family::Query => {
                content_type(&mut headers, "text/xml");
                self.query(error, stamp).into()
            }
            Family::S3 => {
                content_type(&mut headers, "application/xml");
                if let Some(region) = error.fields().get("Region").and_then(Value::as_str)
                    && let Ok(region) = HeaderValue::from_str(region)
                {
                    // Clients that sent a HEAD have nothing else to go by.
                    headers.insert("x-amz-bucket-region", region);
                }
                // Of the services that speak rest-xml, S3 alone writes errors without a wrapper.
                if self.service.is_none_or(|service| service.name() == "s3") {
                    self.s3(error, stamp).into()
                } else {
                    self.query(error, stamp).into()
                }
            }
            Family::Json => {
                let version = self
                    .service
                    .and_then(Service::json_version)
                    .unwrap_or("1.1");
                content_type(&mut headers, &format!("application/x-amz-json-{version}"));
                let code = self.json_code(error);
                error_type(&mut headers, code);
                if code != error.code() {
                    let fault = if error.status() < 500 {
                        "Sender"
                    } else {
                        "Receiver"
                    };
                    let value = format!("{};{fault}", error.code());
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        headers.insert("x-amzn-query-error", value);
                    }
                }
                self.json(error, true).into()
            }
            Family::RestJson => {
                content_type(&mut headers, "application/json");
                error_type(&mut headers, error.code());
                self.json(error, false).into()
            }
        };
        if matches!(self.family, Family::S3 | Family::RestJson)
            && let Some(shape) = self.shape(error)
        {
            rest::write::head(shape, &Value::Map(error.fields().clone()), &mut headers);
        }
        for (name, value) in error.headers() {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(*name, value);
            }
        }
        let bodiless = self.head || error.status() == 304;
        let body = if bodiless { Bytes::new() } else { body };
        response(self.family, error.status(), headers, body, stamp)
    }

    /// The error shape of this code: the operation's, or else any of the service.
    fn shape(&self, error: &WireError) -> Option<Shape> {
        let named = |shape: &Shape| {
            let code = shape.error().and_then(|traits| traits.code);
            code.unwrap_or_else(|| shape.name()) == error.code()
        };
        let own = self
            .operation
            .and_then(|operation| operation.errors().find(named));
        let any = || {
            self.service?
                .shape(error.code())
                .filter(|shape| shape.is_error())
        };
        own.or_else(any)
    }

    /// The code as awsJson writes it. A service that once spoke the query protocol has codes from
    /// then, which go into a header of their own; here its errors are called as their shapes.
    fn json_code<'e>(&self, error: &'e WireError) -> &'e str {
        let old = self.service.is_some_and(Service::query_compatible);
        let shape = old.then(|| self.shape(error)).flatten();
        match shape {
            Some(shape) => shape.name(),
            None => error.code(),
        }
    }

    fn query(&self, error: &WireError, stamp: &Stamp) -> String {
        let mut xml = Writer::readable();
        xml.open_in(
            "ErrorResponse",
            self.service.and_then(Service::xml_namespace),
        );
        xml.open("Error");
        xml.leaf(
            "Type",
            if error.status() < 500 {
                "Sender"
            } else {
                "Receiver"
            },
        );
        xml.leaf("Code", error.code());
        if !error.message().is_empty() {
            xml.leaf("Message", error.message());
        }
        self.fields(&mut xml, error);
        xml.close("Error");
        xml.leaf("RequestId", &stamp.request_id);
        xml.close("ErrorResponse");
        xml.finish()
    }

    fn s3(&self, error: &WireError, stamp: &Stamp) -> String {
        let mut xml = Writer::declared(true);
        xml.open("Error");
        xml.leaf("Code", error.code());
        xml.leaf("Message", error.message());
        self.fields(&mut xml, error);
        // Errors that say more name what they are about by themselves.
        if error.fields().is_empty() {
            xml.leaf("Resource", &self.resource);
        }
        xml.leaf("RequestId", &stamp.request_id);
        xml.leaf("HostId", &stamp.host_id);
        xml.close("Error");
        xml.finish()
    }

    fn fields(&self, xml: &mut Writer, error: &WireError) {
        let shape = self.shape(error);
        let told = |name: &str| {
            let member = shape.and_then(|shape| shape.member(name));
            member.is_none_or(in_body)
        };
        for (name, value) in error.fields().iter().filter(|(name, _)| told(name)) {
            match shape.and_then(|shape| shape.member(name)) {
                Some(member) => xml.element(member.wire_name(), member, value),
                None => xml.leaf(name, &plain(value)),
            }
        }
    }

    fn json(&self, error: &WireError, with_type: bool) -> Vec<u8> {
        let shape = self.shape(error);
        let mut out = b"{".to_vec();
        let comma = |out: &mut Vec<u8>| {
            if !out.ends_with(b"{") {
                out.push(b',');
            }
        };
        let mut texts = Vec::new();
        if with_type {
            texts.push(("__type", self.json_code(error)));
        }
        if !error.message().is_empty() {
            texts.push((message_name(shape, error.code()), error.message()));
        }
        for (name, text) in texts {
            comma(&mut out);
            json::write::string(&mut out, name);
            out.push(b':');
            json::write::string(&mut out, text);
        }
        for (name, value) in error.fields().iter() {
            let member = shape.and_then(|shape| shape.member(name));
            if !member.is_none_or(in_body) {
                continue;
            }
            comma(&mut out);
            json::write::string(&mut out, member.map_or(name, |member| member.wire_name()));
            out.push(b':');
            match member {
                Some(member) => json::write::part(&mut out, member, value),
                None => json::write::free(&mut out, value),
            }
        }
        out.push(b'}');
        out
    }
}

/// The name of the member that holds the text: the shape's own spelling, else AWS's habit.
fn message_name(shape: Option<Shape>, code: &str) -> &'static str {
    let own = shape.into_iter().flat_map(Shape::members).find(|member| {
        member.name().eq_ignore_ascii_case("message") && member.shape().kind() == Kind::String
    });
    match own {
        Some(member) => member.wire_name(),
        None if code == "AccessDeniedException" => "Message",
        None => "message",
    }
}

fn error_type(headers: &mut HeaderMap, code: &str) {
    if let Ok(value) = HeaderValue::from_str(code) {
        headers.insert("x-amzn-errortype", value);
    }
}

fn plain(value: &Value) -> String {
    let format = catalog::shapes::TimestampFormat::Iso8601;
    super::scalar::write(value, None, format, true).unwrap_or_default()
}

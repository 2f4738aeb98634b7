//! Which service and which operation a request calls.
//!
//! One listener serves all services, so nothing but the request itself tells: the service in the
//! signature's scope, then `X-Amz-Target`, then a form's `Action`, and what is left is S3.

mod hosts;
mod rest;

pub(crate) use rest::changes_nothing;

use catalog::shapes::{self, Operation, Protocol, Service};
use http::{Method, header, request::Parts};

use crate::error::{Family, WireError};
use crate::protocol::parameter;
use crate::sigv4::SignedRequest;

/// The operation that a request calls, with what its path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    operation: Operation,
    labels: Vec<(&'static str, String)>,
}

impl Target {
    /// A target without labels, for operations whose path has none.
    #[must_use]
    pub const fn of(operation: Operation) -> Self {
        Self {
            operation,
            labels: Vec::new(),
        }
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The decoded text of a label of the path: `Bucket`, `Key`.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text.as_str())
    }

    /// Whether the body is a stream that is no part of the input (objects' bytes).
    #[must_use]
    pub fn streams_body(&self) -> bool {
        let payload = self.operation.input().and_then(shapes::Shape::payload);
        payload.is_some_and(shapes::Member::streaming)
    }
}

/// Finds services and operations.
#[derive(Clone, Debug, Default)]
pub struct Router {
    s3_domains: Vec<String>,
}

impl Router {
    /// A router that takes what a host name begins with as a bucket when the rest is one of these
    /// domains (`s3.localhost`), without a port, or a name of S3 at AWS
    /// (`s3.us-east-1.amazonaws.com`).
    pub fn new<D: Into<String>>(s3_domains: impl IntoIterator<Item = D>) -> Self {
        let domains = s3_domains
            .into_iter()
            .map(|domain| domain.into().to_ascii_lowercase());
        Self {
            s3_domains: domains.collect(),
        }
    }

    /// The service that a request calls.
    ///
    /// # Errors
    /// The signature is for a service that has no tables; the error is in
    /// [`Dialect::guess`](crate::protocol::Dialect::guess)'s family.
    pub fn service(
        &self,
        parts: &Parts,
        signed: Option<&SignedRequest>,
    ) -> Result<&'static Service, WireError> {
        let spoken = spoken(parts);
        if let Some(signed) = signed {
            let name = signed.scope().service.as_str();
            let named = || {
                shapes::services()
                    .iter()
                    .filter(|s| s.signing_name() == name)
            };
            if name == "s3" && is_s3_control(parts) {
                // It signs as S3 does, and its paths would be taken for buckets.
                return shapes::service("s3control").ok_or_else(|| unknown_service("s3-control"));
            }
            let found = named()
                .find(|s| s.protocol() == spoken)
                .or_else(|| named().next());
            return found.ok_or_else(|| unknown_service(name));
        }
        let by_target = target_header(parts).and_then(|target| {
            let prefix = target.rsplit_once('.')?.0;
            shapes::services()
                .iter()
                .find(|service| is_target(service, prefix))
        });
        // Forms without a signature are for STS, at its one path. Clients call the body of an upload by a
        // link a form, too, when nobody tells them what it is.
        let fallback = if spoken == Protocol::Query && parts.uri.path() == "/" {
            "sts"
        } else {
            "s3"
        };
        by_target
            .or_else(|| by_version(parts))
            .or_else(|| shapes::service(fallback))
            .ok_or_else(|| unknown_service(fallback))
    }

    /// The operation of the service. `body` is needed for the query protocol only.
    ///
    /// # Errors
    /// There is no such operation; the error is the service's own (`UnknownOperationException`,
    /// `InvalidAction`, `MethodNotAllowed`).
    pub fn operation(
        &self,
        service: &'static Service,
        parts: &Parts,
        body: &[u8],
    ) -> Result<Target, WireError> {
        match service.protocol() {
            Protocol::Json => by_target(service, parts).map(Target::of),
            Protocol::Query => by_action(service, parts, body).map(Target::of),
            Protocol::RestJson => rest::find(service, parts),
            Protocol::RestXml if service.name() == "s3" => {
                rest::find_s3(service, parts, self.host_bucket(parts))
            }
            Protocol::RestXml => rest::find(service, parts),
        }
    }

    /// The bucket that the host name begins with.
    #[must_use]
    pub fn host_bucket<'r>(&self, parts: &'r Parts) -> Option<&'r str> {
        let host = hosts::of(parts)?;
        let name = hosts::without_port(host);
        if let Some(bucket) = hosts::aws_bucket(name) {
            return bucket;
        }
        let is_domain = |domain: &String| name.eq_ignore_ascii_case(domain);
        if self.s3_domains.iter().any(is_domain) {
            // Of two domains one may lie in the other: `s3.localhost` is no bucket of `localhost`.
            return None;
        }
        let before = self.s3_domains.iter().filter_map(|domain| {
            let at = name.len().checked_sub(domain.len())?;
            let (bucket, rest) = name.split_at_checked(at)?;
            let bucket = bucket.strip_suffix('.')?;
            (rest.eq_ignore_ascii_case(domain) && !bucket.is_empty()).then_some(bucket)
        });
        // Behind the longest domain of all that fit.
        before.min_by_key(|bucket| bucket.len())
    }
}

/// The region in the name of one of AWS's own hosts, by which a request came here.
#[must_use]
pub fn aws_region(parts: &Parts) -> Option<&str> {
    hosts::aws_region(hosts::of(parts)?)
}

/// Whether a host, with or without a port, is called by one of AWS's own names.
#[must_use]
pub fn is_aws(host: &str) -> bool {
    hosts::before_aws(hosts::without_port(host)).is_some()
}

/// Whether a request is one to S3 Control: by the host or, where one endpoint stands for all, by the account
/// that every such request names, and the version that its paths begin with.
fn is_s3_control(parts: &Parts) -> bool {
    hosts::of(parts).is_some_and(hosts::is_s3_control)
        || (parts.headers.contains_key("x-amz-account-id")
            && parts.uri.path().starts_with("/v20180820/"))
}

/// The protocol that the headers speak.
fn spoken(parts: &Parts) -> Protocol {
    if parts.headers.contains_key("x-amz-target") {
        return Protocol::Json;
    }
    let query = parts.uri.query().unwrap_or_default();
    if is_form(parts) || (parts.uri.path() == "/" && parameter(query, "Action").is_some()) {
        return Protocol::Query;
    }
    Protocol::RestXml
}

fn is_form(parts: &Parts) -> bool {
    let value = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

fn target_header(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
}

/// The query service of the version in an unsigned link.
fn by_version(parts: &Parts) -> Option<&'static Service> {
    let version = parameter(parts.uri.query()?, "Version")?;
    let is_query = |service: &&Service| service.protocol() == Protocol::Query;
    shapes::services()
        .iter()
        .filter(is_query)
        .find(|service| service.api_version() == version)
}

fn unknown_service(name: &str) -> WireError {
    WireError::new(
        "UnknownService",
        501,
        format!("the service `{name}` of the signature's scope is not served here"),
    )
}

/// Whether `X-Amz-Target` before its last dot names the service. CloudTrail's name has a package before it, which the
/// SDKs for JavaScript and Go leave out.
fn is_target(service: &Service, prefix: &str) -> bool {
    let whole = service.target_prefix();
    let short = whole.and_then(|whole| whole.rsplit('.').next());
    [whole, short].contains(&Some(prefix))
}

fn by_target(service: &'static Service, parts: &Parts) -> Result<Operation, WireError> {
    let unknown = |text: String| WireError::new("UnknownOperationException", 400, text);
    let Some(target) = target_header(parts) else {
        return Err(unknown("the header `X-Amz-Target` is missing".to_owned()));
    };
    let found = target
        .rsplit_once('.')
        .filter(|(prefix, _)| is_target(service, prefix))
        .and_then(|(_, name)| service.operation(name));
    match found {
        Some(operation) if parts.method == Method::POST => Ok(operation),
        Some(_) => Err(unknown("operations are called with POST".to_owned())),
        None => Err(unknown(format!("the operation `{target}` is not known"))),
    }
}

fn by_action(
    service: &'static Service,
    parts: &Parts,
    body: &[u8],
) -> Result<Operation, WireError> {
    let form = match std::str::from_utf8(body) {
        Ok(form) if !form.is_empty() => form,
        _ => parts.uri.query().unwrap_or_default(),
    };
    let Some(action) = parameter(form, "Action").filter(|action| !action.is_empty()) else {
        return Err(WireError::new(
            "MissingAction",
            400,
            "The request is missing an action or a required parameter.",
        ));
    };
    let version = parameter(form, "Version").unwrap_or_else(|| "NO_VERSION_SPECIFIED".to_owned());
    service
        .operation(&action)
        .filter(|_| version == service.api_version())
        .ok_or_else(|| {
            let text = format!("Could not find operation {action} for version {version}");
            WireError::new("InvalidAction", 400, text)
        })
}

/// The error for a path that no operation has.
fn no_route(family: Family, method: &Method) -> WireError {
    if family == Family::S3 {
        let text = "The specified method is not allowed against this resource.";
        return WireError::new("MethodNotAllowed", 405, text).with("Method", method.as_str());
    }
    WireError::new(
        "UnknownOperationException",
        404,
        "no operation has this method and path",
    )
}

//! What a client is told when a request fails.

use std::borrow::Cow;
use std::fmt;

use catalog::shapes::{Protocol, Service};

use crate::value::{Map, Value};

/// Services that name and write their errors alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// STS and IAM: XML with `Error` in `ErrorResponse`, `AccessDenied`, mostly status 400 and 403.
    Query,
    /// SageMaker, Secrets Manager, CloudTrail: `__type` and `message`, `…Exception`, status 400.
    Json,
    /// `x-amzn-ErrorType` and `message`, `…Exception`, status 400 and 403.
    RestJson,
    /// S3: XML with `Error` at the root.
    S3,
}

impl Family {
    /// The family of a service.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        match service.protocol() {
            Protocol::Query => Self::Query,
            Protocol::Json => Self::Json,
            Protocol::RestJson => Self::RestJson,
            Protocol::RestXml => Self::S3,
        }
    }

    /// The family's form of a code that ends in `Exception` in the JSON protocols only.
    pub(crate) fn suffixed(self, code: &'static str) -> Cow<'static, str> {
        match self {
            Self::Query | Self::S3 => Cow::Borrowed(code),
            Self::Json | Self::RestJson => Cow::Owned(format!("{code}Exception")),
        }
    }
}

/// An error as the client sees it: AWS's code, text and status.
///
/// The codecs add what the protocol asks for around it (request id, fault, `__type`).
#[derive(Clone, Debug, PartialEq)]
pub struct WireError {
    code: Cow<'static, str>,
    message: String,
    status: u16,
    fields: Map,
    headers: Vec<(&'static str, String)>,
}

impl WireError {
    /// An error with AWS's code (`ResourceNotFoundException`), HTTP status and text.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status,
            fields: Map::new(),
            headers: Vec::new(),
        }
    }

    /// Adds a member of the error beside its message: S3's `BucketName`, or a member of the error's
    /// shape.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.fields.insert(name, value);
        self
    }

    /// A refusal by authorization, with AWS's sentence about who may not do what.
    pub fn access_denied(family: Family, message: impl Into<String>) -> Self {
        let status = if family == Family::Json { 400 } else { 403 };
        Self::new(family.suffixed("AccessDenied"), status, message)
    }

    /// Something failed that is not the client's fault. The client is not told what.
    #[must_use]
    pub fn internal(family: Family) -> Self {
        match family {
            Family::S3 => Self::new(
                "InternalError",
                500,
                "We encountered an internal error. Please try again.",
            ),
            Family::Query => Self::new("InternalFailure", 500, "Internal failure"),
            Family::Json | Family::RestJson => Self::new(
                "InternalFailure",
                500,
                "The request processing has failed because of an unknown error, exception or failure.",
            ),
        }
    }

    /// The operation exists in AWS's API, and this server has no behaviour for it.
    #[must_use]
    pub fn not_implemented(family: Family, operation: &str) -> Self {
        let message = format!("the operation `{operation}` is not implemented by this server");
        match family {
            Family::S3 => Self::new("NotImplemented", 501, message),
            Family::Query => Self::new("UnsupportedOperation", 501, message),
            Family::Json | Family::RestJson => {
                Self::new("UnsupportedOperationException", 501, message)
            }
        }
    }

    /// Adds a header of the answer, such as S3's `x-amz-delete-marker`; the name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The headers that go with it.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// AWS's code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// AWS's code, where it is one that this program knows.
    #[must_use]
    pub const fn static_code(&self) -> Option<&'static str> {
        match self.code {
            Cow::Borrowed(code) => Some(code),
            Cow::Owned(_) => None,
        }
    }

    /// The text for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Further members.
    #[must_use]
    pub const fn fields(&self) -> &Map {
        &self.fields
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for WireError {}

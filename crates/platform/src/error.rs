//! Errors as a client sees them.

use std::borrow::Cow;
use std::fmt;
use wire::error::{Family, WireError};
use wire::value::Value;

/// Why a call fails. How a code is spelt depends on the service's protocol; the texts are AWS's.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    fault: Fault,
    message: String,
    fields: Vec<(Cow<'static, str>, Value)>,
    headers: Vec<(&'static str, String)>,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A policy denies, or none allows.
    AccessDenied,
    /// The input breaks the API's constraints.
    Validation,
    /// The operation is part of the API but not of this platform.
    Unsupported,
    /// The platform failed. The reason goes to the operator, not to the client.
    Internal,
    /// An error of the service's own: code and status.
    Service {
        /// The code, such as `NoSuchEntity`.
        code: &'static str,
        /// The HTTP status.
        status: u16,
    },
}

impl ApiError {
    fn of(fault: Fault, message: impl Into<String>) -> Self {
        Self {
            fault,
            message: message.into(),
            fields: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// An error of the service's own: AWS's code, the HTTP status and AWS's text.
    #[must_use]
    pub fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self::of(Fault::Service { code, status }, message)
    }

    /// The caller may not do it; `message` is AWS's sentence.
    #[must_use]
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::of(Fault::AccessDenied, message)
    }

    /// The input is not as the API demands.
    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self::of(Fault::Validation, message)
    }

    /// Part of an operation is not built: `what` says which.
    #[must_use]
    pub fn unsupported(what: &str) -> Self {
        Self::of(
            Fault::Unsupported,
            format!("{what} is not implemented by this server"),
        )
    }

    /// The platform failed; `reason` is for its operator.
    #[must_use]
    pub fn internal(reason: impl fmt::Display) -> Self {
        Self::of(Fault::Internal, reason.to_string())
    }

    /// Adds a member beside the text, such as S3's `BucketName`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// What the wire says of a request, when it becomes known only after authorization.
    pub(crate) fn from_wire(error: &WireError) -> Self {
        let Some(code) = error.static_code() else {
            return Self::internal(error);
        };
        let mut own = Self::new(code, error.status(), error.message());
        let fields = error.fields().iter();
        own.fields = fields
            .map(|(name, value)| (Cow::Owned(name.to_owned()), value.clone()))
            .collect();
        own.headers = error.headers().to_vec();
        own
    }

    /// A member beside the text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Adds a header of the answer, such as S3's `x-amz-delete-marker`; the name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The headers of the answer.
    pub(crate) fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// Whether a policy denies it.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.fault == Fault::AccessDenied
    }

    /// The error in the words of a family of services.
    pub(crate) fn to_wire(&self, family: Family) -> WireError {
        let message = self.message.as_str();
        let error = match &self.fault {
            Fault::AccessDenied => WireError::access_denied(family, message),
            Fault::Validation => WireError::new(validation_code(family), 400, message),
            Fault::Unsupported => WireError::new(unsupported_code(family), 501, message),
            Fault::Internal => WireError::internal(family),
            Fault::Service { code, status } => WireError::new(*code, *status, message),
        };
        let error = self.fields.iter().fold(error, |error, (name, value)| {
            error.with(name.clone(), value.clone())
        });
        let headers = self.headers.iter();
        headers.fold(error, |error, (name, value)| {
            error.header(name, value.as_str())
        })
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The text; of an internal failure, the reason that only the operator may see.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        Self::internal(error)
    }
}

impl From<crate::port::RandomError> for ApiError {
    fn from(error: crate::port::RandomError) -> Self {
        Self::internal(error)
    }
}

fn validation_code(family: Family) -> &'static str {
    match family {
        Family::Query => "ValidationError",
        Family::Json | Family::RestJson => "ValidationException",
        Family::S3 => "InvalidArgument",
    }
}

fn unsupported_code(family: Family) -> &'static str {
    match family {
        Family::Query => "UnsupportedOperation",
        Family::Json | Family::RestJson => "UnsupportedOperationException",
        Family::S3 => "NotImplemented",
    }
}

//! Errors as a client sees them.

use std::borrow::Cow;

/// Why a call fails. How code and status are spelt depends on the service's protocol, see
/// [`Fault::code`]; the texts are AWS's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    fault: Fault,
    message: String,
}

/// The kinds of failure.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        code: Cow<'static, str>,
        /// The HTTP status.
        status: u16,
    },
}

impl ApiError {
    /// An error of the service's own.
    #[must_use]
    pub fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Service {
                code: Cow::Borrowed(code),
                status,
            },
            message: message.into(),
        }
    }

    /// The caller may not do it; `message` is AWS's sentence.
    #[must_use]
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self {
            fault: Fault::AccessDenied,
            message: message.into(),
        }
    }

    /// The input is not as the API demands.
    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Validation,
            message: message.into(),
        }
    }

    /// The operation is not built.
    #[must_use]
    pub fn unsupported(service: &str, operation: &str) -> Self {
        let message =
            format!("The operation {operation} of {service} is not supported by this platform");
        Self {
            fault: Fault::Unsupported,
            message,
        }
    }

    /// The platform failed; `reason` is for its operator.
    #[must_use]
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        Self {
            fault: Fault::Internal,
            message: reason.to_string(),
        }
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The text; of an internal failure, the reason that only the operator may see.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::error::Error for ApiError {}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

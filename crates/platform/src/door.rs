//! Doors: ways in that are no API operations, such as a link that somebody was given.
//!
//! Nobody has signed who comes through a door. What they bring (a ticket in the link) says for what
//! the service shall act, and the service then assumes a role *as itself*: the role's trust policy
//! decides, as for any other assumption, and the session is what the visitor gets.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use store::Write;

use crate::call::Envelope;
use crate::error::ApiError;
use crate::platform::Platform;
use crate::session::Session;
use crate::sessions::ServiceAssumption;

/// A way in by a link.
pub struct Door {
    /// The path, which begins with `/_` so that no bucket can have it: `/_studio/auth`.
    pub path: &'static str,
    /// The name of the trail's event.
    pub event: &'static str,
    /// Checks and uses up what the visitor brings, and says which role the service assumes for it.
    /// The change is kept whatever becomes of the assumption, so that a ticket is good once.
    pub open: fn(&Visit<'_>, &mut dyn Write) -> Result<ServiceAssumption, ApiError>,
    /// What the visitor gets of the session.
    pub show: fn(&Visit<'_>, &Session) -> Page,
}

/// A visit through a door.
pub struct Visit<'p> {
    pub(crate) platform: &'p Platform,
    pub(crate) envelope: Envelope,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Visit<'_> {
    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        self.platform
    }

    /// What is known of the request.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// A parameter of the link. `None` also when it is there more than once.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}

/// What a door shows.
#[derive(Clone, Debug)]
pub struct Page {
    content_type: &'static str,
    body: Bytes,
}

impl Page {
    /// A JSON document.
    #[must_use]
    pub fn json(body: &serde_json::Value) -> Self {
        Self {
            content_type: "application/json",
            body: body.to_string().into(),
        }
    }

    /// The page as a response that nobody may keep.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.body.clone());
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

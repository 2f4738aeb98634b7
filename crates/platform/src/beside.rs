//! What a service says beside its answers: headers that go with every answer about a resource,
//! refusals too, and what browsers are told before they ask (the Fetch standard, "CORS protocol").

use crate::error::ApiError;
use crate::platform::Platform;

/// A header of an answer: its name in lower case and its value.
pub type Header = (&'static str, String);

/// What is asked, as far as the request's head tells.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The platform.
    pub platform: &'a Platform,
    /// The operation's name, such as `GetObject`.
    pub operation: &'static str,
    /// The HTTP method that the operation has.
    pub method: &'static str,
    /// What the path begins with: S3's bucket.
    pub place: &'a str,
    /// The region that the request was signed for.
    pub region: &'a str,
    /// The page's origin, where a browser asks for one.
    pub origin: Option<&'a str>,
}

/// What an operation says beside its answers.
#[derive(Debug)]
pub struct Beside {
    /// The headers that go with every answer.
    pub headers: fn(&Asked<'_>) -> Result<Vec<Header>, ApiError>,
    /// The headers that allow a page of another origin to ask with these headers of its own, or why
    /// it may not.
    pub preflight: fn(&Asked<'_>, &[&str]) -> Result<Vec<Header>, ApiError>,
}

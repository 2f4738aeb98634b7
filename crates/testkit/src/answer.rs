//! An answer, and what tests want to know of it.

use bytes::Bytes;
use http::{HeaderMap, Response};

/// An answer of the platform.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn new(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The same answer.
    ///
    /// # Panics
    /// When it is an error.
    #[track_caller]
    pub fn checked(self) -> Self {
        assert!(self.status < 300, "{}: {}", self.status, self.text());
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The text of the first XML element of this name, unescaped.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn xml(&self, name: &str) -> String {
        self.find(name)
            .unwrap_or_else(|| panic!("no <{name}> in {}", self.text()))
    }

    /// The text of the first XML element of this name, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        let escapes = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&apos;", "'"),
            ("&amp;", "&"),
        ];
        Some(
            escapes
                .iter()
                .fold(value.to_owned(), |text, (from, to)| text.replace(from, to)),
        )
    }

    /// The code and text of an error, in XML or JSON.
    #[must_use]
    #[track_caller]
    pub fn error(&self) -> (String, String) {
        if let (Some(code), Some(message)) = (self.find("Code"), self.find("Message")) {
            return (code, message);
        }
        let json = self.json();
        let member = |name: &str| json.get(name).and_then(|it| it.as_str()).map(str::to_owned);
        let message = member("message").or_else(|| member("Message"));
        (
            member("__type").unwrap_or_default(),
            message.unwrap_or_default(),
        )
    }

    /// The credentials in the answer of `AssumeRole`.
    ///
    /// # Panics
    /// When it holds none.
    #[must_use]
    #[track_caller]
    pub fn credentials(&self) -> crate::Credentials {
        crate::Credentials {
            access_key_id: self.xml("AccessKeyId"),
            secret: self.xml("SecretAccessKey"),
            token: Some(self.xml("SessionToken")),
        }
    }
}

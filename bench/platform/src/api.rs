//! Requests of AWS's APIs as bytes, signed.

use crate::Result;
use crate::load;
use http::{Method, Request as HttpRequest};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::Arc;
use wire::sigv4::{Payload, Signer};

/// An access key, with the session token of temporary ones.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// A request as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: Vec<u8>,
    pub(crate) body: Arc<[u8]>,
}

/// What to ask of which service.
pub(crate) struct Ask<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Arc<[u8]>,
}

impl Ask<'_> {
    /// The request, signed now: good for fifteen minutes.
    pub(crate) fn sign(&self, address: SocketAddr, who: &Credentials) -> Result<Request> {
        let mut builder = HttpRequest::builder()
            .method(self.method.clone())
            .uri(format!("http://{address}{}", self.path))
            .header("host", address.to_string());
        for (name, value) in self.headers {
            builder = builder.header(*name, *value);
        }
        let (mut parts, ()) = builder.body(())?.into_parts();
        let signer = Signer {
            access_key: who.access_key.clone(),
            secret: who.secret.clone(),
            session_token: who.token.clone(),
            region: "us-east-1".to_owned(),
            service: self.service.to_owned(),
        };
        signer.sign(&mut parts, Timestamp::now(), Payload::Bytes(&self.body))?;
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        for (name, value) in &parts.headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(format!("content-length: {}\r\n\r\n", self.body.len()).as_bytes());
        Ok(Request {
            head,
            body: Arc::clone(&self.body),
        })
    }

    /// Asks once and returns the body of the answer.
    pub(crate) async fn send(&self, address: SocketAddr, who: &Credentials) -> Result<String> {
        load::once(address, &self.sign(address, who)?).await
    }
}

/// A call of a JSON 1.1 API; `target` is its prefix and operation.
pub(crate) fn json<'a>(
    service: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &serde_json::Value,
) -> Ask<'a> {
    Ask {
        service,
        method: Method::POST,
        path: "/",
        headers,
        body: body.to_string().into_bytes().into(),
    }
}

/// A call of a query API.
pub(crate) fn query<'a>(service: &'a str, parameters: &[(&str, &str)]) -> Ask<'a> {
    let body = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect::<Vec<_>>()
        .join("&");
    let headers = &[("content-type", "application/x-www-form-urlencoded")];
    Ask {
        service,
        method: Method::POST,
        path: "/",
        headers,
        body: body.into_bytes().into(),
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

//! A call: a verified request for a known operation, with its caller.

use bytes::Bytes;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use policy::{AccountId, Action};
use std::any::Any;
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use store::Read;
use wire::protocol::Dialect;
use wire::sigv4::Version;
use wire::uri;
use wire::value::Value;

use crate::caller::{Caller, Holder};
use crate::error::ApiError;
use crate::operation::Operation;
use crate::platform::Platform;

/// What is known of a request apart from what it asks.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The request's id, in the answer and in the trail.
    pub request_id: String,
    /// When it arrived.
    pub time: Timestamp,
    /// The address of the peer. What headers say about it counts for nothing.
    pub source_ip: std::net::IpAddr,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Referer` header.
    pub referer: Option<String>,
    /// The `Host` header, which every signature covers: where the client reaches the server.
    pub host: Option<String>,
    /// The region that the request was signed for.
    pub region: String,
    /// How it came here.
    pub transport: Transport,
    /// The services through which it came from inside the platform, as service principals, the first
    /// one first: `aws:CalledVia`. None of a request that came from outside.
    pub via: Vec<String>,
}

impl Envelope {
    /// The URL at which the client reaches the server.
    pub(crate) fn endpoint(&self) -> String {
        let scheme = if self.transport.is_secure() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.host.as_deref().unwrap_or("localhost"))
    }
}

/// The URL of an object behind an endpoint; `hosted` says whether the bucket is already in that.
pub(crate) fn object_url(endpoint: &str, hosted: bool, bucket: &str, key: &str) -> String {
    let key = uri::encode_path(key);
    match hosted {
        true => format!("{endpoint}/{key}"),
        false => format!("{endpoint}/{}/{key}", uri::encode(bucket)),
    }
}

/// The way that a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over a connection that anybody on the way can read.
    Plain,
    /// Over TLS.
    Tls(Tls),
    /// From a service inside the platform: over no connection, so nobody could listen.
    Inside,
}

impl Transport {
    /// Whether nobody on the way could read it: `aws:SecureTransport`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        !matches!(self, Self::Plain)
    }
}

/// What was agreed on for a connection over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The protocol, as the trail names it: `TLSv1.3`.
    pub version: &'static str,
    /// The cipher suite, as the trail names it: `TLS_AES_128_GCM_SHA256`,
    /// `ECDHE-RSA-AES128-GCM-SHA256`.
    pub cipher_suite: Arc<str>,
}

/// A request whose signature was verified and whose input follows the API. Only the verifying step
/// of the [hallway](crate::hallway) makes one.
pub struct Verified<'p> {
    pub(crate) platform: &'p Platform,
    pub(crate) facts: Facts,
}

/// All that is known of a verified request.
pub struct Facts {
    pub(crate) envelope: Envelope,
    pub(crate) access_key_id: String,
    pub(crate) holder: Holder,
    /// The service's name in events.
    pub(crate) source: &'static str,
    pub(crate) operation: &'static Operation,
    /// The action that has the operation's name.
    pub(crate) action: Action,
    /// The operation's shapes.
    pub(crate) api: catalog::shapes::Operation,
    pub(crate) dialect: Dialect,
    pub(crate) input: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// None of a request that nobody signed.
    pub(crate) signature: Option<Signature>,
    /// Of a signature in the query, what it says beside itself and who signed.
    pub(crate) link: Vec<(&'static str, String)>,
    /// Whether the bucket stands in the name of the host.
    pub(crate) hosted: bool,
    /// What was asked of other services on the way and only read: it is recorded with the call.
    pub(crate) asked: RefCell<trail::Entries>,
}

/// What is known of a signature that was verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) version: Version,
    pub(crate) presigned: bool,
    /// Whether it is one of a form.
    pub(crate) form: bool,
    /// None of version 2.
    pub(crate) time: Option<Timestamp>,
}

/// A [`Verified`] request with its caller, as of one transaction. What an operation's checks and
/// handler see.
pub struct Call<'t> {
    pub(crate) verified: &'t Verified<'t>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) tx: &'t dyn Read,
    /// What became of the body of a streaming operation.
    pub(crate) received: RefCell<Option<Box<dyn Any + Send>>>,
}

impl<'t> Call<'t> {
    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &'t Platform {
        self.verified.platform
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The caller's account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.caller.account
    }

    /// The region that the call is for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.verified.envelope.region
    }

    /// The input, which follows the API's shapes.
    #[must_use]
    pub fn input(&self) -> &'t Value {
        &self.verified.input
    }

    /// The body as it came, or as it was within its chunks. Empty where it is received while it
    /// comes.
    #[must_use]
    pub fn body(&self) -> &'t Bytes {
        &self.verified.body
    }

    /// What became of the body of an operation that [receives](Operation::receiving) it: what
    /// [`Receive::end`](crate::Receive::end) returned. It is given once.
    ///
    /// # Errors
    /// When there is none of this type.
    pub fn received<T: Any>(&self) -> Result<Box<T>, ApiError> {
        let received = self.received.take();
        received
            .and_then(|received| received.downcast().ok())
            .ok_or_else(|| ApiError::internal("the call has no body that was received"))
    }

    /// The request's headers, as they came. What is no part of the API is no more than a claim of
    /// the client.
    #[must_use]
    pub fn headers(&self) -> &'t HeaderMap {
        &self.verified.headers
    }

    /// Whether the signature stood in the request's query: a link that somebody handed on. `None`
    /// when nobody signed.
    #[must_use]
    pub fn is_presigned(&self) -> Option<bool> {
        self.verified.signature.map(|signature| signature.presigned)
    }

    /// Whether a form was signed, not the request.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.verified
            .signature
            .is_some_and(|signature| signature.form)
    }

    /// The name of the signature's version, such as `AWS4-HMAC-SHA256`; `None` when nobody signed.
    #[must_use]
    pub fn signature_version(&self) -> Option<&'static str> {
        Some(self.verified.signature?.version.name())
    }

    /// How long ago the request was signed, when the signature says so.
    #[must_use]
    pub fn signature_age(&self) -> Option<SignedDuration> {
        let signed = self.verified.signature?.time?;
        Some(self.time().duration_since(signed))
    }

    /// The request's id, which no other request has.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.verified.envelope.request_id
    }

    /// The operation's name, such as `GetRole`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.verified.operation.name
    }

    /// The action that has the operation's name, such as `iam:GetRole`.
    #[must_use]
    pub fn action(&self) -> &'t Action {
        &self.verified.action
    }

    /// The text of a required member of the input.
    ///
    /// # Errors
    /// When it is not there, which the API's shapes already rule out for members they require.
    pub fn text(&self, member: &str) -> Result<&'t str, ApiError> {
        self.input().str(member).ok_or_else(|| {
            ApiError::validation(format!(
                "1 validation error detected: Value at '{member}' failed to satisfy constraint: \
                 Member must not be null"
            ))
        })
    }

    /// The state as authorization sees it.
    #[must_use]
    pub fn state(&self) -> &'t dyn Read {
        self.tx
    }

    /// What is known of the request apart from what it asks.
    #[must_use]
    pub fn envelope(&self) -> &'t Envelope {
        &self.verified.envelope
    }

    /// The URL at which the client reaches the server, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.envelope().endpoint()
    }

    /// The URL of an object of the bucket that the request names, as the client reaches the server.
    #[must_use]
    pub fn object_url(&self, bucket: &str, key: &str) -> String {
        object_url(&self.endpoint(), self.verified.hosted, bucket, key)
    }

    /// When the request arrived.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.verified.envelope.time
    }

    /// The ARN of something of `service` in the call's account and region: `resource` is the part
    /// behind the last colon.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        [
            "arn",
            self.platform().partition(),
            service,
            self.region(),
            self.account().as_str(),
            resource,
        ]
        .join(":")
    }
}

impl Deref for Verified<'_> {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.facts
    }
}

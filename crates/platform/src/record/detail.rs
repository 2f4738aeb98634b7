//! What differs from service to service in events.

use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use trail::{Element, Members as Out};
use wire::sigv4::Version;
use wire::value::Value;

use super::identity::inherited;
use super::members::Members;
use super::{Happened, Who};
use crate::call::{Envelope, Transport, Verified};
use crate::outcome::Outcome;

const S3: &str = "s3.amazonaws.com";
const STS: &str = "sts.amazonaws.com";

/// What events call an error: its code, but that denials are alike for all services.
pub(super) fn error_code(code: &str) -> &str {
    match code {
        "AccessDeniedException" => "AccessDenied",
        other => other,
    }
}

/// What the client calls itself; a service that asks for somebody else, its name. S3 puts what it is
/// told into brackets.
pub(super) fn user_agent<'a>(happened: &Happened<'a>) -> Option<Cow<'a, str>> {
    let envelope = happened.envelope;
    match (envelope.via.last(), &envelope.user_agent) {
        (Some(service), _) => Some(Cow::Borrowed(service)),
        (None, Some(agent)) if happened.source == S3 => {
            Some(Cow::Owned(["[", agent, "]"].concat()))
        }
        (None, agent) => agent.as_deref().map(Cow::Borrowed),
    }
}

/// How the connection was secured; there is none of a call that came through a service.
pub(super) fn tls_details(envelope: &Envelope) -> Option<trail::TlsDetails<'_>> {
    match &envelope.transport {
        Transport::Tls(tls) if envelope.via.is_empty() => Some(trail::TlsDetails {
            tls_version: Some(tls.version.into()),
            cipher_suite: Some(tls.cipher_suite.as_ref().into()),
            client_provided_host_header: envelope.host.as_deref().map(Cow::Borrowed),
        }),
        Transport::Tls(_) | Transport::Plain | Transport::Inside => None,
    }
}

/// `requestParameters`: the members of the input, what a session inherits, and what S3 adds to its
/// operations': the host that was called, and what a link says.
pub(super) struct Parameters<'a> {
    members: Option<Members<'a>>,
    inherited: Map<String, Json>,
    host: Option<&'a str>,
    link: &'a [(&'static str, String)],
}

impl<'a> Parameters<'a> {
    /// `None` when there are none.
    pub(super) fn of(happened: &Happened<'a>) -> Option<Self> {
        let verified = happened.verified;
        let members =
            |verified: &'a Verified<'a>| Members::of(verified.api.input(), &verified.input);
        let host = happened.envelope.host.as_deref();
        let host = host.filter(|_| happened.source == S3 && verified.is_some());
        let all = Self {
            members: verified.and_then(members),
            inherited: match happened.who {
                Who::Known(caller) if happened.source == STS => {
                    inherited(happened.operation, caller)
                }
                _ => Map::new(),
            },
            host,
            link: match (host, verified) {
                (Some(_), Some(verified)) => &verified.link,
                _ => &[],
            },
        };
        let any = all.members.is_some() || !all.inherited.is_empty() || host.is_some();
        any.then_some(all)
    }
}

impl Element for Parameters<'_> {
    fn write(&self, json: trail::Json<'_>) {
        json.object(|out| {
            if let Some(members) = &self.members {
                members.write_into(out);
            }
            for (name, value) in &self.inherited {
                out.member(name).value(value);
            }
            if let Some(host) = self.host {
                out.member("Host").text(host);
            }
            for (name, value) in self.link {
                out.member(name).text(value);
            }
        });
    }
}

/// `additionalEventData` (Amazon S3 User Guide, "CloudTrail log file entries for Amazon S3"; IAM User
/// Guide, "Logging IAM and AWS STS API calls").
pub(super) enum Additional<'a> {
    S3(&'a Verified<'a>, &'a Envelope, Option<&'a Outcome>),
    Sts(&'a Envelope),
}

impl<'a> Additional<'a> {
    pub(super) fn of(happened: &Happened<'a>, outcome: Option<&'a Outcome>) -> Option<Self> {
        let envelope = happened.envelope;
        match happened.source {
            S3 => Some(Self::S3(happened.verified?, envelope, outcome)),
            STS if envelope.via.is_empty() => Some(Self::Sts(envelope)),
            _ => None,
        }
    }
}

impl Element for Additional<'_> {
    fn write(&self, json: trail::Json<'_>) {
        json.object(|out| match self {
            Self::S3(verified, envelope, outcome) => of_s3(verified, envelope, *outcome, out),
            Self::Sts(envelope) => out.member("RequestDetails").object(|out| {
                out.member("awsServingRegion").text(&envelope.region);
                out.member("endpointType").text("regional");
            }),
        });
    }
}

fn of_s3(
    verified: &Verified<'_>,
    envelope: &Envelope,
    outcome: Option<&Outcome>,
    out: &mut Out<'_>,
) {
    if let Some(signature) = verified.signature {
        let version = match signature.version {
            Version::V2 => "SigV2",
            Version::V4 => "SigV4",
        };
        out.member("SignatureVersion").text(version);
        let place = match signature.presigned {
            true => "QueryString",
            false => "AuthHeader",
        };
        out.member("AuthenticationMethod").text(place);
    }
    if let Transport::Tls(tls) = &envelope.transport {
        out.member("CipherSuite").text(&tls.cipher_suite);
    }
    let length = verified.headers.get(http::header::CONTENT_LENGTH);
    let length = length
        .and_then(|length| length.to_str().ok()?.parse::<i64>().ok())
        .unwrap_or(0);
    out.member("bytesTransferredIn").whole(length);
    let sent = match verified.operation.name {
        "GetObject" => outcome.and_then(|outcome| outcome.output.int("ContentLength")),
        "HeadObject" | "HeadBucket" => Some(0),
        _ => None,
    };
    if let Some(sent) = sent {
        out.member("bytesTransferredOut").whole(sent);
    }
    let applied = |outcome| applied(verified.operation.name, &verified.input, outcome);
    if let Some(applied) = outcome.and_then(applied) {
        out.member("SSEApplied").text(applied);
    }
    out.member("x-amz-id-2").text(&envelope.request_id);
}

/// How a new object was encrypted, and whether the request or the bucket said so.
fn applied(operation: &str, input: &Value, outcome: &Outcome) -> Option<&'static str> {
    if !matches!(
        operation,
        "PutObject" | "CopyObject" | "CreateMultipartUpload"
    ) {
        return None;
    }
    let said = input.get("ServerSideEncryption").is_some();
    match outcome.output.str("ServerSideEncryption") {
        None => outcome.output.str("SSECustomerAlgorithm").map(|_| "SSE_C"),
        Some("aws:kms") if said => Some("SSE_KMS"),
        Some("aws:kms") => Some("Default_SSE_KMS"),
        Some(_) if said => Some("SSE_S3"),
        Some(_) => Some("Default_SSE_S3"),
    }
}

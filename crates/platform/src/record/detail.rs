//! What differs from service to service in events.

use serde_json::{Map, Value as Json, json};
use wire::sigv4::Version;
use wire::value::Value;

use super::Happened;
use crate::call::{Envelope, Transport};
use crate::outcome::Outcome;

const S3: &str = "s3.amazonaws.com";
const STS: &str = "sts.amazonaws.com";

/// What events call an error: its code, but that denials are alike for all services.
pub(super) fn error_code(code: &str) -> String {
    match code {
        "AccessDeniedException" => "AccessDenied".to_owned(),
        other => other.to_owned(),
    }
}

/// What the client calls itself; a service that asks for somebody else, its name. S3 puts what it is
/// told into brackets.
pub(super) fn user_agent(happened: &Happened<'_>) -> Option<String> {
    let envelope = happened.envelope;
    match (envelope.via.last(), &envelope.user_agent) {
        (Some(service), _) => Some(service.clone()),
        (None, Some(agent)) if happened.source == S3 => Some(format!("[{agent}]")),
        (None, agent) => agent.clone(),
    }
}

/// How the connection was secured; there is none of a call that came through a service.
pub(super) fn tls_details(envelope: &Envelope) -> Option<trail::TlsDetails> {
    match &envelope.transport {
        Transport::Tls(tls) if envelope.via.is_empty() => Some(trail::TlsDetails {
            tls_version: Some(tls.version.to_owned()),
            cipher_suite: Some(tls.cipher_suite.to_string()),
            client_provided_host_header: envelope.host.clone(),
        }),
        Transport::Tls(_) | Transport::Plain | Transport::Inside => None,
    }
}

/// The parameters with what S3 adds to its operations': the host that was called, and what a link says.
pub(super) fn parameters(happened: &Happened<'_>, input: Option<Json>) -> Option<Json> {
    let host = happened.envelope.host.as_deref();
    match (happened.source, happened.verified, host) {
        (S3, Some(verified), Some(host)) => {
            let mut members = match input {
                Some(Json::Object(members)) => members,
                _ => Map::new(),
            };
            members.insert("Host".to_owned(), Json::from(host));
            for (name, value) in &verified.link {
                members.insert((*name).to_owned(), Json::from(value.as_str()));
            }
            Some(Json::Object(members))
        }
        _ => input,
    }
}

/// `additionalEventData` (Amazon S3 User Guide, "CloudTrail log file entries for Amazon S3"; IAM User
/// Guide, "Logging IAM and AWS STS API calls").
pub(super) fn additional(happened: &Happened<'_>, outcome: Option<&Outcome>) -> Option<Json> {
    match happened.source {
        S3 => of_s3(happened, outcome),
        STS if happened.envelope.via.is_empty() => Some(json!({"RequestDetails": {
            "awsServingRegion": happened.envelope.region, "endpointType": "regional"}})),
        _ => None,
    }
}

fn of_s3(happened: &Happened<'_>, outcome: Option<&Outcome>) -> Option<Json> {
    let verified = happened.verified?;
    let envelope = happened.envelope;
    let mut data = Map::new();
    let mut put = |name: &str, value: Json| data.insert(name.to_owned(), value);
    if let Some(signature) = verified.signature {
        let version = match signature.version {
            Version::V2 => "SigV2",
            Version::V4 => "SigV4",
        };
        put("SignatureVersion", version.into());
        let place = match signature.presigned {
            true => "QueryString",
            false => "AuthHeader",
        };
        put("AuthenticationMethod", place.into());
    }
    if let Transport::Tls(tls) = &envelope.transport {
        put("CipherSuite", tls.cipher_suite.as_ref().into());
    }
    let length = verified.headers.get(http::header::CONTENT_LENGTH);
    let length = length
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    put("bytesTransferredIn", length.into());
    let sent = match happened.operation {
        "GetObject" => outcome.and_then(|outcome| outcome.output.int("ContentLength")),
        "HeadObject" | "HeadBucket" => Some(0),
        _ => None,
    };
    if let Some(sent) = sent {
        put("bytesTransferredOut", sent.into());
    }
    if let Some(applied) =
        outcome.and_then(|outcome| applied(verified.operation.name, &verified.input, outcome))
    {
        put("SSEApplied", applied.into());
    }
    put("x-amz-id-2", envelope.request_id.as_str().into());
    Some(Json::Object(data))
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

/// A member of an input or output of S3, as its events list it: under its name on the wire, and of
/// headers only S3's own.
pub(crate) fn member_of_s3(
    member: catalog::shapes::Member,
    value: &Value,
    nested: impl FnOnce() -> Option<Json>,
) -> Option<(String, Json)> {
    use catalog::shapes::Location;
    let wire = member.wire_name();
    match (member.location(), member.name()) {
        (Location::Uri, "Bucket") => Some(("bucketName".to_owned(), text(value)?)),
        (Location::Uri, "Key") => Some(("key".to_owned(), text(value)?)),
        (Location::Uri | Location::Querystring, _) => Some((wire.to_owned(), text(value)?)),
        (Location::Header, _) => {
            let own = wire
                .get(..6)
                .is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"));
            own.then_some(())?;
            Some((wire.to_ascii_lowercase(), text(value)?))
        }
        (Location::Headers | Location::StatusCode, _) => None,
        (Location::Body, "Policy") => {
            let policy = value.as_str()?;
            let parsed = serde_json::from_str(policy).unwrap_or_else(|_| Json::from(policy));
            Some(("bucketPolicy".to_owned(), parsed))
        }
        (Location::Body, name) => Some((name.to_owned(), nested()?)),
    }
}

/// A value as it stands in a header or query.
fn text(value: &Value) -> Option<Json> {
    Some(Json::from(match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Timestamp(instant) => crate::context::to_iso(*instant),
        Value::List(values) => {
            let parts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            parts.join(",")
        }
        Value::Null | Value::Float(_) | Value::Blob(_) | Value::Map(_) => return None,
    }))
}

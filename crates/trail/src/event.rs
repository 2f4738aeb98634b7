//! One record.

mod draft;
mod write;

pub use draft::Draft;
pub(crate) use write::write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

use crate::Identified;

/// The version of the record format that new events carry.
pub const EVENT_VERSION: &str = "1.11";

/// A CloudTrail record. Members stand in the order in which AWS prints them.
///
/// Members that are `None` or empty are left out, except `requestParameters` and
/// `responseElements`, which AWS prints as `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// [`EVENT_VERSION`] for new events.
    pub event_version: Cow<'static, str>,
    /// Who called.
    pub user_identity: Identified,
    /// When the call was completed. Kept to the second, as CloudTrail does.
    #[serde(with = "seconds")]
    pub event_time: Timestamp,
    /// The service called, such as `sagemaker.amazonaws.com`.
    pub event_source: Cow<'static, str>,
    /// The API operation, such as `CreateTrainingJob`.
    pub event_name: Cow<'static, str>,
    /// The region called.
    pub aws_region: String,
    /// The caller's address, or the DNS name of the service that called.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: String,
    /// The client's name for itself, or the DNS name of the service that called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The error's code, when the call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The error's text, when the call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The request's members, secrets [redacted](crate::redact).
    pub request_parameters: Option<Value>,
    /// The answer's members; `None` for calls that only read and for failures.
    pub response_elements: Option<Value>,
    /// Further facts, service by service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_event_data: Option<Value>,
    /// The id that the caller got in the answer.
    #[serde(rename = "requestID", default)]
    pub request_id: String,
    /// The id of this record: a GUID.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// Whether the operation only reads.
    #[serde(default)]
    pub read_only: bool,
    /// What the call touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource<'static>>,
    /// What brought the event about.
    pub event_type: EventType,
    /// The version of the API, where the service has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Whether this is a management event.
    #[serde(default)]
    pub management_event: bool,
    /// The account that receives the event: 12 digits.
    #[serde(default)]
    pub recipient_account_id: String,
    /// What a service event reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_event_details: Option<Value>,
    /// The id that the records of one action share when several accounts receive it.
    #[serde(
        rename = "sharedEventID",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub shared_event_id: Option<String>,
    /// The VPC endpoint that the call came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint_id: Option<String>,
    /// The kind of event that trails select by.
    pub event_category: Category,
    /// How the connection was secured. Left out when a service calls on somebody's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_details: Option<TlsDetails<'static>>,
}

/// What brought an event about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventType {
    /// A call of a public API.
    AwsApiCall,
    /// A service, without a call.
    AwsServiceEvent,
    /// An action in the console.
    AwsConsoleAction,
    /// A sign-in at the console.
    AwsConsoleSignIn,
    /// Traffic through a VPC endpoint.
    AwsVpceEvents,
}

impl EventType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            EventType::AwsApiCall => "AwsApiCall",
            EventType::AwsServiceEvent => "AwsServiceEvent",
            EventType::AwsConsoleAction => "AwsConsoleAction",
            EventType::AwsConsoleSignIn => "AwsConsoleSignIn",
            EventType::AwsVpceEvents => "AwsVpceEvents",
        }
    }
}

/// The kind of event that trails select by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// Calls that manage resources. Only these are found by `LookupEvents`.
    Management,
    /// Calls on what resources hold, such as objects of a bucket.
    Data,
    /// Traffic through VPC endpoints.
    NetworkActivity,
    /// Unusual activity that CloudTrail noticed itself.
    Insight,
}

impl Category {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Category::Management => "Management",
            Category::Data => "Data",
            Category::NetworkActivity => "NetworkActivity",
            Category::Insight => "Insight",
        }
    }
}

/// Something that a call touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource<'a> {
    /// The account that owns it.
    #[serde(rename = "accountId", default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<Cow<'a, str>>,
    /// Its type, such as `AWS::S3::Object`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Cow<'a, str>>,
    /// Its ARN.
    #[serde(rename = "ARN", default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Cow<'a, str>>,
    /// What the ARNs begin with, where a call touched all that have the beginning.
    #[serde(rename = "ARNPrefix", default, skip_serializing_if = "Option::is_none")]
    pub arn_prefix: Option<Cow<'a, str>>,
}

/// How a connection was secured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsDetails<'a> {
    /// Such as `TLSv1.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_version: Option<Cow<'a, str>>,
    /// Such as `TLS_AES_128_GCM_SHA256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<Cow<'a, str>>,
    /// The host name that the client called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_provided_host_header: Option<Cow<'a, str>>,
}

impl Event {
    /// The `Username` by which `LookupEvents` finds the event: the user's name, the name of a role
    /// or federated session, `root`; none for services and strangers.
    pub fn username(&self) -> Option<&str> {
        self.user_identity.username()
    }

    /// The `ResourceName`s by which `LookupEvents` finds the event: each resource's ARN and the
    /// name at its end.
    pub fn resource_names(&self) -> impl Iterator<Item = &str> {
        resource_names(&self.resources)
    }
}

/// What resources are looked up by.
pub(crate) fn resource_names<'r>(resources: &'r [Resource<'_>]) -> impl Iterator<Item = &'r str> {
    let arns = resources
        .iter()
        .filter_map(|resource| resource.arn.as_deref());
    arns.flat_map(|arn| [arn, resource_name(arn)])
}

impl Resource<'_> {
    /// The name at the end of the ARN, by which people know the resource: `job-1` of
    /// `arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1`, the key of an S3 object.
    pub fn name(&self) -> Option<&str> {
        self.arn.as_deref().map(resource_name)
    }
}

fn resource_name(arn: &str) -> &str {
    let mut colons = memchr::memchr_iter(b':', arn.as_bytes());
    let (before, after) = (colons.nth(1), colons.next());
    let service = before.zip(after).and_then(|(at, end)| arn.get(at + 1..end));
    let service = service.unwrap_or_default();
    let Some(resource) = colons.nth(1).and_then(|at| arn.get(at + 1..)) else {
        return arn;
    };
    match service {
        "s3" => resource.split_once('/').map_or(resource, |(_, key)| key),
        "secretsmanager" => resource.split_once(':').map_or(resource, |(_, name)| name),
        _ => resource.rsplit(['/', ':']).next().unwrap_or(resource),
    }
}

/// Times in UTC, to the second: `2025-07-01T10:05:00Z`.
pub(crate) mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
        let whole = Timestamp::from_second(time.as_second()).unwrap_or(*time);
        out.collect_str(&whole)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse()
            .map_err(|_| de::Error::custom(format!("`{text}` is not a time")))
    }
}

//! What happened, before it is written.

use jiff::Timestamp;

use super::{Category, Event, EventType, Resource, TlsDetails};
use crate::{Element, Identified};

/// An [`Event`] that is about to be written: the same members, lent by whoever knows them. What is too
/// large for a record is cut when it is written; see [`Limits`](crate::Limits).
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "each is a member of `Event`")]
pub struct Draft<'a> {
    pub event_version: &'a str,
    pub user_identity: &'a Identified,
    /// The service that made the call, where the identity does not say so itself.
    pub invoked_by: Option<&'a str>,
    pub event_time: Timestamp,
    pub event_source: &'a str,
    pub event_name: &'a str,
    pub aws_region: &'a str,
    pub source_ip_address: &'a str,
    pub user_agent: Option<&'a str>,
    pub error_code: Option<&'a str>,
    pub error_message: Option<&'a str>,
    pub request_parameters: Option<&'a dyn Element>,
    pub response_elements: Option<&'a dyn Element>,
    pub additional_event_data: Option<&'a dyn Element>,
    pub request_id: &'a str,
    pub event_id: &'a str,
    pub read_only: bool,
    pub resources: &'a [Resource<'a>],
    pub event_type: EventType,
    pub api_version: Option<&'a str>,
    pub management_event: bool,
    pub recipient_account_id: &'a str,
    pub service_event_details: Option<&'a dyn Element>,
    pub shared_event_id: Option<&'a str>,
    pub vpc_endpoint_id: Option<&'a str>,
    pub event_category: Category,
    pub tls_details: Option<&'a TlsDetails<'a>>,
}

impl<'a> From<&'a Event> for Draft<'a> {
    fn from(event: &'a Event) -> Draft<'a> {
        let element = |value: &'a Option<serde_json::Value>| {
            value.as_ref().map(|value| value as &dyn Element)
        };
        Draft {
            event_version: &event.event_version,
            user_identity: &event.user_identity,
            invoked_by: None,
            event_time: event.event_time,
            event_source: &event.event_source,
            event_name: &event.event_name,
            aws_region: &event.aws_region,
            source_ip_address: &event.source_ip_address,
            user_agent: event.user_agent.as_deref(),
            error_code: event.error_code.as_deref(),
            error_message: event.error_message.as_deref(),
            request_parameters: element(&event.request_parameters),
            response_elements: element(&event.response_elements),
            additional_event_data: element(&event.additional_event_data),
            request_id: &event.request_id,
            event_id: &event.event_id,
            read_only: event.read_only,
            resources: &event.resources,
            event_type: event.event_type,
            api_version: event.api_version.as_deref(),
            management_event: event.management_event,
            recipient_account_id: &event.recipient_account_id,
            service_event_details: element(&event.service_event_details),
            shared_event_id: event.shared_event_id.as_deref(),
            vpc_endpoint_id: event.vpc_endpoint_id.as_deref(),
            event_category: event.event_category,
            tls_details: event.tls_details.as_ref(),
        }
    }
}

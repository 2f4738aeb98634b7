//! Writing an event: the bytes that serde would write, without looking at the same again and again.

use serde::Serialize;

use super::{Event, seconds};

/// Writes an event as JSON.
///
/// # Errors
/// When a value is none of JSON's.
pub(crate) fn write(event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let mut members = Members { out };
    members.out.push(b'{');
    members.text(r#""eventVersion":"#, &event.event_version);
    members.name(r#","userIdentity":"#);
    match event.user_identity.json() {
        Some(json) => members.out.extend_from_slice(json),
        None => members.value(&event.user_identity)?,
    }
    members.name(r#","eventTime":"#);
    seconds::serialize(
        &event.event_time,
        &mut serde_json::Serializer::new(&mut *members.out),
    )?;
    members.text(r#","eventSource":"#, &event.event_source);
    members.text(r#","eventName":"#, &event.event_name);
    members.text(r#","awsRegion":"#, &event.aws_region);
    members.text(r#","sourceIPAddress":"#, &event.source_ip_address);
    members.some_text(r#","userAgent":"#, event.user_agent.as_deref());
    members.some_text(r#","errorCode":"#, event.error_code.as_deref());
    members.some_text(r#","errorMessage":"#, event.error_message.as_deref());
    members.name(r#","requestParameters":"#);
    members.value(&event.request_parameters)?;
    members.name(r#","responseElements":"#);
    members.value(&event.response_elements)?;
    members.some(
        r#","additionalEventData":"#,
        event.additional_event_data.as_ref(),
    )?;
    members.text(r#","requestID":"#, &event.request_id);
    members.text(r#","eventID":"#, &event.event_id);
    members.truth(r#","readOnly":"#, event.read_only);
    let resources = Some(&event.resources).filter(|resources| !resources.is_empty());
    members.some(r#","resources":"#, resources)?;
    members.some(r#","eventType":"#, Some(&event.event_type))?;
    members.some_text(r#","apiVersion":"#, event.api_version.as_deref());
    members.truth(r#","managementEvent":"#, event.management_event);
    members.text(r#","recipientAccountId":"#, &event.recipient_account_id);
    members.some(
        r#","serviceEventDetails":"#,
        event.service_event_details.as_ref(),
    )?;
    members.some_text(r#","sharedEventID":"#, event.shared_event_id.as_deref());
    members.some_text(r#","vpcEndpointId":"#, event.vpc_endpoint_id.as_deref());
    members.some(r#","eventCategory":"#, Some(&event.event_category))?;
    members.some(r#","tlsDetails":"#, event.tls_details.as_ref())?;
    members.out.push(b'}');
    Ok(())
}

struct Members<'o> {
    out: &'o mut Vec<u8>,
}

impl Members<'_> {
    /// A member's name, with what stands before and behind it.
    fn name(&mut self, name: &'static str) {
        self.out.extend_from_slice(name.as_bytes());
    }

    fn value<T: Serialize>(&mut self, value: &T) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *self.out, value)
    }

    fn some<T: Serialize>(
        &mut self,
        name: &'static str,
        value: Option<&T>,
    ) -> serde_json::Result<()> {
        let Some(value) = value else { return Ok(()) };
        self.name(name);
        self.value(value)
    }

    fn truth(&mut self, name: &'static str, truth: bool) {
        self.name(name);
        self.name(if truth { "true" } else { "false" });
    }

    fn some_text(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        // All of it is looked at, which takes less than to look for the first.
        let plain = text.bytes().fold(true, |plain, byte| {
            plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')
        });
        if plain {
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        } else {
            // A text is always one of JSON's.
            drop(self.value(&text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, EventType, Resource, TlsDetails, UserIdentity};
    use serde_json::json;

    /// An event of which everything is said that an event can say.
    fn full(text: &str) -> Event {
        let some = || Some(text.to_owned());
        let value = || Some(json!({text: [1, 2.5, null, {"a": text}]}));
        Event {
            event_version: text.to_owned().into(),
            user_identity: UserIdentity::root("aws", text, Some("AKIA")).into(),
            event_time: "2025-07-01T10:05:00.75Z".parse().unwrap(),
            event_source: text.to_owned().into(),
            event_name: text.to_owned().into(),
            aws_region: text.to_owned(),
            source_ip_address: text.to_owned(),
            user_agent: some(),
            error_code: some(),
            error_message: some(),
            request_parameters: value(),
            response_elements: value(),
            additional_event_data: value(),
            request_id: text.to_owned(),
            event_id: text.to_owned(),
            read_only: true,
            resources: vec![
                Resource {
                    account_id: some(),
                    kind: some().map(Into::into),
                    arn: some(),
                    arn_prefix: some(),
                };
                2
            ],
            event_type: EventType::AwsApiCall,
            api_version: some(),
            management_event: false,
            recipient_account_id: text.to_owned(),
            service_event_details: value(),
            shared_event_id: some(),
            vpc_endpoint_id: some(),
            event_category: Category::Data,
            tls_details: Some(TlsDetails {
                tls_version: some(),
                cipher_suite: None,
                client_provided_host_header: some(),
            }),
        }
    }

    /// The same with nothing that can be left out.
    fn least(text: &str) -> Event {
        Event {
            user_agent: None,
            error_code: None,
            error_message: None,
            request_parameters: None,
            response_elements: None,
            additional_event_data: None,
            read_only: false,
            resources: Vec::new(),
            api_version: None,
            management_event: true,
            service_event_details: None,
            shared_event_id: None,
            vpc_endpoint_id: None,
            tls_details: None,
            ..full(text)
        }
    }

    #[test]
    fn what_is_written_is_what_serde_writes() {
        let texts = [
            "",
            "plain: a/b+c=d, é 日本 \u{7f}",
            "\"quoted\"",
            "back\\slash",
            "\u{0}\u{1f}\n\r\t\u{8}\u{c}",
            "long enough to be looked at many bytes at a time, and \"quoted\" only behind that",
        ];
        for event in texts.into_iter().flat_map(|text| [full(text), least(text)]) {
            let expected = serde_json::to_string(&event).unwrap();
            for identity in [
                event.user_identity.clone(),
                event.user_identity.clone().written(),
            ] {
                let event = Event {
                    user_identity: identity,
                    ..event.clone()
                };
                let mut out = Vec::new();
                write(&event, &mut out).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), expected);
            }
        }
    }

    #[test]
    fn an_identity_that_changes_is_written_anew() {
        let mut event = least("a");
        event.user_identity = event.user_identity.written();
        event.user_identity.invoked_by = Some("s3.amazonaws.com".to_owned());
        let mut out = Vec::new();
        write(&event, &mut out).unwrap();
        let read: Event = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            read.user_identity.invoked_by.as_deref(),
            Some("s3.amazonaws.com")
        );
    }
}

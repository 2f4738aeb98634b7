//! Writing an event: the bytes that serde would write, without looking at the same again and again.

use serde_json::json;

use super::{Draft, Resource, TlsDetails, seconds};
use crate::{Element, Error, Json, Limits, Members};

/// Writes an event as JSON, whose identity and resources are within the limits, and the rest as far as they go.
///
/// # Errors
/// When a value is none of JSON's.
pub(crate) fn write(draft: &Draft<'_>, limits: &Limits, out: &mut Vec<u8>) -> Result<(), Error> {
    let malformed = |error: serde_json::Error| Error::Malformed {
        reason: error.to_string(),
    };
    out.push(b'{');
    let mut event = Writer { out, limits };
    event.text(r#""eventVersion":"#, draft.event_version);
    event.name(r#","userIdentity":"#);
    event.identity(draft).map_err(malformed)?;
    event.name(r#","eventTime":"#);
    seconds::serialize(
        &draft.event_time,
        &mut serde_json::Serializer::new(&mut *event.out),
    )
    .map_err(malformed)?;
    event.text(r#","eventSource":"#, draft.event_source);
    event.text(r#","eventName":"#, draft.event_name);
    event.text(r#","awsRegion":"#, draft.aws_region);
    event.text(r#","sourceIPAddress":"#, draft.source_ip_address);
    event.some_text(r#","userAgent":"#, draft.user_agent);
    event.some_text(r#","errorCode":"#, draft.error_code);
    event.some_text(r#","errorMessage":"#, draft.error_message);
    event.elements(draft);
    event.text(r#","requestID":"#, draft.request_id);
    event.text(r#","eventID":"#, draft.event_id);
    event.truth(r#","readOnly":"#, draft.read_only);
    event.resources(draft.resources);
    event.text(r#","eventType":"#, draft.event_type.as_str());
    event.some_text(r#","apiVersion":"#, draft.api_version);
    event.truth(r#","managementEvent":"#, draft.management_event);
    event.text(r#","recipientAccountId":"#, draft.recipient_account_id);
    event.some_element(
        "serviceEventDetails",
        draft.service_event_details,
        limits.elements,
    );
    event.some_text(r#","sharedEventID":"#, draft.shared_event_id);
    event.some_text(r#","vpcEndpointId":"#, draft.vpc_endpoint_id);
    event.text(r#","eventCategory":"#, draft.event_category.as_str());
    event.tls_details(draft.tls_details);
    event.out.push(b'}');
    Ok(())
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    limits: &'o Limits,
}

impl Writer<'_> {
    /// A member's name, with what stands before and behind it.
    fn name(&mut self, name: &'static str) {
        self.out.extend_from_slice(name.as_bytes());
    }

    fn json(&mut self) -> Json<'_> {
        Json::new(self.out)
    }

    fn truth(&mut self, name: &'static str, truth: bool) {
        self.name(name);
        self.json().truth(truth);
    }

    fn some_text(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        let text = self.limits.cut(text);
        self.json().text(&text);
    }

    fn identity(&mut self, draft: &Draft<'_>) -> serde_json::Result<()> {
        let identity = draft.user_identity;
        match (identity.json(), draft.invoked_by) {
            (Some(json), None) => self.out.extend_from_slice(json),
            (Some(json), Some(service)) if identity.ends_before_invoked_by() => {
                self.out
                    .extend_from_slice(json.strip_suffix(b"}").unwrap_or(json));
                self.name(r#","invokedBy":"#);
                self.json().text(service);
                self.out.push(b'}');
            }
            (_, None) => serde_json::to_writer(&mut *self.out, identity)?,
            (_, Some(service)) => {
                let mut other = identity.clone();
                other.invoked_by = Some(service.to_owned());
                serde_json::to_writer(&mut *self.out, &other)?;
            }
        }
        Ok(())
    }

    fn elements(&mut self, draft: &Draft<'_>) {
        let limit = self.limits.elements;
        self.name(r#","requestParameters":"#);
        self.element("requestParameters", draft.request_parameters, limit);
        self.name(r#","responseElements":"#);
        self.element("responseElements", draft.response_elements, limit);
        self.some_element(
            "additionalEventData",
            draft.additional_event_data,
            self.limits.additional,
        );
    }

    fn some_element(&mut self, name: &'static str, element: Option<&dyn Element>, limit: usize) {
        if element.is_some() {
            self.out.push(b',');
            self.json().text(name);
            self.out.push(b':');
            self.element(name, element, limit);
        }
    }

    /// An element, or what stands in its place when it is too large.
    fn element(&mut self, name: &'static str, element: Option<&dyn Element>, limit: usize) {
        let begin = self.out.len();
        match element {
            Some(element) => element.write(self.json()),
            None => self.json().null(),
        }
        let size = self.out.len() - begin;
        if size > limit {
            self.out.truncate(begin);
            self.json().value(&json!({
                "omitted": true,
                "originalSize": size,
                "reason": format!("{name} too large"),
            }));
        }
    }

    fn resources(&mut self, resources: &[Resource<'_>]) {
        if resources.is_empty() {
            return;
        }
        self.name(r#","resources":"#);
        self.json().list(|list| {
            for resource in resources {
                list.element().object(|members| {
                    some(members, "accountId", resource.account_id.as_deref());
                    some(members, "type", resource.kind.as_deref());
                    some(members, "ARN", resource.arn.as_deref());
                    some(members, "ARNPrefix", resource.arn_prefix.as_deref());
                });
            }
        });
    }

    fn tls_details(&mut self, details: Option<&TlsDetails<'_>>) {
        let Some(details) = details else { return };
        self.name(r#","tlsDetails":"#);
        let host = details.client_provided_host_header.as_deref();
        let host = host.map(|host| self.limits.cut_long(host));
        self.json().object(|members| {
            some(members, "tlsVersion", details.tls_version.as_deref());
            some(members, "cipherSuite", details.cipher_suite.as_deref());
            some(members, "clientProvidedHostHeader", host.as_deref());
        });
    }
}

fn some(members: &mut Members<'_>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        members.member(name).text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::TEXTS;
    use crate::{Category, Event, EventType, UserIdentity};

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
                    account_id: some().map(Into::into),
                    kind: some().map(Into::into),
                    arn: some().map(Into::into),
                    arn_prefix: some().map(Into::into),
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
                tls_version: some().map(Into::into),
                cipher_suite: None,
                client_provided_host_header: some().map(Into::into),
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

    fn written(draft: &Draft<'_>) -> String {
        let mut out = Vec::new();
        write(draft, &Limits::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_written_is_what_serde_writes() {
        for event in TEXTS.into_iter().flat_map(|text| [full(text), least(text)]) {
            let expected = serde_json::to_string(&event).unwrap();
            for identity in [
                event.user_identity.clone(),
                event.user_identity.clone().written(),
            ] {
                let event = Event {
                    user_identity: identity,
                    ..event.clone()
                };
                assert_eq!(written(&Draft::from(&event)), expected);
            }
        }
    }

    #[test]
    fn who_invoked_a_call_is_said_of_every_identity() {
        let mut web = UserIdentity::web_identity_user("accounts.google.com", "app", "42");
        web.account_id = Some("1".to_owned());
        for identity in [
            UserIdentity::root("aws", "123456789012", Some("AKIA")),
            UserIdentity::service("sagemaker.amazonaws.com"),
            web,
        ] {
            let plain = Event {
                user_identity: identity.into(),
                ..least("a")
            };
            let written_once = Event {
                user_identity: plain.user_identity.clone().written(),
                ..plain.clone()
            };
            let mut changed = plain.clone();
            changed.user_identity.invoked_by = Some("s3.amazonaws.com".to_owned());
            let expected = serde_json::to_string(&changed).unwrap();
            let mut after = written_once.clone();
            after.user_identity.invoked_by = Some("s3.amazonaws.com".to_owned());
            assert_eq!(written(&Draft::from(&after)), expected);
            for event in [&plain, &written_once] {
                let draft = Draft {
                    invoked_by: Some("s3.amazonaws.com"),
                    ..Draft::from(event)
                };
                assert_eq!(written(&draft), expected);
            }
        }
    }
}

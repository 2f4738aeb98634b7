//! How large the members of a record may be (CloudTrail User Guide, "CloudTrail record contents").

use serde_json::{Value, json};

use crate::{Event, UserIdentity};

/// What ends a text that was cut.
pub const TRUNCATED: &str = "...[truncated]";

/// The sizes of members in bytes of their JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Each single text: user agent, error code, error message, request id and the like.
    pub text: usize,
    /// `requestParameters`, `responseElements` and `serviceEventDetails`, each.
    pub elements: usize,
    /// `additionalEventData`.
    pub additional: usize,
    /// The number of resources.
    pub resources: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text: 1024,
            elements: 100 * 1024,
            additional: 28 * 1024,
            resources: 256,
        }
    }
}

impl Limits {
    /// Brings `event` within the limits. A text that is too long is cut and ends with
    /// [`TRUNCATED`]; an element that is too large is replaced by a note with its size, so that a
    /// reader sees that, and how much, is missing.
    pub fn apply(&self, event: &mut Event) {
        self.apply_to_texts(event);
        self.apply_to_elements(event);
    }

    /// The size that an event must have for any of its elements to be too large.
    pub(crate) fn smallest_element(&self) -> usize {
        self.elements.min(self.additional)
    }

    pub(crate) fn apply_to_texts(&self, event: &mut Event) {
        // What was written is within the limits.
        if event.user_identity.json().is_none() {
            self.apply_to_identity(&mut event.user_identity);
        }
        let texts = [
            Some(&mut event.aws_region),
            Some(&mut event.source_ip_address),
            Some(&mut event.request_id),
            event.user_agent.as_mut(),
            event.error_code.as_mut(),
            event.error_message.as_mut(),
        ];
        let texts = texts.into_iter().flatten();
        texts.for_each(|text| truncate(text, self.text));
        for name in [&mut event.event_source, &mut event.event_name] {
            if name.len() > self.text {
                truncate(name.to_mut(), self.text);
            }
        }
        event.resources.truncate(self.resources);
        let host = event
            .tls_details
            .as_mut()
            .and_then(|t| t.client_provided_host_header.as_mut());
        let arns = event
            .resources
            .iter_mut()
            .filter_map(|resource| resource.arn.as_mut());
        arns.chain(host)
            .for_each(|text| truncate(text, self.text.saturating_mul(2)));
    }

    pub(crate) fn apply_to_identity(&self, id: &mut UserIdentity) {
        let session = id.session_context.as_mut();
        let texts = [
            id.access_key_id.as_mut(),
            id.principal_id.as_mut(),
            id.user_name.as_mut(),
            session.and_then(|session| session.source_identity.as_mut()),
        ];
        let texts = texts.into_iter().flatten();
        texts.for_each(|text| truncate(text, self.text));
    }

    pub(crate) fn apply_to_elements(&self, event: &mut Event) {
        let elements = [
            (
                "requestParameters",
                &mut event.request_parameters,
                self.elements,
            ),
            (
                "responseElements",
                &mut event.response_elements,
                self.elements,
            ),
            (
                "serviceEventDetails",
                &mut event.service_event_details,
                self.elements,
            ),
            (
                "additionalEventData",
                &mut event.additional_event_data,
                self.additional,
            ),
        ];
        elements
            .into_iter()
            .for_each(|(name, value, limit)| omit(name, value, limit));
    }
}

fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit {
        let end = text.floor_char_boundary(limit.saturating_sub(TRUNCATED.len()));
        text.truncate(end);
        text.push_str(TRUNCATED);
    }
}

fn omit(name: &str, value: &mut Option<Value>, limit: usize) {
    let Some(element) = value else { return };
    let size = json_len(element);
    if size > limit {
        *value = Some(json!({
            "omitted": true,
            "originalSize": size,
            "reason": format!("{name} too large"),
        }));
    }
}

/// The length of the JSON, without building it.
fn json_len(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Writing to a counter cannot fail; should it, the element is too large for certain.
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

//! Action and resource patterns.

use super::Reader;
use crate::document::element::{ActionPattern, ResourcePattern, Version};
use crate::document::template::{Part, Syntax, Template, TemplateError};
use crate::text::Spanned;

impl Reader<'_> {
    /// `*`, or `service:name` where the name may hold wildcards (IAM User Guide, "Action").
    pub(super) fn action_pattern(
        &mut self,
        text: Spanned<String>,
    ) -> Option<Spanned<ActionPattern>> {
        let reason = match text.value.split_once(':') {
            _ if text.value == "*" => None,
            None => Some("an action is `service:Name`, or `*`"),
            Some((service, name)) => action_fault(service, name, self.language),
        };
        if let Some(reason) = reason {
            let fix = "write an action such as \"s3:GetObject\" or \"s3:Get*\"";
            self.error(text.span, format!("`{}`: {reason}", text.value), fix);
            return None;
        }
        let syntax = Syntax {
            wildcards: true,
            variables: false,
        };
        let template = self.template(&text, &text.value.to_ascii_lowercase(), syntax)?;
        Some(Spanned::new(
            ActionPattern {
                text: text.value,
                template,
            },
            text.span,
        ))
    }

    /// `*`, or an ARN whose segments may hold wildcards, and variables behind the fifth colon (IAM User Guide, "Resource").
    pub(super) fn resource_pattern(
        &mut self,
        text: Spanned<String>,
    ) -> Option<Spanned<ResourcePattern>> {
        if text.value == "*" {
            return Some(Spanned::new(
                ResourcePattern {
                    text: text.value,
                    segments: None,
                },
                text.span,
            ));
        }
        if !text.value.starts_with("arn:") {
            let reason = format!("`{}` is neither `*` nor an ARN", text.value);
            self.error(
                text.span,
                reason,
                "write \"arn:partition:service:region:account:resource\"",
            );
            return None;
        }
        let template = self.template(&text, &text.value, self.syntax())?;
        let segments = template.split_segments();
        let has = |segment: &Template, wanted: fn(&Part) -> bool| segment.parts.iter().any(wanted);
        let early = segments.get(..5).unwrap_or(&segments);
        if early
            .iter()
            .any(|s| has(s, |part| matches!(part, Part::Variable { .. })))
        {
            let reason = format!("`{}` has a variable before the fifth colon", text.value);
            self.error(
                text.span,
                reason,
                "use variables in the resource part only, and `*` before",
            );
            return None;
        }
        let is_wildcard = |part: &Part| matches!(part, Part::AnyRun | Part::AnyOne);
        if segments.len() > 2
            && segments
                .get(2)
                .is_some_and(|service| has(service, is_wildcard))
        {
            let reason = format!("`{}` has a wildcard in the service", text.value);
            self.error(text.span, reason, "name the service");
            return None;
        }
        let pattern = ResourcePattern {
            text: text.value,
            segments: Some(segments),
        };
        Some(Spanned::new(pattern, text.span))
    }

    pub(super) fn syntax(&self) -> Syntax {
        Syntax {
            wildcards: true,
            variables: self.language == Version::V2012,
        }
    }

    /// Reads `value`, which is `text`'s value or has the same length, as a template.
    pub(super) fn template(
        &mut self,
        text: &Spanned<String>,
        value: &str,
        syntax: Syntax,
    ) -> Option<Template> {
        match Template::parse(value, syntax) {
            Ok(template) => Some(template),
            Err(TemplateError { span, reason, fix }) => {
                let place = self.within(text, span);
                let part = value
                    .get(span.start as usize..span.end as usize)
                    .unwrap_or(value);
                self.error(place, format!("`{part}`: {reason}"), fix);
                None
            }
        }
    }
}

fn action_fault(service: &str, name: &str, language: Version) -> Option<&'static str> {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if service.is_empty() || name.is_empty() {
        Some("a service and a name are needed, with a colon between them")
    } else if language == Version::V2012 && (service.contains("${") || name.contains("${")) {
        Some("variables are not allowed in actions")
    } else if service.contains(['*', '?']) {
        Some("the service of an action has no wildcards")
    } else if !service.bytes().all(word) {
        Some("the service holds a character that no service has")
    } else if !name.bytes().all(|b| word(b) || matches!(b, b'*' | b'?')) {
        Some("the name holds a character that no action has")
    } else {
        None
    }
}

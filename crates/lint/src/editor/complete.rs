//! Completion.

use super::{place, services_in};
use crate::facts;
use catalog::{KeyType, Service};
use policy::document;
use policy::text::{Source, Span};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A service's prefix.
    Service,
    /// An action.
    Action,
    /// A condition key.
    Key,
    /// A condition operator.
    Operator,
    /// The form of an ARN.
    Arn,
    /// The name of an element.
    Element,
    /// A value.
    Value,
}

/// A text that could stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The text.
    pub text: String,
    /// What it is, in a few words.
    pub detail: String,
    /// What kind of thing it is.
    pub kind: CompletionKind,
    /// What it replaces: what is written of it already.
    pub replaces: Span,
}

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnLike",
    "ArnNotLike",
    "ArnEquals",
    "Bool",
    "BoolIfExists",
    "Null",
    "NumericEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateLessThan",
    "DateGreaterThan",
    "IpAddress",
    "NotIpAddress",
    "BinaryEquals",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "StringLikeIfExists",
    "ForAnyValue:StringEquals",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
    "ForAllValues:StringLike",
];

/// What could stand at a byte offset.
#[must_use]
pub fn complete(source: &Source, offset: usize) -> Vec<Completion> {
    let is_yaml = crate::sources::looks_like_yaml(source);
    let place = place::at(source.text(), offset, is_yaml);
    let written = place.written.as_str();
    let end = place.start + written.len();
    // Within a variable, keys are completed.
    if let Some(at) = written
        .rfind("${")
        .filter(|at| !written.get(*at..).is_some_and(|v| v.contains('}')))
    {
        let written = written.get(at + 2..).unwrap_or("");
        let replaces = Span::new(place.start + at + 2, end);
        return keys(source.text(), written, replaces, true);
    }
    let replaces = Span::new(place.start, end);
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    match (path.as_slice(), place.in_key) {
        ([.., "Action" | "NotAction"], false) => actions(written, replaces),
        ([.., "Resource" | "NotResource"], false) => arns(source.text(), written, replaces),
        ([.., "Condition"], true) => list(OPERATORS, written, replaces, CompletionKind::Operator),
        ([.., "Condition", _], true) => keys(source.text(), written, replaces, false),
        ([.., "Condition", _, key], false) => values(source.text(), key, written, replaces),
        ([.., "Principal" | "NotPrincipal", "Service"], false) => principals(written, replaces),
        ([.., "Principal" | "NotPrincipal"], true) => {
            let kinds = &["AWS", "Service", "Federated", "CanonicalUser"];
            list(kinds, written, replaces, CompletionKind::Element)
        }
        ([.., "Effect"], false) => {
            list(&["Allow", "Deny"], written, replaces, CompletionKind::Value)
        }
        ([.., "Version"], false) => list(&["2012-10-17"], written, replaces, CompletionKind::Value),
        ([.., "Statement"], true) => list(
            document::Statement::ELEMENTS,
            written,
            replaces,
            CompletionKind::Element,
        ),
        ([], true) if !is_yaml => {
            let elements = &["Version", "Id", "Statement"];
            list(elements, written, replaces, CompletionKind::Element)
        }
        _ => Vec::new(),
    }
}

fn begins(text: &str, written: &str) -> bool {
    text.get(..written.len())
        .is_some_and(|front| front.eq_ignore_ascii_case(written))
}

fn list(texts: &[&str], written: &str, replaces: Span, kind: CompletionKind) -> Vec<Completion> {
    let fitting = texts.iter().filter(|text| begins(text, written));
    fitting
        .map(|text| Completion {
            text: (*text).to_owned(),
            detail: String::new(),
            kind,
            replaces,
        })
        .collect()
}

fn actions(written: &str, replaces: Span) -> Vec<Completion> {
    let Some((prefix, _)) = written.split_once(':') else {
        let services = catalog::services().filter(|service| begins(service.prefix(), written));
        return services
            .map(|service| Completion {
                text: format!("{}:", service.prefix()),
                detail: format!("{} actions", service.actions().count()),
                kind: CompletionKind::Service,
                replaces,
            })
            .collect();
    };
    let of_service = catalog::service(prefix)
        .into_iter()
        .flat_map(Service::actions);
    of_service
        .map(|action| (action.to_string(), action))
        .filter(|(text, _)| begins(text, written))
        .map(|(text, action)| Completion {
            text,
            detail: action.access_level().as_str().to_owned(),
            kind: CompletionKind::Action,
            replaces,
        })
        .collect()
}

/// The forms of the resources of the services that the text names, or of the one whose ARN is begun.
fn arns(text: &str, written: &str, replaces: Span) -> Vec<Completion> {
    let named = written.split(':').nth(2).and_then(catalog::service);
    let services = match named {
        Some(service) => vec![service],
        None => services_in(text),
    };
    let types = services.into_iter().flat_map(Service::resource_types);
    let forms = types.flat_map(|kind| kind.arns().map(move |arn| (kind, arn.to_string())));
    forms
        .filter_map(|(kind, form)| {
            Some(Completion {
                text: continued(written, &form)?,
                detail: format!("{} {}", kind.service().prefix(), kind.name()),
                kind: CompletionKind::Arn,
                replaces,
            })
        })
        .collect()
}

/// A form of ARNs that goes on from what is written: parts that were finished are kept.
fn continued(written: &str, form: &str) -> Option<String> {
    let form = form
        .replace("${Partition}", "aws")
        .replace("${Region}", "*");
    let shown = form.replace("${", "<").replace('}', ">");
    let parts: Vec<&str> = shown.splitn(6, ':').collect();
    let own: Vec<&str> = written.splitn(6, ':').collect();
    let (begun, finished) = own.split_last()?;
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push(':');
        }
        match finished.get(at) {
            // The partition, region and account are the writer's; the rest is what tells forms apart.
            Some(own) if matches!(at, 1 | 3 | 4) => match own.is_empty() == part.is_empty() {
                true => text.push_str(own),
                false => return None,
            },
            Some(own) if own != part => return None,
            None if at == finished.len() && !begins(part, begun) => return None,
            _ => text.push_str(part),
        }
    }
    Some(text)
}

fn keys(text: &str, written: &str, replaces: Span, for_variable: bool) -> Vec<Completion> {
    let services = services_in(text);
    let of_services = services.iter().copied().flat_map(Service::condition_keys);
    let written_service = written
        .split_once(':')
        .and_then(|(prefix, _)| catalog::service(prefix));
    let of_written = written_service
        .into_iter()
        .flat_map(Service::condition_keys);
    let global = catalog::global_condition_keys();
    let tags = [
        "aws:PrincipalTag/",
        "aws:RequestTag/",
        "aws:ResourceTag/",
        "aws:TagKeys",
    ];
    let tags = tags
        .into_iter()
        .filter_map(|name| facts::key(&format!("{name}x")).or_else(|| facts::key(name)));
    let mut found: Vec<Completion> = of_services
        .chain(of_written)
        .chain(global)
        .chain(tags)
        .filter(|key| !(for_variable && key.is_multivalued()))
        .map(|key| Completion {
            text: key
                .name()
                .to_string()
                .split("${")
                .next()
                .unwrap_or("")
                .to_owned(),
            detail: described(key),
            kind: CompletionKind::Key,
            replaces,
        })
        .filter(|completion| begins(&completion.text, written))
        .collect();
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.dedup_by(|a, b| a.text == b.text);
    found
}

/// A key's type in a few words.
pub(super) fn described(key: catalog::ConditionKey) -> String {
    let many = if key.is_multivalued() {
        ", several values"
    } else {
        ""
    };
    format!("{}{many}", key.key_type().as_str())
}

fn values(text: &str, key: &str, written: &str, replaces: Span) -> Vec<Completion> {
    let texts: &[&str] = match facts::key(key).map(catalog::ConditionKey::key_type) {
        Some(KeyType::Bool) => &["true", "false"],
        Some(KeyType::Arn) if written.contains(':') => return arns(text, written, replaces),
        Some(KeyType::Arn) => &["arn:aws:"],
        _ if key.eq_ignore_ascii_case("aws:RequestedRegion") => facts::REGIONS,
        _ if key.eq_ignore_ascii_case("iam:PassedToService") => {
            return principals(written, replaces);
        }
        _ => &[
            "${aws:SourceIdentity}",
            "${aws:PrincipalTag/",
            "${sagemaker:DomainId}",
            "${sagemaker:UserProfileName}",
        ],
    };
    list(texts, written, replaces, CompletionKind::Value)
}

fn principals(written: &str, replaces: Span) -> Vec<Completion> {
    catalog::services()
        .map(|service| format!("{}.amazonaws.com", service.prefix()))
        .filter(|text| begins(text, written))
        .map(|text| Completion {
            text,
            detail: "service principal".to_owned(),
            kind: CompletionKind::Value,
            replaces,
        })
        .collect()
}

//! What violations are called.

use catalog::shapes::{Member, Operation, Shape};

use super::{MISSING, Violation};
use crate::error::{Family, WireError};
use crate::value::{Map, Value};

/// A value is shown up to here.
const MAX_SHOWN: usize = 1024;

/// What is shown of a sensitive value inside another.
const REDACTED: &str = "***Sensitive Data Redacted***";

/// The error for some violations.
pub(super) fn error(operation: Operation, family: Family, violations: &[Violation]) -> WireError {
    match operation.service().name() {
        "iam" => return iam(violations),
        "organizations" => return organizations(violations),
        _ => {}
    }
    let code = if family == Family::Query {
        "ValidationError"
    } else {
        "ValidationException"
    };
    let code = violations
        .iter()
        .find_map(|violation| declared(operation, violation))
        .unwrap_or(code);
    WireError::new(code, 400, sentence(violations.iter()))
}

/// The error that the operation itself declares for a wrong value in this place. Source: the "Errors"
/// of `LookupEvents` in the CloudTrail API Reference.
fn declared(operation: Operation, violation: &Violation) -> Option<&'static str> {
    if violation.constraint == MISSING {
        return None;
    }
    let code = match violation.path.split('.').next()? {
        "maxResults" => "InvalidMaxResultsException",
        "lookupAttributes" => "InvalidLookupAttributesException",
        "eventCategory" => "InvalidEventCategoryException",
        _ => return None,
    };
    let is_declared = operation.errors().any(|shape| shape.name() == code);
    is_declared.then_some(code)
}

/// Organizations tells of one violation, by a reason (Organizations API Reference,
/// `InvalidInputException`).
fn organizations(violations: &[Violation]) -> WireError {
    let constraint = violations.first().map(|violation| &*violation.constraint);
    let constraint = constraint.unwrap_or_default();
    let told = |what: &str| constraint.starts_with(&format!("Member must {what}"));
    let (reason, text) = if constraint == MISSING {
        (
            "INPUT_REQUIRED",
            "You must include a value for all required parameters.",
        )
    } else if told("satisfy regular expression pattern") {
        (
            "INVALID_PATTERN",
            "You provided a value that does not match the required pattern.",
        )
    } else if told("satisfy enum value set") {
        ("INVALID_ENUM", "You specified an invalid value.")
    } else if told("have length less") {
        (
            "MAX_LENGTH_EXCEEDED",
            "You provided a string parameter that is longer than allowed.",
        )
    } else if told("have length greater") {
        (
            "MIN_LENGTH_EXCEEDED",
            "You provided a string parameter that is shorter than allowed.",
        )
    } else if told("have value less") {
        (
            "MAX_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a larger value than allowed.",
        )
    } else if told("have value greater") {
        (
            "MIN_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a lower value than allowed.",
        )
    } else {
        (
            "INVALID_LIST_MEMBER",
            "You provided a list to a parameter that contains at least one invalid value.",
        )
    };
    WireError::new("InvalidInputException", 400, text).with("Reason", reason)
}

/// IAM first reports what its framework finds; names and paths it checks itself, one by one, with
/// texts of its own. Source: messages of IAM as clients report them.
fn iam(violations: &[Violation]) -> WireError {
    let own = |violation: &&Violation| iam_text(violation).is_some();
    let framework: Vec<&Violation> = violations
        .iter()
        .filter(|violation| !own(violation))
        .collect();
    let text = match violations.iter().find_map(iam_text) {
        Some(text) if framework.is_empty() => text,
        _ => sentence(framework.into_iter()),
    };
    WireError::new("ValidationError", 400, text)
}

fn iam_text(violation: &Violation) -> Option<String> {
    let name = &violation.path;
    match violation.pattern? {
        r"[\w+=,.@-]+" => Some(format!(
            "The specified value for {name} is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
        )),
        r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)" => Some(format!(
            "The specified value for {name} is invalid. It must begin and end with / and contain \
             only alphanumeric characters and/or / characters."
        )),
        _ => None,
    }
}

fn sentence<'v>(violations: impl ExactSizeIterator<Item = &'v Violation>) -> String {
    let count = violations.len();
    let noun = if count == 1 { "error" } else { "errors" };
    let mut text = format!("{count} validation {noun} detected: ");
    for (number, violation) in violations.enumerate() {
        if number > 0 {
            text.push_str("; ");
        }
        text.push_str("Value ");
        if let Some(shown) = &violation.shown {
            text.push_str(shown);
            text.push(' ');
        }
        text.push_str(&format!(
            "at '{}' failed to satisfy constraint: {}",
            violation.path, violation.constraint
        ));
    }
    text
}

/// A value in quotes, or `null`.
pub(super) fn shown(value: Option<(Shape, &Value)>) -> String {
    let Some((shape, value)) = value else {
        return "null".to_owned();
    };
    let mut text = String::new();
    show(&mut text, Some(shape), value);
    if let Some((at, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(at);
        text.push_str("...");
    }
    format!("'{text}'")
}

/// Lists and maps as Java writes them, without what is sensitive in them.
fn show(out: &mut String, shape: Option<Shape>, value: &Value) {
    if out.len() > MAX_SHOWN * 4 {
        return;
    }
    if shape.is_some_and(Shape::sensitive) && !value.is_null() {
        out.push_str(REDACTED);
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(&truth.to_string()),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&format!("{number:?}")),
        Value::String(text) => out.push_str(text),
        Value::Blob(bytes) => out.push_str(&format!(
            "java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]",
            bytes.len()
        )),
        Value::Timestamp(instant) => out.push_str(&instant.to_string()),
        Value::List(values) => {
            let inner = shape.and_then(Shape::list_member).map(Member::shape);
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                show(out, inner, value);
            }
            out.push(']');
        }
        Value::Map(map) => show_map(out, shape, map),
    }
}

fn show_map(out: &mut String, shape: Option<Shape>, map: &Map) {
    let key = shape.and_then(Shape::map_key).map(Member::shape);
    let hides_keys = key.is_some_and(Shape::sensitive);
    let inner = |name: &str| {
        let shape = shape?;
        let member = shape.map_value().or_else(|| shape.member(name));
        member.map(Member::shape)
    };
    out.push('{');
    for (number, (name, value)) in map.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        out.push_str(if hides_keys { REDACTED } else { name });
        out.push('=');
        show(out, inner(name), value);
    }
    out.push('}');
}

/// `RoleSessionName` is `roleSessionName` in the texts.
pub(super) fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    let first = name.chars().next().map_or(0, char::len_utf8);
    if let Some(first) = name.get_mut(..first) {
        first.make_ascii_lowercase();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sensitive_inside_a_value_is_not_shown() {
        let secrets = catalog::shapes::service("secretsmanager").unwrap();
        let input = secrets.operation("CreateSecret").unwrap().input().unwrap();
        let value = Value::map()
            .with("Name", "n")
            .with("SecretString", "open sesame");
        let text = shown(Some((input, &value)));
        assert_eq!(
            text,
            "'{Name=n, SecretString=***Sensitive Data Redacted***}'"
        );
    }
}

//! What violations are called.

use super::Violation;
use crate::error::{Family, WireError};
use crate::value::Value;

/// A value is shown up to here.
const MAX_SHOWN: usize = 1024;

/// The error for some violations.
pub(super) fn error(service: &str, family: Family, violations: &[Violation]) -> WireError {
    if service == "iam" {
        return iam(violations);
    }
    let code = if family == Family::Query {
        "ValidationError"
    } else {
        "ValidationException"
    };
    WireError::new(code, 400, sentence(violations.iter()))
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
pub(super) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "null".to_owned();
    };
    let mut text = String::new();
    show(&mut text, value);
    if let Some((at, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(at);
        text.push_str("...");
    }
    format!("'{text}'")
}

/// Lists and maps as Java writes them.
fn show(out: &mut String, value: &Value) {
    if out.len() > MAX_SHOWN * 4 {
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
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                show(out, value);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (number, (name, value)) in map.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                out.push_str(name);
                out.push('=');
                show(out, value);
            }
            out.push('}');
        }
    }
}

/// `RoleSessionName` is `roleSessionName` in the texts.
pub(super) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + chars.as_str(),
        None => String::new(),
    }
}

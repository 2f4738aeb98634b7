//! Values into JSON bodies, walking the shapes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Member, Shape, TimestampFormat};

use super::super::{in_body, scalar};
use crate::value::Value;

/// Writes a document of this shape. Members that are null or not in the shape are left out.
pub(in crate::protocol) fn write(shape: Shape, value: &Value) -> String {
    let mut out = String::with_capacity(256);
    structure(&mut out, shape, value);
    out
}

fn structure(out: &mut String, shape: Shape, value: &Value) {
    out.push('{');
    let mut first = true;
    for member in shape.members().filter(|member| in_body(*member)) {
        let Some(value) = value.get(member.name()) else {
            continue;
        };
        if !first {
            out.push(',');
        }
        first = false;
        string(out, member.wire_name());
        out.push(':');
        part(out, member, value);
    }
    out.push('}');
}

/// Writes a value of a member's shape.
pub(in crate::protocol) fn part(out: &mut String, member: Member, value: &Value) {
    let shape = member.shape();
    match value {
        Value::List(values) => {
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                match shape.list_member() {
                    Some(inner) => part(out, inner, value),
                    None => free(out, value),
                }
            }
            out.push(']');
        }
        Value::Map(map) => match shape.map_value() {
            None if shape.members().len() == 0 && !map.is_empty() => free(out, value),
            None => structure(out, shape, value),
            Some(inner) => {
                out.push('{');
                for (number, (name, value)) in map.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    string(out, name);
                    out.push(':');
                    part(out, inner, value);
                }
                out.push('}');
            }
        },
        Value::Timestamp(instant) => {
            let format = member
                .timestamp_format()
                .unwrap_or(TimestampFormat::UnixTimestamp);
            let text = scalar::write_timestamp(format, *instant, false);
            if format == TimestampFormat::UnixTimestamp {
                out.push_str(&text);
            } else {
                string(out, &text);
            }
        }
        _ => free(out, value),
    }
}

/// Writes a value without a shape: free JSON, and all single values.
pub(in crate::protocol) fn free(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) if number.is_finite() => out.push_str(&scalar::write_float(*number)),
        Value::Float(number) => string(out, &scalar::write_float(*number)),
        Value::String(text) => string(out, text),
        Value::Blob(bytes) => string(out, &STANDARD.encode(bytes)),
        Value::Timestamp(instant) => {
            let format = TimestampFormat::UnixTimestamp;
            out.push_str(&scalar::write_timestamp(format, *instant, false));
        }
        Value::List(values) => {
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                free(out, value);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (number, (name, value)) in map.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                string(out, name);
                out.push(':');
                free(out, value);
            }
            out.push('}');
        }
    }
}

/// Writes a text in quotes.
pub(in crate::protocol) fn string(out: &mut String, text: &str) {
    // Writing a text as JSON cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

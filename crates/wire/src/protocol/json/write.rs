//! Values into JSON bodies, walking the shapes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Member, Shape, TimestampFormat};
use serde::Serialize;

use super::super::{in_body, scalar};
use crate::value::Value;

/// Writes a document of this shape. Members that are null or not in the shape are left out.
pub(in crate::protocol) fn write(shape: Shape, value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    structure(&mut out, shape, value);
    out
}

fn structure(out: &mut Vec<u8>, shape: Shape, value: &Value) {
    out.push(b'{');
    let mut first = true;
    for member in shape.members().filter(|member| in_body(*member)) {
        let Some(value) = value.get(member.name()) else {
            continue;
        };
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, member.wire_name());
        out.push(b':');
        part(out, member, value);
    }
    out.push(b'}');
}

/// Writes a value of a member's shape.
pub(in crate::protocol) fn part(out: &mut Vec<u8>, member: Member, value: &Value) {
    let shape = member.shape();
    match value {
        Value::List(values) => {
            out.push(b'[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                match shape.list_member() {
                    Some(inner) => part(out, inner, value),
                    None => free(out, value),
                }
            }
            out.push(b']');
        }
        Value::Map(map) => match shape.map_value() {
            None if shape.members().len() == 0 && !map.is_empty() => free(out, value),
            None => structure(out, shape, value),
            Some(inner) => {
                out.push(b'{');
                for (number, (name, value)) in map.iter().enumerate() {
                    if number > 0 {
                        out.push(b',');
                    }
                    string(out, name);
                    out.push(b':');
                    part(out, inner, value);
                }
                out.push(b'}');
            }
        },
        Value::Timestamp(instant) => {
            let format = member
                .timestamp_format()
                .unwrap_or(TimestampFormat::UnixTimestamp);
            let text = scalar::write_timestamp(format, *instant, false);
            if format == TimestampFormat::UnixTimestamp {
                out.extend_from_slice(text.as_bytes());
            } else {
                string(out, &text);
            }
        }
        _ => free(out, value),
    }
}

/// Writes a value without a shape: free JSON, and all single values.
pub(in crate::protocol) fn free(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(truth) => single(out, truth),
        Value::Int(number) => single(out, number),
        Value::Float(number) if number.is_finite() => {
            out.extend_from_slice(scalar::write_float(*number).as_bytes())
        }
        Value::Float(number) => string(out, &scalar::write_float(*number)),
        Value::String(text) => string(out, text),
        Value::Blob(bytes) => string(out, &STANDARD.encode(bytes)),
        Value::Timestamp(instant) => {
            let format = TimestampFormat::UnixTimestamp;
            out.extend_from_slice(scalar::write_timestamp(format, *instant, false).as_bytes());
        }
        Value::List(values) => {
            out.push(b'[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                free(out, value);
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.push(b'{');
            for (number, (name, value)) in map.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                free(out, value);
            }
            out.push(b'}');
        }
    }
}

/// Writes a text in quotes.
pub(in crate::protocol) fn string(out: &mut Vec<u8>, text: &str) {
    single(out, text);
}

/// Writes a text, a number or a truth value.
fn single<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // None of them can fail to be JSON, nor writing to memory.
    drop(serde_json::to_writer(out, value));
}

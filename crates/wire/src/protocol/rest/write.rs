//! Values into the head of a REST response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Kind, Location, Member, Shape, TimestampFormat};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::super::scalar;
use crate::value::{Map, Value};

/// Sets the headers that the output's members stand in; returns the status if a member is one.
///
/// A value that no header can hold is left out.
pub(in crate::protocol) fn head(
    shape: Shape,
    value: &Value,
    headers: &mut HeaderMap,
) -> Option<u16> {
    let mut status = None;
    for member in shape.members() {
        let Some(value) = value.get(member.name()) else {
            continue;
        };
        match member.location() {
            Location::Header => {
                if let Some(text) = header(member, value) {
                    set(headers, member.wire_name(), &text);
                }
            }
            Location::Headers => {
                for (name, value) in value.as_map().into_iter().flat_map(Map::iter) {
                    let name = format!("{}{name}", member.wire_name());
                    set(headers, &name, value.as_str().unwrap_or_default());
                }
            }
            Location::StatusCode => {
                status = value.as_int().and_then(|code| u16::try_from(code).ok());
            }
            Location::Body | Location::Querystring | Location::Uri => {}
        }
    }
    status
}

fn set(headers: &mut HeaderMap, name: &str, text: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(text.as_bytes())) {
        headers.insert(name, value);
    }
}

fn header(member: Member, value: &Value) -> Option<String> {
    if let (Some(values), Some(inner)) = (value.as_list(), member.shape().list_member()) {
        let quote = inner.shape().kind() == Kind::String;
        let texts: Vec<String> = values
            .iter()
            .filter_map(|value| {
                let text = scalar::write(
                    value,
                    inner.timestamp_format(),
                    TimestampFormat::Rfc822,
                    false,
                )?;
                Some(if quote { quoted(text) } else { text })
            })
            .collect();
        return (!texts.is_empty()).then(|| texts.join(", "));
    }
    if member.json_value() {
        return value.as_str().map(|text| STANDARD.encode(text));
    }
    scalar::write(
        value,
        member.timestamp_format(),
        TimestampFormat::Rfc822,
        false,
    )
}

/// In quotes when it could be taken for more than one item.
fn quoted(text: String) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

//! The parts of a REST request into values.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use catalog::shapes::{Kind, Location, Member, Protocol, Shape, TimestampFormat};
use http::{HeaderMap, HeaderName, request::Parts};

use super::super::{Unreadable, json, scalar, xml};
use super::has_body;
use crate::route::Target;
use crate::uri;
use crate::value::{Map, Value};

/// Reads the input of an operation. A streaming payload is left out.
pub(in crate::protocol) fn read(
    target: &Target,
    parts: &Parts,
    body: &Bytes,
) -> Result<Value, Unreadable> {
    let Some(shape) = target.operation().input() else {
        return Ok(Value::map());
    };
    let mut map = Map::new();
    let query: Vec<(String, String)> = uri::pairs(parts.uri.query().unwrap_or_default())
        .map(|(name, value)| {
            Some((
                String::from_utf8(name).ok()?,
                String::from_utf8(value).ok()?,
            ))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Unreadable::argument("query", "", "a query parameter is not UTF-8"))?;
    for member in shape.members() {
        let value = match member.location() {
            Location::Header => header(member, &parts.headers)?,
            Location::Headers => headers(member, &parts.headers)?,
            Location::Querystring => querystring(member, &query)?,
            Location::Uri => target
                .label(member.wire_name())
                .map(|text| text_value(member, text, TimestampFormat::Iso8601))
                .transpose()?,
            Location::Body | Location::StatusCode => None,
        };
        if let Some(value) = value {
            map.insert(member.name(), value);
        }
    }
    read_body(shape, body, &mut map)?;
    Ok(Value::Map(map))
}

fn read_body(shape: Shape, body: &Bytes, map: &mut Map) -> Result<(), Unreadable> {
    let Some(payload) = shape.payload() else {
        if has_body(shape) && !body.is_empty() {
            let Value::Map(read) = document(shape, body)? else {
                return Ok(());
            };
            for (name, value) in read {
                map.insert(name, value);
            }
        }
        return Ok(());
    };
    if payload.streaming() || body.is_empty() {
        return Ok(());
    }
    let value = match payload.shape().kind() {
        Kind::Blob => Value::Blob(body.clone()),
        Kind::String => Value::String(
            String::from_utf8(body.to_vec())
                .map_err(|_| Unreadable::new("the request body is not UTF-8"))?,
        ),
        _ => document(payload.shape(), body)?,
    };
    map.insert(payload.name(), value);
    Ok(())
}

fn document(shape: Shape, body: &Bytes) -> Result<Value, Unreadable> {
    if shape.service().protocol() == Protocol::RestJson {
        return json::read::read(shape, body);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::new("the body is not UTF-8"))?;
    let root = xml::Element::parse(text.trim_start_matches('\u{feff}'))?;
    xml::read::structure(shape, &root).map(Value::Map)
}

fn text_value(member: Member, text: &str, format: TimestampFormat) -> Result<Value, Unreadable> {
    scalar::read(member.shape(), member.timestamp_format(), format, text)
        .map_err(|error| Unreadable::argument(member.wire_name(), text, error.text()))
}

/// A header's text; bytes that are not UTF-8 are read as Latin-1.
fn header_text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().copied().map(char::from).collect(),
        str::to_owned,
    )
}

fn header(member: Member, headers: &HeaderMap) -> Result<Option<Value>, Unreadable> {
    // Of the many headers that an input may have, few came: to compare their names is faster than looking
    // each up.
    let is_named = |name: &&HeaderName| name.as_str().eq_ignore_ascii_case(member.wire_name());
    let name = headers.keys().find(is_named);
    let mut values = name.into_iter().flat_map(|name| headers.get_all(name));
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let mut text = header_text(first.as_bytes());
    for more in values {
        text.push(',');
        text.push_str(&header_text(more.as_bytes()));
    }
    if let Some(inner) = member.shape().list_member() {
        if text.trim().is_empty() {
            return Ok(Some(Value::List(Vec::new())));
        }
        let items = split(&text, inner);
        let read = |item: String| text_value(inner, &item, TimestampFormat::Rfc822);
        return items
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Value::List)
            .map(Some);
    }
    if member.json_value() {
        let decoded = STANDARD
            .decode(&text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let wrong = || Unreadable::argument(member.wire_name(), &text, "is not base64 of a text");
        return decoded.map(Value::String).map(Some).ok_or_else(wrong);
    }
    text_value(member, &text, TimestampFormat::Rfc822).map(Some)
}

/// The items of a list in a header: at commas, but not at the one in an HTTP date nor in quotes.
fn split(text: &str, inner: Member) -> Vec<String> {
    let format = inner.timestamp_format().unwrap_or(TimestampFormat::Rfc822);
    let dates = inner.shape().kind() == Kind::Timestamp && format == TimestampFormat::Rfc822;
    let (mut items, mut item) = (Vec::new(), String::new());
    let (mut quoted, mut commas) = (false, 0);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => item.extend(chars.next()),
            ',' if !quoted => {
                commas += 1;
                if dates && commas % 2 == 1 {
                    item.push(c);
                } else {
                    items.push(std::mem::take(&mut item).trim().to_owned());
                }
            }
            _ => item.push(c),
        }
    }
    items.push(item.trim().to_owned());
    items
}

/// A map in all headers with a prefix.
fn headers(member: Member, headers: &HeaderMap) -> Result<Option<Value>, Unreadable> {
    let prefix = member.wire_name().to_ascii_lowercase();
    let mut map = Map::new();
    for name in headers.keys() {
        let Some(rest) = name.as_str().strip_prefix(&prefix) else {
            continue;
        };
        let values: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|value| header_text(value.as_bytes()))
            .collect();
        map.insert(rest.to_owned(), values.join(","));
    }
    Ok(Some(Value::Map(map)).filter(|value| value.as_map().is_some_and(|map| !map.is_empty())))
}

fn querystring(member: Member, query: &[(String, String)]) -> Result<Option<Value>, Unreadable> {
    if let Some(inner) = member.shape().map_value() {
        return if query.is_empty() {
            Ok(None)
        } else {
            whole_query(inner, query).map(Some)
        };
    }
    let mut found = query
        .iter()
        .filter(|(name, _)| name == member.wire_name())
        .peekable();
    if found.peek().is_none() {
        return Ok(None);
    }
    match member.shape().list_member() {
        Some(inner) => found
            .map(|(_, text)| text_value(inner, text, TimestampFormat::Iso8601))
            .collect::<Result<_, _>>()
            .map(Value::List)
            .map(Some),
        None => found
            .next()
            .map(|(_, text)| text_value(member, text, TimestampFormat::Iso8601))
            .transpose(),
    }
}

/// A map of all parameters, also of those that other members name.
fn whole_query(inner: Member, query: &[(String, String)]) -> Result<Value, Unreadable> {
    let read = |shape: Member, text: &str| text_value(shape, text, TimestampFormat::Iso8601);
    let Some(item) = inner.shape().list_member() else {
        let entries = query
            .iter()
            .map(|(name, text)| Ok((name.clone(), read(inner, text)?)));
        return entries.collect::<Result<Map, _>>().map(Value::Map);
    };
    let mut grouped: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, text) in query {
        grouped.entry(name).or_default().push(read(item, text)?);
    }
    let entries = grouped
        .into_iter()
        .map(|(name, values)| (name.to_owned(), Value::List(values)));
    Ok(Value::Map(entries.collect()))
}

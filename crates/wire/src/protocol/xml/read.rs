//! XML bodies into values, walking the shapes.

use catalog::shapes::{Kind, Location, Member, Shape, TimestampFormat};

use super::super::{Unreadable, scalar};
use super::Element;
use crate::value::{Map, Value};

/// Reads the body members of a structure from an element.
pub(in crate::protocol) fn structure(shape: Shape, element: &Element) -> Result<Map, Unreadable> {
    let mut map = Map::new();
    for member in shape
        .members()
        .filter(|member| member.location() == Location::Body)
    {
        if let Some(value) = self::member(member, element)? {
            map.insert(member.name(), value);
        }
    }
    Unreadable::union(shape, &map)?;
    Ok(map)
}

fn member(member: Member, parent: &Element) -> Result<Option<Value>, Unreadable> {
    let name = member.wire_name();
    if member.xml_attribute() {
        let found = parent.attributes.iter().find(|(known, _)| known == name);
        return found.map(|(_, text)| text_value(member, text)).transpose();
    }
    if member.flattened() {
        return flattened(member, parent);
    }
    parent
        .named(name)
        .next()
        .map(|element| part(member, element))
        .transpose()
}

/// A list or map whose entries stand in the parent.
fn flattened(member: Member, parent: &Element) -> Result<Option<Value>, Unreadable> {
    let shape = member.shape();
    let mut found = parent.named(member.wire_name()).peekable();
    if found.peek().is_none() {
        return Ok(None);
    }
    match (shape.list_member(), shape.map_key(), shape.map_value()) {
        (Some(inner), ..) => found
            .map(|element| part(inner, element))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (_, Some(key), Some(value)) => entries(key, value, found),
        _ => Ok(Value::Null),
    }
    .map(Some)
}

fn part(member: Member, element: &Element) -> Result<Value, Unreadable> {
    let shape = member.shape();
    match (
        shape.kind(),
        shape.list_member(),
        shape.map_key(),
        shape.map_value(),
    ) {
        (Kind::Structure, ..) => structure(shape, element).map(Value::Map),
        (_, Some(inner), ..) => element
            .named(inner.explicit_wire_name().unwrap_or("member"))
            .map(|child| part(inner, child))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (_, _, Some(key), Some(value)) => entries(key, value, element.named("entry")),
        _ => text_value(member, &element.text),
    }
}

fn entries<'e>(
    key: Member,
    value: Member,
    elements: impl Iterator<Item = &'e Element>,
) -> Result<Value, Unreadable> {
    let entry = |element: &Element| {
        let name = element
            .named(key.wire_name())
            .next()
            .map(|name| name.text.clone());
        let inner = element.named(value.wire_name()).next();
        match (name, inner) {
            (Some(name), Some(inner)) => Ok((name, part(value, inner)?)),
            _ => Err(Unreadable::new("an entry of a map has a key and a value")),
        }
    };
    elements
        .map(entry)
        .collect::<Result<Map, _>>()
        .map(Value::Map)
}

fn text_value(member: Member, text: &str) -> Result<Value, Unreadable> {
    let shape = member.shape();
    let text = if shape.kind() == Kind::String {
        text
    } else {
        text.trim()
    };
    scalar::read(
        shape,
        member.timestamp_format(),
        TimestampFormat::Iso8601,
        text,
    )
}

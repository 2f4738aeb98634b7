//! Inputs as they are kept: JSON in which every member stands under its API name. Reading it back
//! needs the shape, for JSON has no instants and no bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Kind, Shape};
use serde_json::{Map, Number, Value as Json};
use wire::value::Value;

/// A value as JSON.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::String(text) => Json::from(text.as_str()),
        Value::Blob(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::Timestamp(instant) => Json::from(instant.to_string()),
        Value::List(values) => values.iter().map(to_json).collect(),
        Value::Map(entries) => {
            let entry = |(name, value): (&str, &Value)| (name.to_owned(), to_json(value));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}

/// The value of `shape` that [`to_json`] wrote. What does not fit the shape is left out.
pub(super) fn from_json(shape: Shape, json: &Json) -> Value {
    match (shape.kind(), json) {
        (Kind::Structure, Json::Object(members)) => Value::Map(
            members
                .iter()
                .filter_map(|(name, json)| {
                    let member = shape.member(name)?;
                    Some((member.name(), from_json(member.shape(), json)))
                })
                .collect(),
        ),
        (Kind::Map, Json::Object(entries)) => {
            let element = shape.map_value().map(|member| member.shape());
            let entry =
                |(name, json): (&String, &Json)| Some((name.clone(), from_json(element?, json)));
            Value::Map(entries.iter().filter_map(entry).collect())
        }
        (Kind::List, Json::Array(values)) => {
            let element = shape.list_member().map(|member| member.shape());
            values
                .iter()
                .filter_map(|json| Some(from_json(element?, json)))
                .collect()
        }
        (Kind::Integer | Kind::Long, json) => json.as_i64().into(),
        (Kind::Float | Kind::Double, json) => json.as_f64().into(),
        (Kind::Boolean, json) => json.as_bool().into(),
        (Kind::Timestamp, Json::String(text)) => text.parse().map_or(Value::Null, Value::Timestamp),
        (Kind::Blob, Json::String(text)) => STANDARD
            .decode(text)
            .map_or(Value::Null, |bytes| Value::Blob(bytes.into())),
        (Kind::String | Kind::Document, Json::String(text)) => Value::from(text.as_str()),
        _ => Value::Null,
    }
}

/// Puts `new` over `held`: members of structures one by one, everything else as a whole. Updates
/// spell some members with `ForUpdate` behind the name under which they are shown.
pub(super) fn merge(held: &mut Json, new: Json) {
    match (held, new) {
        (Json::Object(held), Json::Object(new)) => {
            for (name, value) in new {
                let name = name.strip_suffix("ForUpdate").unwrap_or(&name).to_owned();
                merge(held.entry(name).or_insert(Json::Null), value);
            }
        }
        (held, Json::Object(new)) => {
            *held = Json::Object(Map::new());
            merge(held, Json::Object(new));
        }
        (held, new) => *held = new,
    }
}

/// The values at a path of member names with dots between; a list on the way stands for each of its
/// elements.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for part in path.split('.') {
        found = found
            .into_iter()
            .filter_map(|value| value.get(part))
            .flat_map(|value| {
                value
                    .as_list()
                    .map_or(vec![value], |all| all.iter().collect())
            })
            .collect();
    }
    found
}

/// The values of every member with one of these names, however deep below `value`.
pub(super) fn deep<'v>(value: &'v Value, names: &[&str]) -> Vec<&'v Value> {
    let below = |value: &'v Value| deep(value, names);
    match value {
        Value::List(values) => values.iter().flat_map(below).collect(),
        Value::Map(entries) => entries
            .iter()
            .flat_map(
                |(member, value)| match (names.contains(&member), value.as_list()) {
                    (true, Some(values)) => values.iter().collect(),
                    (true, None) => vec![value],
                    (false, _) => below(value),
                },
            )
            .collect(),
        _ => Vec::new(),
    }
}

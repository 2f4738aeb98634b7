//! Inputs and outputs as trail events list them: member names begin with a small letter, secrets are
//! hidden, bodies left out.

use catalog::shapes::{Kind, Shape};
use serde_json::{Map, Value as Json};
use wire::value::Value;

use crate::record;

/// Members that are credentials although no model calls them sensitive.
const SECRET_MEMBERS: &[&str] = &[
    "AuthorizedUrl",
    "NewPassword",
    "OldPassword",
    "Password",
    "Plaintext",
    "RandomPassword",
    "SAMLAssertion",
    "SecretAccessKey",
    "SecretBinary",
    "SecretString",
    "SessionToken",
    "WebIdentityToken",
];

/// Members that S3's model calls sensitive and events list all the same: the name of a key is none.
const NAMES_OF_KEYS: &[&str] = &["SSEKMSKeyId", "KMSMasterKeyID"];

/// The members of `value`, a structure of `shape`; `None` when there are none.
pub(crate) fn members(shape: Option<Shape>, value: &Value) -> Option<Json> {
    let map = value.as_map()?;
    let of_s3 = shape.is_some_and(|shape| matches!(shape.service().name(), "s3" | "s3control"));
    let mut out = Map::new();
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        let member = shape.and_then(|shape| shape.member(name));
        let inner = member.map(catalog::shapes::Member::shape);
        let sensitive = inner.is_some_and(Shape::sensitive) && !NAMES_OF_KEYS.contains(&name);
        let secret = SECRET_MEMBERS.contains(&name) || sensitive;
        if secret {
            let shown = match member.filter(|_| of_s3) {
                Some(member) => member.wire_name().to_ascii_lowercase(),
                None => small(name),
            };
            out.insert(shown, Json::from(trail::HIDDEN));
        } else if let Some(member) = member.filter(|_| of_s3) {
            let nested = || listed(inner, value);
            out.extend(record::member_of_s3(member, value, nested));
        } else if let Some(value) = listed(inner, value) {
            out.insert(small(name), value);
        }
    }
    (!out.is_empty()).then_some(Json::Object(out))
}

fn listed(shape: Option<Shape>, value: &Value) -> Option<Json> {
    match value {
        Value::Null | Value::Blob(_) => None,
        Value::Bool(truth) => Some(Json::from(*truth)),
        Value::Int(number) => Some(Json::from(*number)),
        Value::Float(number) => Some(Json::from(*number)),
        Value::String(text) => Some(Json::from(text.as_str())),
        Value::Timestamp(instant) => Some(Json::from(crate::context::to_iso(*instant))),
        Value::List(values) => {
            let element = shape
                .and_then(Shape::list_member)
                .map(|member| member.shape());
            if element.is_some_and(Shape::sensitive) {
                return Some(Json::from(trail::HIDDEN));
            }
            Some(
                values
                    .iter()
                    .filter_map(|value| listed(element, value))
                    .collect(),
            )
        }
        Value::Map(entries) if shape.is_some_and(|shape| shape.kind() == Kind::Map) => {
            let element = shape
                .and_then(Shape::map_value)
                .map(|member| member.shape());
            if element.is_some_and(Shape::sensitive) {
                return Some(Json::from(trail::HIDDEN));
            }
            let listed =
                |(name, value): (&str, &Value)| Some((name.to_owned(), listed(element, value)?));
            Some(Json::Object(entries.iter().filter_map(listed).collect()))
        }
        Value::Map(_) => Some(members(shape, value).unwrap_or_else(|| Json::Object(Map::new()))),
    }
}

/// What events call the member `name` of a structure: `RoleArn` is `roleArn`, `ARN` is `arn`.
fn small(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return name.to_ascii_lowercase();
    }
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

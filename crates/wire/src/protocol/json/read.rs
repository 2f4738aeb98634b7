//! JSON bodies into values, walking the shapes.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Kind, Location, Shape, TimestampFormat};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::{Unreadable, scalar};
use crate::value::{Map, Value};

/// Reads a document of this shape.
///
/// # Errors
/// The text is no JSON, or a value is of another type than its shape.
pub(in crate::protocol) fn read(shape: Shape, body: &[u8]) -> Result<Value, Unreadable> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let reader = Reader {
        shape,
        format: None,
    };
    let value = reader
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    value.map_err(|error| {
        let text = error.to_string();
        if error.is_data() {
            // serde_json puts the place behind the texts made below.
            Unreadable::new(text.split(" at line ").next().unwrap_or_default())
        } else {
            Unreadable::new(format!("the request body is not valid JSON: {text}"))
        }
    })
}

#[derive(Clone, Copy)]
struct Reader {
    shape: Shape,
    format: Option<TimestampFormat>,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl Reader {
    fn wrong<E: de::Error>(self, found: &str) -> E {
        let kind = match self.shape.kind() {
            Kind::String | Kind::Document => "String",
            Kind::Integer => "Integer",
            Kind::Long => "Long",
            Kind::Float | Kind::Double => "Double",
            Kind::Boolean => "Boolean",
            Kind::Timestamp => "milliseconds since epoch",
            Kind::Blob => "ByteBuffer",
            Kind::Structure | Kind::List | Kind::Map => {
                return E::custom(format!("Unexpected field type: {found}"));
            }
        };
        E::custom(Unreadable::value(found, kind).text())
    }

    fn number<E: de::Error>(self, number: f64) -> Result<Value, E> {
        match self.shape.kind() {
            Kind::Float | Kind::Double | Kind::Document => Ok(Value::Float(number)),
            Kind::Timestamp => {
                let instant = scalar::from_seconds(number).map(Value::Timestamp);
                instant.ok_or_else(|| self.wrong("NUMBER_VALUE"))
            }
            _ => Err(self.wrong("NUMBER_VALUE")),
        }
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {:?}", self.shape.kind())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        match self.shape.kind() {
            Kind::Boolean | Kind::Document => Ok(Value::Bool(truth)),
            _ => Err(self.wrong(if truth { "TRUE_VALUE" } else { "FALSE_VALUE" })),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        match self.shape.kind() {
            Kind::Long | Kind::Document => Ok(Value::Int(number)),
            Kind::Integer if i32::try_from(number).is_ok() => Ok(Value::Int(number)),
            #[expect(clippy::cast_precision_loss, reason = "the shape is a float")]
            _ => self.number(number as f64),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            #[expect(clippy::cast_precision_loss, reason = "the shape is a float")]
            Err(_) => self.number(number as f64),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the number is whole and small"
    )]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        let whole = number.fract() == 0.0 && number.abs() < 9e15;
        match self.shape.kind() {
            Kind::Integer | Kind::Long if whole => self.visit_i64(number as i64),
            _ => self.number(number),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        match self.shape.kind() {
            Kind::String | Kind::Document => Ok(Value::String(text.to_owned())),
            Kind::Blob => STANDARD
                .decode(text)
                .map(|bytes| Value::Blob(bytes.into()))
                .map_err(|_| self.wrong("STRING_VALUE")),
            Kind::Timestamp => {
                let format = self.format.filter(|f| *f != TimestampFormat::UnixTimestamp);
                let instant = format.and_then(|format| scalar::read_timestamp(format, text));
                instant
                    .map(Value::Timestamp)
                    .ok_or_else(|| self.wrong("STRING_VALUE"))
            }
            Kind::Float | Kind::Double if matches!(text, "NaN" | "Infinity" | "-Infinity") => {
                scalar::read_float(text).ok_or_else(|| self.wrong("STRING_VALUE"))
            }
            _ => Err(self.wrong("STRING_VALUE")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = match (self.shape.kind(), self.shape.list_member()) {
            (Kind::List, Some(member)) => Self {
                shape: member.shape(),
                format: member.timestamp_format(),
            },
            (Kind::Document, _) => self,
            _ => return Err(de::Error::custom("Start of list found where not expected")),
        };
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        match (self.shape.kind(), self.shape.map_value()) {
            (Kind::Structure, _) => {
                while let Some(name) = entries.next_key::<Name<'de>>()? {
                    let found = self.shape.members().find(|member| {
                        member.location() == Location::Body && member.wire_name() == name.0
                    });
                    let Some(member) = found else {
                        entries.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let inner = Self {
                        shape: member.shape(),
                        format: member.timestamp_format(),
                    };
                    match entries.next_value_seed(inner)? {
                        Value::Null => {}
                        value => map.insert(member.name(), value),
                    }
                }
                Unreadable::union(self.shape, &map)
                    .map_err(|error| de::Error::custom(error.text()))?;
            }
            (Kind::Map, Some(member)) => {
                let inner = Self {
                    shape: member.shape(),
                    format: member.timestamp_format(),
                };
                map = all(entries, inner)?;
            }
            (Kind::Document, _) => map = all(entries, self)?,
            _ => {
                return Err(de::Error::custom(
                    "Start of structure or map found where not expected",
                ));
            }
        }
        Ok(Value::Map(map))
    }
}

/// All entries of a map or of free JSON.
fn all<'de, A: MapAccess<'de>>(mut entries: A, inner: Reader) -> Result<Map, A::Error> {
    let mut read = Vec::new();
    while let Some(name) = entries.next_key::<String>()? {
        read.push((name, entries.next_value_seed(inner)?));
    }
    Ok(read.into_iter().collect())
}

/// A member's name, borrowed where the text has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> de::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        json.deserialize_str(Text)
    }
}

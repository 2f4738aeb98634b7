//! One service model, as records. `catalog::shapes` reads them; its module `tables` documents the
//! layout.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::pattern;
use super::strings::Strings;
use crate::Result;

/// The tables of one service.
pub struct Encoded {
    /// The records.
    pub bin: Vec<u8>,
    /// The text.
    pub text: String,
    /// How many operations there are.
    pub operations: usize,
    /// How many shapes there are.
    pub shapes: usize,
}

/// A section: records of one width.
#[derive(Default)]
struct Records {
    bytes: Vec<u8>,
    count: usize,
}

impl Records {
    fn push(&mut self, fields: &[u16]) {
        self.bytes
            .extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self.count += 1;
    }
}

struct Encoder<'m> {
    shapes: Vec<(&'m String, &'m Map<String, Value>)>,
    numbers: HashMap<&'m str, u16>,
    strings: Strings,
    members: Records,
    constraints: Records,
    known: HashMap<Vec<u8>, u16>,
    words: Records,
}

/// Turns a botocore model into tables. The same model always gives the same bytes.
///
/// # Errors
/// The model lacks something, or holds what the tables cannot express.
pub fn encode(name: &str, model: &Value) -> Result<Encoded> {
    let shapes = sorted(model.get("shapes"), "shapes")?;
    let numbers = shapes
        .iter()
        .enumerate()
        .map(|(number, (name, _))| Ok((name.as_str(), u16::try_from(number)?)))
        .collect::<Result<_>>()?;
    let mut encoder = Encoder {
        shapes,
        numbers,
        strings: Strings::new(),
        members: Records::default(),
        constraints: Records::default(),
        known: HashMap::new(),
        words: Records::default(),
    };
    encoder.encode(name, model)
}

fn sorted<'m>(
    map: Option<&'m Value>,
    what: &str,
) -> Result<Vec<(&'m String, &'m Map<String, Value>)>> {
    let map = map
        .and_then(Value::as_object)
        .ok_or_else(|| format!("no `{what}`"))?;
    let mut entries = map
        .iter()
        .map(|(name, value)| {
            Ok((
                name,
                value
                    .as_object()
                    .ok_or_else(|| format!("`{name}` is no object"))?,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    entries.sort_unstable_by_key(|(name, _)| *name);
    Ok(entries)
}

fn text<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    map.get(key).and_then(Value::as_str)
}

fn object<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Map<String, Value>> {
    map.get(key).and_then(Value::as_object)
}

/// The bits whose members are set in the model, in order from 1.
fn flags(map: &Map<String, Value>, names: &[&str]) -> u16 {
    names.iter().rev().fold(0, |bits, name| {
        bits << 1 | u16::from(map.get(*name).and_then(Value::as_bool).unwrap_or(false))
    })
}

impl<'m> Encoder<'m> {
    fn encode(&mut self, name: &str, model: &'m Value) -> Result<Encoded> {
        let metadata = model
            .get("metadata")
            .and_then(Value::as_object)
            .ok_or("no `metadata`")?;
        let mut bin = b"PSHP\x01\x00".to_vec();
        bin.push(protocol(metadata)?);
        bin.push(u8::from(metadata.contains_key("awsQueryCompatible")));
        for text in self.meta(name, metadata) {
            let number = self.strings.number(text)?;
            bin.extend(number.to_le_bytes());
        }
        let mut operations = Records::default();
        for (name, operation) in sorted(model.get("operations"), "operations")? {
            let record = self
                .operation(operation)
                .map_err(|error| format!("operation `{name}`: {error}"))?;
            operations.push(&record);
        }
        let mut shapes = Records::default();
        for (name, shape) in self.shapes.clone() {
            let record = self
                .shape(name, shape)
                .map_err(|error| format!("shape `{name}`: {error}"))?;
            shapes.push(&record);
        }
        let (offsets, strings, text) =
            std::mem::replace(&mut self.strings, Strings::new()).finish();
        let (operation_count, shape_count) = (operations.count, shapes.count);
        let sections = [
            Records {
                bytes: offsets,
                count: strings,
            },
            operations,
            shapes,
            std::mem::take(&mut self.members),
            std::mem::take(&mut self.constraints),
            std::mem::take(&mut self.words),
        ];
        let mut at = bin.len() + sections.len() * 8;
        for section in &sections {
            bin.extend(u32::try_from(at)?.to_le_bytes());
            bin.extend(u32::try_from(section.count)?.to_le_bytes());
            at += section.bytes.len();
        }
        bin.extend(sections.into_iter().flat_map(|section| section.bytes));
        Ok(Encoded {
            bin,
            text,
            operations: operation_count,
            shapes: shape_count,
        })
    }

    fn meta<'v>(&self, name: &'v str, metadata: &'v Map<String, Value>) -> [Option<&'v str>; 12] {
        let signing = text(metadata, "signingName").or_else(|| text(metadata, "endpointPrefix"));
        let namespace = text(metadata, "xmlNamespace").or_else(|| {
            object(metadata, "xmlNamespace").and_then(|namespace| text(namespace, "uri"))
        });
        let mut meta = [None; 12];
        let values = [
            Some(name),
            text(metadata, "serviceId"),
            text(metadata, "apiVersion"),
            text(metadata, "endpointPrefix"),
            text(metadata, "globalEndpoint"),
            signing,
            text(metadata, "targetPrefix"),
            text(metadata, "jsonVersion"),
            namespace,
        ];
        for (slot, value) in meta.iter_mut().zip(values) {
            *slot = value;
        }
        meta
    }

    fn number(&self, map: &Map<String, Value>) -> Result<u16> {
        let name = text(map, "shape").ok_or("a reference without `shape`")?;
        let number = self
            .numbers
            .get(name)
            .ok_or_else(|| format!("no shape `{name}`"))?;
        Ok(*number)
    }

    fn optional(&self, reference: Option<&Map<String, Value>>) -> Result<u16> {
        reference.map_or(Ok(0), |reference| Ok(self.number(reference)? + 1))
    }

    fn words(&mut self, words: &[u16]) -> Result<[u16; 2]> {
        let first = u16::try_from(self.words.count).map_err(|_| "more than 65535 words")?;
        for word in words {
            self.words.push(&[*word]);
        }
        Ok([first, u16::try_from(words.len())?])
    }

    fn namespace(&mut self, holder: &Map<String, Value>) -> Result<[u16; 2]> {
        let Some(namespace) = holder.get("xmlNamespace") else {
            return Ok([0, 0]);
        };
        let uri = namespace
            .as_str()
            .or_else(|| namespace.get("uri").and_then(Value::as_str));
        let prefix = namespace.get("prefix").and_then(Value::as_str);
        Ok([self.strings.number(uri)?, self.strings.number(prefix)?])
    }

    fn operation(&mut self, operation: &Map<String, Value>) -> Result<[u16; 16]> {
        let http = object(operation, "http").ok_or("no `http`")?;
        let (input, output) = (object(operation, "input"), object(operation, "output"));
        let errors = operation.get("errors").and_then(Value::as_array);
        let errors = errors
            .into_iter()
            .flatten()
            .map(|error| self.number(error.as_object().ok_or("an error is no object")?))
            .collect::<Result<Vec<_>>>()?;
        let [first, count] = self.words(&errors)?;
        let checksum = object(operation, "httpChecksum");
        let checksum_required = checksum
            .and_then(|checksum| checksum.get("requestChecksumRequired"))
            .or_else(|| operation.get("httpChecksumRequired"))
            .and_then(Value::as_bool)
            .unwrap_or(false);
        let unsigned = text(operation, "authtype") == Some("none");
        let flags = u16::from(unsigned)
            | flags(operation, &["deprecated"]) << 1
            | u16::from(checksum_required) << 2;
        let [namespace, prefix] = input.map_or(Ok([0, 0]), |input| self.namespace(input))?;
        let host_prefix = object(operation, "endpoint").and_then(|host| text(host, "hostPrefix"));
        let code = http
            .get("responseCode")
            .and_then(Value::as_u64)
            .unwrap_or(200);
        Ok([
            self.strings.number(text(operation, "name"))?,
            self.strings.number(text(http, "method"))?,
            self.strings.number(text(http, "requestUri"))?,
            u16::try_from(code)?,
            self.optional(input)?,
            self.optional(output)?,
            self.strings
                .number(input.and_then(|input| text(input, "locationName")))?,
            namespace,
            prefix,
            self.strings
                .number(output.and_then(|output| text(output, "resultWrapper")))?,
            first,
            count,
            flags,
            self.strings.number(host_prefix)?,
            self.strings
                .number(checksum.and_then(|found| text(found, "requestAlgorithmMember")))?,
            0,
        ])
    }

    fn shape(&mut self, name: &str, shape: &'m Map<String, Value>) -> Result<[u16; 10]> {
        let kind = kind(shape)?;
        let first = u16::try_from(self.members.count).map_err(|_| "more than 65535 members")?;
        let mut payload = 0;
        match kind {
            0 => payload = self.structure(shape)?,
            1 => self.part(shape, "member")?,
            2 => {
                self.part(shape, "key")?;
                self.part(shape, "value")?;
            }
            _ => {}
        }
        let count = u16::try_from(self.members.count)? - first;
        let error = object(shape, "error");
        let exception = shape.contains_key("exception") || error.is_some();
        let sender = error.is_some_and(|error| flags(error, &["senderFault"]) == 1);
        let bits = flags(shape, &["sensitive", "flattened", "union"])
            | u16::from(exception) << 3
            | flags(shape, &["eventstream"]) << 4
            | u16::from(sender) << 5;
        let status = error
            .and_then(|error| error.get("httpStatusCode"))
            .and_then(Value::as_u64);
        Ok([
            self.strings.number(Some(name))?,
            kind | timestamp_format(shape)? << 8,
            bits,
            first,
            count,
            self.constraint(kind, shape)?,
            payload,
            self.strings.number(text(shape, "locationName"))?,
            self.strings
                .number(error.and_then(|error| text(error, "code")))?,
            u16::try_from(status.unwrap_or(0))?,
        ])
    }

    /// Writes the members; returns 1 + the number of the payload among them.
    fn structure(&mut self, shape: &'m Map<String, Value>) -> Result<u16> {
        let required: Vec<&str> = shape
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let wanted = text(shape, "payload");
        let mut payload = 0;
        let members = object(shape, "members").ok_or("a structure without `members`")?;
        for (number, (name, member)) in members.iter().enumerate() {
            let member = member.as_object().ok_or("a member is no object")?;
            if wanted == Some(name.as_str()) {
                payload = u16::try_from(number + 1)?;
            }
            self.member(name, member, required.contains(&name.as_str()))
                .map_err(|error| format!("member `{name}`: {error}"))?;
        }
        Ok(payload)
    }

    fn part(&mut self, shape: &'m Map<String, Value>, name: &str) -> Result<()> {
        let part = object(shape, name).ok_or_else(|| format!("no `{name}`"))?;
        self.member(name, part, false)
    }

    fn member(&mut self, name: &str, member: &Map<String, Value>, required: bool) -> Result<()> {
        let number = self.number(member)?;
        let shape = self
            .shapes
            .get(usize::from(number))
            .map(|(_, shape)| *shape)
            .ok_or("no shape")?;
        let traits = [
            "flattened",
            "xmlAttribute",
            "streaming",
            "idempotencyToken",
            "jsonvalue",
            "hostLabel",
            "eventpayload",
        ];
        let inherited = flags(shape, &["flattened", "xmlAttribute", "streaming"]);
        let bits = u16::from(required) | (flags(member, &traits) | inherited) << 1;
        let format = match timestamp_format(member)? {
            0 => timestamp_format(shape)?,
            own => own,
        };
        let [namespace, prefix] = match self.namespace(member)? {
            [0, _] => self.namespace(shape)?,
            own => own,
        };
        // The shape's place counts when the reference names none, and its name with it.
        let (place, holder) = match location(member)? {
            0 => (location(shape)?, shape),
            own => (own, member),
        };
        let wire = text(member, "locationName")
            .or_else(|| text(holder, "locationName").filter(|_| place != 0))
            .filter(|wire| *wire != name);
        let record = [
            self.strings.number(Some(name))?,
            self.strings.number(wire)?,
            number,
            bits,
            place | format << 8,
            namespace,
            prefix,
        ];
        self.members.push(&record);
        Ok(())
    }

    /// Writes the constraints, unless the same are there already; returns 1 + their number.
    fn constraint(&mut self, kind: u16, shape: &Map<String, Value>) -> Result<u16> {
        let (min, max) = (shape.get("min"), shape.get("max"));
        let (pattern, values) = (
            text(shape, "pattern"),
            shape.get("enum").and_then(Value::as_array),
        );
        if min.is_none() && max.is_none() && pattern.is_none() && values.is_none() {
            return Ok(0);
        }
        let mut bits = u16::from(min.is_some()) | u16::from(max.is_some()) << 1;
        let (min, min_is_float) = bound(min)?;
        let (max, max_is_float) = bound(max)?;
        bits |= u16::from(min_is_float) << 2 | u16::from(max_is_float) << 3;
        let mut translated = 0;
        if let Some(pattern) = pattern.filter(|_| kind == 3) {
            translated = self.strings.number(pattern::check(pattern)?.as_deref())?;
        }
        let words = values
            .into_iter()
            .flatten()
            .map(|value| self.strings.number(value.as_str()))
            .collect::<Result<Vec<_>>>()?;
        let pattern = self.strings.number(pattern)?;
        let mut key: Vec<u8> = [bits, pattern]
            .iter()
            .flat_map(|field| field.to_le_bytes())
            .collect();
        key.extend([min, max].iter().flat_map(|field| field.to_le_bytes()));
        key.extend(words.iter().flat_map(|field| field.to_le_bytes()));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let [first, count] = self.words(&words)?;
        self.constraints
            .push(&[bits, pattern, translated, first, count]);
        self.constraints
            .bytes
            .extend([min, max].iter().flat_map(|field| field.to_le_bytes()));
        let number = u16::try_from(self.constraints.count)?;
        self.known.insert(key, number);
        Ok(number)
    }
}

fn protocol(metadata: &Map<String, Value>) -> Result<u8> {
    match text(metadata, "protocol") {
        Some("query") => Ok(0),
        Some("json") => Ok(1),
        Some("rest-json") => Ok(2),
        Some("rest-xml") => Ok(3),
        other => Err(format!("protocol {other:?} is not known").into()),
    }
}

fn kind(shape: &Map<String, Value>) -> Result<u16> {
    if shape.get("document").and_then(Value::as_bool) == Some(true) {
        return Ok(11);
    }
    let kinds = [
        "structure",
        "list",
        "map",
        "string",
        "integer",
        "long",
        "float",
        "double",
        "boolean",
        "timestamp",
        "blob",
    ];
    let kind = match text(shape, "type") {
        Some("character") => "string",
        Some("bigdecimal") => "double",
        Some("biginteger") => "long",
        Some(kind) => kind,
        None => return Err("no `type`".into()),
    };
    let number = kinds.iter().position(|known| *known == kind);
    let number = number.ok_or_else(|| format!("type `{kind}` is not known"))?;
    Ok(u16::try_from(number)?)
}

fn timestamp_format(holder: &Map<String, Value>) -> Result<u16> {
    match text(holder, "timestampFormat") {
        None => Ok(0),
        Some("iso8601") => Ok(1),
        Some("rfc822") => Ok(2),
        Some("unixTimestamp") => Ok(3),
        Some(other) => Err(format!("timestamp format `{other}` is not known").into()),
    }
}

fn location(member: &Map<String, Value>) -> Result<u16> {
    match text(member, "location") {
        None => Ok(0),
        Some("header") => Ok(1),
        Some("headers") => Ok(2),
        Some("querystring") => Ok(3),
        Some("uri") => Ok(4),
        Some("statusCode") => Ok(5),
        Some(other) => Err(format!("location `{other}` is not known").into()),
    }
}

/// The bits of a bound, and whether they are a floating-point number.
fn bound(value: Option<&Value>) -> Result<(u64, bool)> {
    match value {
        None => Ok((0, false)),
        Some(value) => match (value.as_i64(), value.as_f64()) {
            (Some(whole), _) => Ok((whole.cast_unsigned(), false)),
            (None, Some(fraction)) => Ok((fraction.to_bits(), true)),
            (None, None) => Err(format!("bound `{value}` is no number").into()),
        },
    }
}

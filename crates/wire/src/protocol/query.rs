//! The query protocol's forms into values.

use std::collections::BTreeMap;

use catalog::shapes::{Kind, Member, Operation, Shape, TimestampFormat};

use super::{Unreadable, scalar};
use crate::uri;
use crate::value::{Map, Value};

/// How deep names may be nested, and how many parameters there may be.
const MAX_DEPTH: usize = 32;
const MAX_PARAMETERS: usize = 50_000;

/// The parameters of a form, as the tree that their dotted names describe.
#[derive(Default)]
struct Node {
    value: Option<String>,
    children: BTreeMap<String, Self>,
}

/// The value of one parameter of a form or query string. The first counts.
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    uri::pairs(form)
        .find(|(known, _)| known == name.as_bytes())
        .and_then(|(_, value)| String::from_utf8(value).ok())
}

/// Reads the input of an operation from a form.
pub(super) fn read(operation: Operation, form: &str) -> Result<Value, Unreadable> {
    let Some(shape) = operation.input() else {
        return Ok(Value::map());
    };
    let mut root = Node::default();
    for (number, (name, value)) in uri::pairs(form).enumerate() {
        if number >= MAX_PARAMETERS {
            return Err(Unreadable::new(format!(
                "more than {MAX_PARAMETERS} parameters"
            )));
        }
        let text = |bytes| {
            String::from_utf8(bytes).map_err(|_| Unreadable::new("a parameter is not UTF-8"))
        };
        root.insert(&text(name)?, text(value)?)?;
    }
    structure(shape, &root)
}

impl Node {
    fn insert(&mut self, name: &str, value: String) -> Result<(), Unreadable> {
        if name.split('.').count() > MAX_DEPTH {
            return Err(Unreadable::new(format!(
                "a name has more than {MAX_DEPTH} parts"
            )));
        }
        let mut node = self;
        for part in name.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.value.get_or_insert(value);
        Ok(())
    }

    /// The children, whose names are numbers, in the order of the numbers.
    fn numbered(&self) -> Result<Vec<&Self>, Unreadable> {
        self.holds_others("list element")?;
        let number = |name: &str| {
            let number: u32 = name.parse().ok()?;
            (number.to_string() == name).then_some(number)
        };
        let mut children = Vec::new();
        for (name, child) in &self.children {
            let number = number(name).ok_or_else(|| {
                Unreadable::new(format!("the members of a list are numbered, not `{name}`"))
            })?;
            children.push((number, child));
        }
        children.sort_by_key(|(number, _)| *number);
        Ok(children.into_iter().map(|(_, child)| child).collect())
    }

    /// What stands below `name`, below which everything must be: what is not read would be lost without
    /// anybody noticing.
    fn only(&self, name: &str) -> Result<Option<&Self>, Unreadable> {
        match self.children.keys().find(|other| *other != name) {
            Some(other) => Err(Unreadable::new(format!(
                "`{name}` is expected where `{other}` is"
            ))),
            None => Ok(self.children.get(name)),
        }
    }

    /// Refuses a plain value where others are to stand below it. An empty one is how an empty list is
    /// written.
    fn holds_others(&self, noun: &str) -> Result<(), Unreadable> {
        match self.value.as_deref() {
            None | Some("") => Ok(()),
            Some(_) => Err(Unreadable::new(format!("Unexpected {noun} termination"))),
        }
    }
}

fn structure(shape: Shape, node: &Node) -> Result<Value, Unreadable> {
    let mut map = Map::new();
    for member in shape.members() {
        let own = node.children.get(member.wire_name());
        let other = || node.children.get(flat_name(member)?);
        let Some(child) = own.or_else(other) else {
            continue;
        };
        if let Some(value) = part(member, child)? {
            map.insert(member.name(), value);
        }
    }
    Unreadable::union(shape, &map)?;
    Ok(Value::Map(map))
}

/// Some clients give a flattened list the name of its members.
fn flat_name(member: Member) -> Option<&'static str> {
    let inner = member.shape().list_member().filter(|_| member.flattened());
    inner.and_then(Member::explicit_wire_name)
}

fn part(member: Member, node: &Node) -> Result<Option<Value>, Unreadable> {
    let shape = member.shape();
    match shape.kind() {
        Kind::Structure => {
            node.holds_others("complex element")?;
            structure(shape, node).map(Some)
        }
        Kind::List => {
            node.holds_others("list element")?;
            list(member, node).map(Some)
        }
        Kind::Map => {
            node.holds_others("map element")?;
            map(member, node).map(Some)
        }
        _ => node
            .value
            .as_deref()
            .map(|text| {
                scalar::read(
                    shape,
                    member.timestamp_format(),
                    TimestampFormat::Iso8601,
                    text,
                )
            })
            .transpose(),
    }
}

fn list(member: Member, node: &Node) -> Result<Value, Unreadable> {
    let Some(inner) = member.shape().list_member() else {
        return Ok(Value::Null);
    };
    let holder = if member.flattened() {
        Some(node)
    } else {
        node.only(inner_name(inner))?
    };
    let mut values = Vec::new();
    for child in holder.map(Node::numbered).transpose()?.unwrap_or_default() {
        values.extend(part(inner, child)?);
    }
    Ok(Value::List(values))
}

fn inner_name(inner: Member) -> &'static str {
    inner.explicit_wire_name().unwrap_or("member")
}

fn map(member: Member, node: &Node) -> Result<Value, Unreadable> {
    let shape = member.shape();
    let (Some(key), Some(value)) = (shape.map_key(), shape.map_value()) else {
        return Ok(Value::Null);
    };
    let holder = if member.flattened() {
        Some(node)
    } else {
        node.only("entry")?
    };
    let mut entries = Vec::new();
    for entry in holder.map(Node::numbered).transpose()?.unwrap_or_default() {
        let name = entry
            .children
            .get(key.wire_name())
            .and_then(|node| node.value.clone());
        let inner = entry.children.get(value.wire_name());
        let read = inner.map(|inner| part(value, inner)).transpose()?.flatten();
        if let (Some(name), Some(read)) = (name, read) {
            entries.push((name, read));
        }
    }
    Ok(Value::Map(entries.into_iter().collect()))
}

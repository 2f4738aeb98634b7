//! Strict JSON (RFC 8259) with the place of every value.
//!
//! The parser never stops at the first error: it reports what it finds and goes on behind it. It is bounded by
//! [`Limits`]. Duplicate keys are kept and reported, since readers disagree on which of them counts.

mod parse;

use crate::document::Limits;
use crate::text::{Diagnostic, Rejected, Source, Span, Spanned};

/// A JSON value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it is written.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string, with its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object, in the order of the text.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// How an error message names the value: "a string", "an object", …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements of an array, or the one value that stands for a list of one.
    #[must_use]
    pub fn as_list(&self) -> &[Self] {
        self.as_array().unwrap_or(std::slice::from_ref(self))
    }

    /// The characters, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member with this key, if it is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_object()?
            .iter()
            .find(|member| member.key.value == key)
            .map(|member| &member.value)
    }

    /// The elements of the array with this key; none if there is no such array.
    #[must_use]
    pub fn elements(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Self::as_array).unwrap_or(&[])
    }

    /// The characters of the string with this key; none if there is no such string.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Self::as_str).unwrap_or("")
    }
}

/// Reads one JSON value, with nothing but white space around it.
///
/// # Errors
/// Every violation of the grammar, every duplicate key, and what exceeds the limits.
pub fn parse(source: &Source, limits: &Limits) -> Result<Node, Rejected> {
    match parse::run(source, limits) {
        (Some(node), diagnostics) if diagnostics.is_empty() => Ok(node),
        (_, diagnostics) => Err(Rejected::new(source.clone(), diagnostics)),
    }
}

/// Reads as much of a JSON value as can be read, with everything that is wrong with it. A part of the value is sound only
/// where no diagnostic lies within its span.
#[must_use]
pub fn parse_partly(source: &Source, limits: &Limits) -> (Option<Node>, Vec<Diagnostic>) {
    parse::run(source, limits)
}

/// Writes text as a JSON string, with quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", control as u32));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

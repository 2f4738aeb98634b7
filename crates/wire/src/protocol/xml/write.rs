//! Values into XML, walking the shapes.

use catalog::shapes::{Kind, Member, Shape, TimestampFormat};

use super::super::{in_body, scalar};
use crate::value::Value;

/// Writes XML. `millis`: timestamps always have milliseconds, as S3 writes them.
pub(in crate::protocol) struct Writer {
    out: String,
    millis: bool,
    readable: bool,
}

impl Writer {
    pub(in crate::protocol) fn new(millis: bool) -> Self {
        Self {
            out: String::with_capacity(512),
            millis,
            readable: false,
        }
    }

    /// A writer that stands for what no XML 1.0 can hold by U+FFFD: its readers would refuse the whole.
    pub(in crate::protocol) fn readable() -> Self {
        Self {
            readable: true,
            ..Self::new(false)
        }
    }

    /// A writer that has written the XML declaration.
    pub(in crate::protocol) fn declared(millis: bool) -> Self {
        let mut writer = Self::new(millis);
        writer
            .out
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        writer
    }

    pub(in crate::protocol) fn finish(self) -> String {
        self.out
    }

    /// `<name xmlns="…">`
    pub(in crate::protocol) fn open_in(&mut self, name: &str, namespace: Option<&str>) {
        self.start(name);
        if let Some(uri) = namespace {
            self.attribute("xmlns", uri);
        }
        self.out.push('>');
    }

    /// An element for a whole structure, with its attributes and in a namespace.
    pub(in crate::protocol) fn root(
        &mut self,
        name: &str,
        namespace: Option<&str>,
        shape: Shape,
        value: &Value,
    ) {
        self.start(name);
        if let Some(uri) = namespace {
            self.attribute("xmlns", uri);
        }
        self.attributes(shape, value);
        self.out.push('>');
        self.members(shape, value);
        self.close(name);
    }

    pub(in crate::protocol) fn open(&mut self, name: &str) {
        self.open_in(name, None);
    }

    pub(in crate::protocol) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    pub(in crate::protocol) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    fn start(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.text(value);
        self.out.push('"');
    }

    /// Text with everything escaped that is markup or that XML readers change or refuse.
    pub(in crate::protocol) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\u{0}'..='\u{8}'
                | '\u{b}'
                | '\u{c}'
                | '\u{e}'..='\u{1f}'
                | '\u{fffe}'
                | '\u{ffff}'
                    if self.readable =>
                {
                    self.out.push('\u{fffd}');
                }
                '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{85}' | '\u{2028}' => {
                    self.out.push_str(&format!("&#x{:X};", u32::from(c)));
                }
                _ => self.out.push(c),
            }
        }
    }

    /// The body members of a structure, without an element around them.
    pub(in crate::protocol) fn members(&mut self, shape: Shape, value: &Value) {
        for member in shape.members() {
            if !in_body(member) || member.xml_attribute() {
                continue;
            }
            if let Some(value) = value.get(member.name()) {
                self.member(member, value);
            }
        }
    }

    fn member(&mut self, member: Member, value: &Value) {
        if !member.flattened() {
            self.element(member.wire_name(), member, value);
            return;
        }
        let shape = member.shape();
        match (
            value,
            shape.list_member(),
            shape.map_key(),
            shape.map_value(),
        ) {
            (Value::List(values), Some(inner), ..) => {
                for value in values {
                    self.element(member.wire_name(), inner, value);
                }
            }
            (Value::Map(_), _, Some(key), Some(inner)) => {
                self.entries(member.wire_name(), key, inner, value);
            }
            _ => {}
        }
    }

    /// An element of this name with the value in it.
    pub(in crate::protocol) fn element(&mut self, name: &str, member: Member, value: &Value) {
        let shape = member.shape();
        self.start(name);
        if let Some((uri, prefix)) = member.namespace() {
            match prefix {
                Some(prefix) => self.attribute(&format!("xmlns:{prefix}"), uri),
                None => self.attribute("xmlns", uri),
            }
        }
        if shape.kind() == Kind::Structure {
            self.attributes(shape, value);
        }
        self.out.push('>');
        match (
            shape.kind(),
            value,
            shape.list_member(),
            shape.map_key(),
            shape.map_value(),
        ) {
            (Kind::Structure, ..) => self.members(shape, value),
            (_, Value::List(values), Some(inner), ..) => {
                let name = inner.explicit_wire_name().unwrap_or("member");
                for value in values {
                    self.element(name, inner, value);
                }
            }
            (_, Value::Map(_), _, Some(key), Some(inner)) => {
                self.entries("entry", key, inner, value);
            }
            _ => {
                let format = TimestampFormat::Iso8601;
                let named = member.timestamp_format();
                if let Some(text) = scalar::write(value, named, format, self.millis) {
                    self.text(&text);
                }
            }
        }
        self.close(name);
    }

    fn attributes(&mut self, shape: Shape, value: &Value) {
        for member in shape.members().filter(|member| member.xml_attribute()) {
            let Some(value) = value.get(member.name()) else {
                continue;
            };
            let named = member.timestamp_format();
            let text = scalar::write(value, named, TimestampFormat::Iso8601, self.millis);
            self.attribute(member.wire_name(), &text.unwrap_or_default());
        }
    }

    fn entries(&mut self, name: &str, key: Member, inner: Member, value: &Value) {
        for (entry, value) in value.as_map().into_iter().flat_map(crate::value::Map::iter) {
            self.open(name);
            self.leaf(key.wire_name(), entry);
            self.element(inner.wire_name(), inner, value);
            self.close(name);
        }
    }
}

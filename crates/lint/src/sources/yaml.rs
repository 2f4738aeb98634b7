//! YAML, as the JSON it means, with the place of every value.
//!
//! CloudFormation's short forms become the long ones: `!Sub text` is `{"Fn::Sub": "text"}`.

use policy::document::Limits;
use policy::json::{Member, Node, Value};
use policy::text::{Diagnostic, Source, Span, Spanned};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::HashMap;

/// A collection that is open.
enum Open {
    List(Vec<Node>),
    Map(Vec<Member>, Option<Spanned<String>>),
}

struct Builder {
    open: Vec<(Open, usize, usize, Option<String>)>,
    documents: Vec<Node>,
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
}

pub(super) fn parse(source: &Source, limits: &Limits) -> Result<Vec<Node>, Diagnostic> {
    if source.text().len() > limits.bytes {
        let reason = format!("the text is longer than {} bytes", limits.bytes);
        return Err(Diagnostic::new(Span::new(0, 0), reason).with_fix("split it"));
    }
    let offsets = Offsets::of(source.text());
    let mut builder = Builder {
        open: Vec::new(),
        documents: Vec::new(),
        anchors: HashMap::new(),
        values: 0,
    };
    for event in Parser::new_from_str(source.text()) {
        let (event, place) = event.map_err(|error| {
            let at = offsets.byte(error.marker().index());
            let rest = source.text().get(at..).and_then(|rest| rest.chars().next());
            let end = at + rest.map_or(0, char::len_utf8);
            let reason = format!("this is no YAML: {}", error.info());
            Diagnostic::new(Span::new(at, end), reason)
        })?;
        let span = Span::new(
            offsets.byte(place.start.index()),
            offsets.byte(place.end.index()),
        );
        builder.event(event, span);
        if builder.open.len() > limits.depth || builder.values > limits.values {
            let reason = "the text nests deeper, or holds more values, than is read";
            return Err(Diagnostic::new(span, reason).with_fix("split it"));
        }
    }
    Ok(builder.documents)
}

/// From characters, which the parser counts, to bytes.
struct Offsets(Option<Vec<u32>>, usize);

impl Offsets {
    fn of(text: &str) -> Self {
        let wide = || {
            text.char_indices()
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        Self((!text.is_ascii()).then(wide), text.len())
    }

    fn byte(&self, character: usize) -> usize {
        match &self.0 {
            None => character.min(self.1),
            Some(map) => map.get(character).map_or(self.1, |at| *at as usize),
        }
    }
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) {
        self.values += 1;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                let node = Node { span, value };
                self.close(wrapped(node, short_form(tag.as_deref())), anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                let open = Open::List(Vec::new());
                self.start(open, span, anchor, tag.as_deref());
            }
            Event::MappingStart(anchor, tag) => {
                let open = Open::Map(Vec::new(), None);
                self.start(open, span, anchor, tag.as_deref());
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let (mut node, size) = match self.anchors.get(&anchor) {
                    Some((node, size)) => (node.clone(), *size),
                    None => (null(span), 1),
                };
                // The copy keeps the places of what it copies; it counts in full, so that copies of copies are bounded.
                self.values = self.values.saturating_add(size);
                if node.as_object().is_none() && node.as_array().is_none() {
                    node.span = span;
                }
                self.close(node, 0);
            }
            _ => {}
        }
    }

    fn start(&mut self, open: Open, span: Span, anchor: usize, tag: Option<&Tag>) {
        self.open
            .push((open, span.start as usize, anchor, short_form(tag)));
    }

    fn end(&mut self, span: Span) {
        let Some((open, start, anchor, tag)) = self.open.pop() else {
            return;
        };
        let value = match open {
            Open::List(elements) => Value::Array(elements),
            Open::Map(members, _) => Value::Object(merged(members)),
        };
        let end = match &value {
            // A block's end is noted at the next token, far behind its last character.
            Value::Array(elements) => elements.last().map(|element| element.span.end),
            Value::Object(members) => members.last().map(|member| member.value.span.end),
            _ => None,
        };
        let is_flow = span.end > span.start;
        let end = match end {
            Some(end) if !is_flow => end as usize,
            _ => span.end as usize,
        };
        let span = Span::new(start, end.max(start));
        self.close(wrapped(Node { span, value }, tag), anchor);
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let size = count(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some((Open::List(elements), ..)) => elements.push(node),
            Some((Open::Map(members, key), ..)) => match key.take() {
                Some(key) => members.push(Member { key, value: node }),
                None => {
                    let text = match node.value {
                        Value::String(text) | Value::Number(text) => text,
                        Value::Bool(value) => value.to_string(),
                        _ => String::new(),
                    };
                    *key = Some(Spanned::new(text, node.span));
                }
            },
        }
    }
}

fn null(span: Span) -> Node {
    Node {
        span,
        value: Value::Null,
    }
}

fn count(node: &Node) -> usize {
    match &node.value {
        Value::Array(elements) => elements.iter().map(count).sum::<usize>() + 1,
        Value::Object(members) => members.iter().map(|m| count(&m.value)).sum::<usize>() + 1,
        _ => 1,
    }
}

/// `<<` takes in the members of another mapping.
fn merged(members: Vec<Member>) -> Vec<Member> {
    if members.iter().all(|member| member.key.value != "<<") {
        return members;
    }
    let (merges, mut own): (Vec<Member>, Vec<Member>) = members
        .into_iter()
        .partition(|member| member.key.value == "<<");
    for merge in merges {
        for other in merge.value.as_object().unwrap_or(&[]) {
            if own.iter().all(|member| member.key.value != other.key.value) {
                own.push(other.clone());
            }
        }
    }
    own
}

/// The long form of a CloudFormation tag: `Ref` and `Condition` as they are, `Fn::…` for the others.
fn short_form(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.handle == "!")?;
    match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => Some(name.to_owned()),
        name => Some(format!("Fn::{name}")),
    }
}

fn wrapped(node: Node, tag: Option<String>) -> Node {
    match tag {
        None => node,
        Some(name) => Node {
            span: node.span,
            value: Value::Object(vec![Member {
                key: Spanned::new(name, node.span),
                value: node,
            }]),
        },
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Value::String(text.to_owned());
    }
    match text {
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        // Numbers stay texts, as CloudFormation takes them: account ids have leading zeros.
        text => Value::String(text.to_owned()),
    }
}

//! XML: a small tree that documents are read into, and writing.

pub(super) mod read;
pub(super) mod write;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::Unreadable;

/// How deep elements may be nested, and how many there may be.
const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 100_000;

/// An element of a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name with its prefix.
    pub(crate) name: String,
    /// Name with prefix, and value.
    pub(crate) attributes: Vec<(String, String)>,
    /// The text directly in it.
    pub(crate) text: String,
    pub(crate) children: Vec<Self>,
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl Element {
    /// Reads a document. Document types (and so entities of one's own) are refused.
    pub(crate) fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open: Vec<Self> = vec![Self::default()];
        let mut elements = 0_usize;
        loop {
            let event = reader
                .read_event()
                .map_err(|error| Unreadable::new(error.to_string()))?;
            match event {
                Event::Start(start) => {
                    elements += 1;
                    if open.len() > MAX_DEPTH || elements > MAX_ELEMENTS {
                        return Err(Unreadable::new("too many elements"));
                    }
                    open.push(Self::opened(&start)?);
                }
                Event::Empty(start) => {
                    elements += 1;
                    if elements > MAX_ELEMENTS {
                        return Err(Unreadable::new("too many elements"));
                    }
                    let element = Self::opened(&start)?;
                    top(&mut open)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open
                        .pop()
                        .ok_or_else(|| Unreadable::new("unopened element"))?;
                    top(&mut open)?.children.push(element);
                }
                Event::Text(text) => {
                    let text = text.xml_content(XmlVersion::Implicit1_0);
                    top(&mut open)?.text.push_str(&text);
                }
                Event::CData(text) => {
                    let text = text.xml_content(XmlVersion::Implicit1_0);
                    top(&mut open)?.text.push_str(&text);
                }
                Event::GeneralRef(reference) => {
                    let text = reference.xml_content(XmlVersion::Implicit1_0);
                    let known = quick_xml::escape::resolve_xml_entity(&text).map(str::to_owned);
                    let resolved = reference
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .map(String::from);
                    let resolved = known.or(resolved);
                    let resolved = resolved.ok_or_else(|| Unreadable::new("unknown entity"))?;
                    top(&mut open)?.text.push_str(&resolved);
                }
                Event::DocType(_) => return Err(Unreadable::new("document type declared")),
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
        let root = open.pop().filter(|_| open.is_empty()).unwrap_or_default();
        let mut roots = root.children.into_iter();
        match (roots.next(), roots.next()) {
            (Some(element), None) if root.text.trim().is_empty() => Ok(element),
            _ => Err(Unreadable::new("a document has one root element")),
        }
    }

    fn opened(start: &BytesStart<'_>) -> Result<Self, Unreadable> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| Unreadable::new(error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| Unreadable::new(error.to_string()))?;
            let name = attribute.key.as_ref().to_owned();
            attributes.push((text_of(name)?, value.into_owned()));
        }
        let name = text_of(start.name().as_ref().to_owned())?;
        Ok(Self {
            name,
            attributes,
            ..Self::default()
        })
    }

    /// The children of this name, whatever their prefix.
    pub(crate) fn named<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e Self> {
        self.children
            .iter()
            .filter(move |child| local(&child.name) == local(name))
    }
}

fn text_of(name: impl Into<Vec<u8>>) -> Result<String, Unreadable> {
    String::from_utf8(name.into()).map_err(|_| Unreadable::new("a name is not UTF-8"))
}

fn top(open: &mut [Element]) -> Result<&mut Element, Unreadable> {
    open.last_mut()
        .ok_or_else(|| Unreadable::new("unopened element"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_trees() {
        let text = "<?xml version=\"1.0\"?>\n<!-- c --><a x:y='1 &lt; 2'><b>&amp;&#65;<![CDATA[<]]></b><b/></a>\n";
        let root = Element::parse(text).unwrap();
        assert_eq!(root.name, "a");
        assert_eq!(root.attributes, [("x:y".to_owned(), "1 < 2".to_owned())]);
        let texts: Vec<&str> = root.named("b").map(|b| b.text.as_str()).collect();
        assert_eq!(texts, ["&A<", ""]);
    }

    #[test]
    fn hostile_documents_are_refused() {
        let deep = "<a>".repeat(40);
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<a b='1' b='2'/>",
            &deep,
        ] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        assert!(Element::parse(&many).is_err());
    }
}

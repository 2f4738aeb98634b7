//! A policy as JSON in a string of a larger text, with every place in that text.

use crate::model::Syntax;
use crate::text;
use policy::document::Limits;
use policy::json::{self, Member, Node, Value};
use policy::text::{Diagnostic, Source, Span, Spanned};

/// What a string holds.
pub(super) enum Embedded {
    /// Nothing.
    Empty,
    /// A text that is known at deployment only.
    Unknown,
    /// JSON with errors.
    Broken(Vec<Diagnostic>),
    /// A JSON value.
    Policy(Node, Syntax),
}

pub(super) fn read(source: &Source, node: &Node, outer: Syntax, limits: &Limits) -> Embedded {
    let Some(value) = node.as_str() else {
        return Embedded::Empty;
    };
    let trimmed = value.trim_start();
    if trimmed.is_empty() {
        return Embedded::Empty;
    }
    if trimmed.chars().all(text::is_hole) {
        return Embedded::Unknown;
    }
    let raw = source.slice(node.span);
    let encoded = trimmed.starts_with('%');
    let decoded = if encoded {
        match percent_decoded(value) {
            Some(decoded) => decoded,
            None => value.to_owned(),
        }
    } else {
        value.to_owned()
    };
    let map = align(raw, &decoded, encoded);
    let (parsed, diagnostics) = json::parse_partly(&Source::new(decoded.as_str()), limits);
    let doubled = parsed
        .as_ref()
        .map_or_else(Vec::new, super::plain::doubled_keys);
    let places = Places {
        base: node.span.start as usize,
        whole: node.span,
        map,
    };
    let mut diagnostics: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| !doubled.contains(&diagnostic.span))
        .collect();
    if !diagnostics.is_empty() && decoded.contains(text::is_hole) {
        return Embedded::Unknown;
    }
    for diagnostic in &mut diagnostics {
        diagnostic.span = places.of(diagnostic.span);
    }
    match parsed {
        Some(parsed) if diagnostics.is_empty() => {
            let syntax = syntax(raw, outer, encoded || places.map.is_none());
            Embedded::Policy(places.moved(parsed), syntax)
        }
        _ => Embedded::Broken(diagnostics),
    }
}

fn syntax(raw: &str, outer: Syntax, fixed: bool) -> Syntax {
    match outer {
        _ if fixed => Syntax::Fixed,
        Syntax::Json(depth) => Syntax::Json(depth.saturating_add(1)),
        Syntax::Yaml if raw.starts_with('"') => Syntax::Json(1),
        Syntax::Yaml => Syntax::Json(0),
        Syntax::Fixed => Syntax::Fixed,
    }
}

/// From offsets in the decoded text to places in the file.
struct Places {
    base: usize,
    whole: Span,
    map: Option<Vec<u32>>,
}

impl Places {
    fn of(&self, span: Span) -> Span {
        let at = |offset: u32| {
            let raw = self.map.as_ref()?.get(offset as usize)?;
            Some(self.base + *raw as usize)
        };
        match (at(span.start), at(span.end)) {
            (Some(start), Some(end)) => Span::new(start, end),
            _ => self.whole,
        }
    }

    fn moved(&self, node: Node) -> Node {
        let value = match node.value {
            Value::Array(elements) => {
                Value::Array(elements.into_iter().map(|e| self.moved(e)).collect())
            }
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|member| Member {
                        key: Spanned::new(member.key.value, self.of(member.key.span)),
                        value: self.moved(member.value),
                    })
                    .collect(),
            ),
            plain => plain,
        };
        Node {
            span: self.of(node.span),
            value,
        }
    }
}

/// For each byte of `value`, and for its end, where in `raw` it comes from. `raw` is `value` as it is written: quoted,
/// escaped, indented, folded, URL-encoded, or with template expressions where `value` has holes. `None` where the two
/// do not fit together in a way known here.
fn align(raw: &str, value: &str, encoded: bool) -> Option<Vec<u32>> {
    let mut at = Cursor::new(raw);
    let mut map = Vec::with_capacity(value.len() + 1);
    for character in value.chars() {
        let start = at.find(character, encoded)?;
        for _ in 0..character.len_utf8() {
            map.push(u32::try_from(start).ok()?);
        }
    }
    map.push(u32::try_from(at.at).ok()?);
    Some(map)
}

struct Cursor<'a> {
    raw: &'a str,
    at: usize,
    escapes: bool,
}

impl<'a> Cursor<'a> {
    fn new(raw: &'a str) -> Self {
        let at = match raw.chars().next() {
            Some('"' | '\'') => 1,
            Some('|' | '>') => raw.find('\n').map_or(raw.len(), |at| at + 1),
            _ => 0,
        };
        Self {
            raw,
            at,
            escapes: raw.starts_with('"'),
        }
    }

    fn rest(&self) -> &'a str {
        self.raw.get(self.at..).unwrap_or("")
    }

    /// Goes behind the next occurrence of a decoded character; where it begins.
    fn find(&mut self, wanted: char, encoded: bool) -> Option<usize> {
        loop {
            let start = self.at;
            let rest = self.rest();
            let next = rest.chars().next()?;
            if text::is_hole(wanted) && rest.starts_with("${") {
                self.at += rest.find('}')? + 1;
                return Some(start);
            }
            if text::is_hole(wanted) && rest.starts_with("{{") {
                self.at += rest.find("}}")? + 2;
                return Some(start);
            }
            if self.escapes
                && next == '\\'
                && let Some((character, length)) = escape(rest)
            {
                if character != wanted {
                    return None;
                }
                self.at += length;
                return Some(start);
            }
            if encoded
                && next == '%'
                && let Some((character, length)) = percent(rest)
            {
                if character != wanted {
                    return None;
                }
                self.at += length;
                return Some(start);
            }
            let both_space = next.is_whitespace() && wanted.is_whitespace();
            if next == wanted || both_space {
                self.at += next.len_utf8();
                return Some(start);
            }
            let before = self.raw.get(..start).unwrap_or("");
            let skipped = next.is_whitespace()
                || (next == '!' && before.ends_with("${"))
                || (next == '$' && before.ends_with('$'))
                || (next == '\'' && before.ends_with('\'') && !self.escapes);
            if !skipped {
                return None;
            }
            self.at += next.len_utf8();
        }
    }
}

/// A JSON escape at the front: what it means, and its length.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let character = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let first = unit(2)?;
            if !(0xd800..0xdc00).contains(&first) {
                return Some((char::from_u32(first)?, 6));
            }
            let second = unit(8)?.checked_sub(0xdc00)?;
            let code = 0x1_0000 + ((first - 0xd800) << 10) + second;
            return Some((char::from_u32(code)?, 12));
        }
        byte => char::from(*byte),
    };
    Some((character, 2))
}

/// A URL-encoded character at the front: what it means, and its length.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    while bytes.len() < 4 {
        let at = bytes.len() * 3;
        let code = text.get(at..at + 3)?.strip_prefix('%')?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        if let Ok(text) = str::from_utf8(&bytes) {
            return Some((text.chars().next()?, bytes.len() * 3));
        }
    }
    None
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (character, length) = match first {
            '%' => percent(rest)?,
            plain => (plain, plain.len_utf8()),
        };
        out.push(character);
        rest = rest.get(length..)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(raw: &str, value: &str, part: &str, encoded: bool) -> String {
        let map = align(raw, value, encoded).expect("fits");
        let start = value.find(part).expect("there");
        let (from, to) = (map[start] as usize, map[start + part.len()] as usize);
        raw.get(from..to).expect("a place").to_owned()
    }

    #[test]
    fn places_are_found_through_every_way_of_writing() {
        let value = "{\"a\":\n  \"ü${b}\"}";
        assert_eq!(
            place_of(
                "\"{\\\"a\\\":\\n  \\\"\\u00fc${b}\\\"}\"",
                value,
                "ü",
                false
            ),
            "\\u00fc"
        );
        assert_eq!(
            place_of("|\n   {\"a\":\n     \"ü${b}\"}\n", value, "${b}", false),
            "${b}"
        );
        assert_eq!(
            place_of("%7B%22a%22:%0A  %22%C3%BC${b}%22%7D", value, "ü", true),
            "%C3%BC"
        );
        let hole = format!("x{}y", text::UNKNOWN);
        assert_eq!(place_of("\"x${Bucket}y\"", &hole, "y", false), "y");
        assert_eq!(place_of("'it''s'", "it's", "s", false), "s");
    }

    #[test]
    fn texts_that_do_not_fit_have_no_places() {
        assert_eq!(align("\"abc\"", "abd", false), None);
        assert_eq!(align("", "a", false), None);
    }
}
